import type { ProcessStats } from '../../runtime/contract/models.ts'
import { createStore } from './store.ts'

/** For apps whose configuration was changed while they ran: when the process that has the old one was started. */
export const restartNeededStore = createStore<ReadonlyMap<string, number>>(new Map())

/** To be called when an app's configuration has been changed. */
export function noteConfigChange(key: string, process: ProcessStats | null): void {
  const next = new Map(restartNeededStore.get())
  if (process === null) next.delete(key)
  else next.set(key, process.startedAt)
  restartNeededStore.set(next)
}

/** Whether this very process still has the old configuration. */
export function runsOldConfig(noted: ReadonlyMap<string, number>, key: string, process: ProcessStats | null): boolean {
  return process !== null && noted.get(key) === process.startedAt
}
