import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LIMITS } from '../../contract/limits.ts'
import type { LogLine } from '../../contract/models.ts'
import { formatLine, lastLines } from './log-format.ts'

/**
 * One app's output on disk: `app.log`, then `app.log.1` … older. Reads and writes happen one after the other, so that
 * a reader never meets a file that is being moved.
 */
export class RotatingLog {
  readonly #folder: string
  #queue: Promise<unknown> = Promise.resolve()
  #next = 0
  #size = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Numbers the lines and writes them. Resolves with the lines once they are written. */
  append(lines: Omit<LogLine, 'seq'>[]): Promise<LogLine[]> {
    return this.#enqueue(async () => {
      if (this.#next === 0) await this.#open()
      const numbered = lines.map((line) => ({ ...line, seq: this.#next++ }))
      const text = Buffer.from(numbered.map(formatLine).join(''))
      if (this.#size > 0 && this.#size + text.length > LIMITS.logFileBytes) await this.#rotate()
      await appendFile(this.#file(0), text, { mode: 0o600 })
      this.#size += text.length
      return numbered
    })
  }

  /** The newest `limit` lines before number `before`, oldest first. */
  read(before: number, limit: number): Promise<LogLine[]> {
    return this.#enqueue(async () => {
      let lines: LogLine[] = []
      for (let age = 0; age < LIMITS.logFiles && lines.length < limit; age++) {
        const content = await readIfThere(this.#file(age))
        if (content === null) break
        lines = [...lastLines(content, before, limit - lines.length), ...lines]
      }
      return lines
    })
  }

  /** Resolves when nothing is being written or read any more. */
  idle(): Promise<void> {
    return this.#enqueue(async () => {})
  }

  #file(age: number): string {
    return join(this.#folder, age === 0 ? 'app.log' : `app.log.${age}`)
  }

  /** Goes on where an earlier run stopped; a line that it could not finish is ended. */
  async #open(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const content = await readIfThere(this.#file(0))
    if (content !== null && content.length > 0 && content.at(-1) !== 0x0a) {
      await appendFile(this.#file(0), '\n')
    }
    this.#size = await stat(this.#file(0)).then(
      (found) => found.size,
      () => 0,
    )
    const older = content !== null && content.length > 0 ? content : await readIfThere(this.#file(1))
    this.#next = (lastLines(older ?? Buffer.alloc(0), Number.POSITIVE_INFINITY, 1)[0]?.seq ?? 0) + 1
  }

  async #rotate(): Promise<void> {
    for (let age = LIMITS.logFiles - 1; age > 0; age--) {
      await rename(this.#file(age - 1), this.#file(age)).catch(ignoreMissing)
    }
    this.#size = 0
  }

  #enqueue<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(run)
    this.#queue = result.catch(() => {})
    return result
  }
}

function readIfThere(file: string): Promise<Buffer | null> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    ignoreMissing(error)
    return null
  })
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
