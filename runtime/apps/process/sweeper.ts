import { delay, systemClock } from '../../core/clock.ts'
import { keepAlive } from './keep-alive.ts'
import { signalProcess } from './kill.ts'
import { environmentOf, processIds } from './proc-fs.ts'

/** Variables that tell whose child a process is: an app's, or an installation script's. */
export const MARKERS = { app: 'ATEK_ASSIGNED_SOCKET_FILE', script: 'ATEK_INSTALL_FOLDER' } as const

/**
 * Finds processes by an entry of their environment. An app's descendants may leave its process group (setsid, A45),
 * but what they were started with stays readable. Linux only; elsewhere it finds nothing.
 */
export async function markedProcesses(matches: (entry: string) => boolean): Promise<number[]> {
  if (process.platform !== 'linux') return []
  const found: number[] = []
  for (const pid of await processIds()) {
    if (pid === process.pid || pid === process.ppid) continue
    if ((await environmentOf(pid)).some(matches)) found.push(pid)
  }
  return found
}

/** Kills them, and those that they had started meanwhile. Resolves when none is left; one that cannot end is given up. */
export async function killMarked(matches: (entry: string) => boolean): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const found = await markedProcesses(matches)
    if (found.length === 0) return
    for (const pid of found) signalProcess(pid, 'SIGKILL')
    // On a busy computer a killed process needs a moment until it is gone.
    if (round > 1) await keepAlive(() => delay(systemClock, 10))
  }
}

/** Sweeps after single apps. Many that end together, as when the host stops, are found in one look over /proc. */
export class Sweeper {
  #waiting = new Set<string>()
  #next: Promise<void> | null = null
  #current: Promise<void> = Promise.resolve()

  /** Resolves when no process is left that was started with `entry` in its environment. */
  sweep(entry: string): Promise<void> {
    this.#waiting.add(entry)
    this.#next ??= this.#current.then(() => {
      const entries = this.#waiting
      this.#waiting = new Set()
      this.#next = null
      this.#current = killMarked((found) => entries.has(found))
      return this.#current
    })
    return this.#next
  }
}
