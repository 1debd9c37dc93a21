import { LIMITS } from '../../contract/limits.ts'
import type { RunExit } from './app-run.ts'
import type { NotReady } from './ready.ts'

/** Why an app counts as crashed, each one sentence for a person, beginning with "It". */

export function exitReason(exit: RunExit, ready: boolean): string {
  const when = ready ? 'ended by itself' : 'ended before it listened'
  if (exit.error !== null) return `It could not be started: ${exit.error}.`
  if (exit.signal !== null) return `It ${when}, by the signal ${exit.signal}.`
  return `It ${when}, with exit code ${exit.exitCode}.`
}

export function notReadyReason(missing: NotReady): string {
  const seconds = LIMITS.appReadyTimeout / 1000
  return missing === 'not-listening'
    ? `It did not listen within ${seconds} seconds; an app must listen on the socket that ATEK_ASSIGNED_SOCKET_FILE names.`
    : `It listens, but did not answer a first request (HEAD /) within ${seconds} seconds.`
}

export function failedStart(title: string, reason: string): string {
  return `${title} did not start. ${reason} See its log, correct the app, and start it again.`
}
