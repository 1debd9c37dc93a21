import { join } from 'node:path'
import type { LogLine } from '../../contract/models.ts'
import type { Clock } from '../../core/clock.ts'
import type { Emitter } from '../../core/emitter.ts'
import type { HostPaths } from '../../core/host-paths.ts'
import type { Logger } from '../../core/logger.ts'
import { remove } from '../folders.ts'
import type { LoggedLines, LogQuery } from '../types.ts'
import { RotatingLog } from './rotating-log.ts'

interface AppLogsDeps {
  paths: HostPaths
  clock: Clock
  logger: Logger
  logged: Emitter<LoggedLines>
}

/** What apps print and what the host has to say about them, on disk and announced as it comes. */
export class AppLogs {
  readonly #deps: AppLogsDeps
  readonly #logs = new Map<string, RotatingLog>()
  readonly #failing = new Set<string>()

  constructor(deps: AppLogsDeps) {
    this.#deps = deps
  }

  /**
   * Writes lines, already masked. Waiting for it before reading on is what slows down an app that floods its log
   * (A45). A log that cannot be written harms neither app nor host: it is reported once, the lines are lost.
   */
  async write(key: string, stream: LogLine['stream'], texts: string[]): Promise<void> {
    if (texts.length === 0) return
    const { clock, logged, logger } = this.#deps
    const at = clock.now()
    try {
      const lines = await this.#log(key).append(texts.map((text) => ({ at, stream, text })))
      this.#failing.delete(key)
      logged.fire({ key, lines })
    } catch (error) {
      if (!this.#failing.has(key)) logger.error('the log of an app cannot be written', { key, error })
      this.#failing.add(key)
    }
  }

  read(key: string, { before = Number.POSITIVE_INFINITY, limit }: LogQuery): Promise<LogLine[]> {
    return this.#log(key).read(before, limit)
  }

  async delete(key: string): Promise<void> {
    await this.#logs.get(key)?.idle()
    this.#logs.delete(key)
    this.#failing.delete(key)
    await remove(join(this.#deps.paths.logs, key))
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log.idle()))
  }

  #log(key: string): RotatingLog {
    const log = this.#logs.get(key) ?? new RotatingLog(join(this.#deps.paths.logs, key))
    this.#logs.set(key, log)
    return log
  }
}
