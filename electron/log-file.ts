import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const MOST_BYTES = 5 * 1024 * 1024

/** The shell's own log: a line at a time, written at once so that a crash loses none; one older file is kept. */
export function logFileWriter(file: string): (line: string) => void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return (line) => {
    try {
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES) renameSync(file, `${file}.1`)
      appendFileSync(file, `${line}\n`, { mode: 0o600 })
    } catch {
      // A full disk must not take the host down because of its log.
    }
  }
}
