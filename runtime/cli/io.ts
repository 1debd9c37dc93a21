import type { Readable, Writable } from 'node:stream'

/** Where a command reads and writes; the process's own streams, or a test's. */
export interface CliIo {
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable
  stderr: Writable
}

/** The command was written wrong: exit code 2, and where to read how it is written. */
export class UsageError extends Error {}

// Control and direction marks.
const MARKS = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu

/** Text that an app or its author wrote, made harmless to a terminal: no escape sequences, no direction marks (A29). */
export function plain(text: string): string {
  return text.replace(MARKS, '\ufffd')
}

/** Rows under a heading, in columns. */
export function table(heading: string[], rows: string[][]): string {
  const lines = [heading, ...rows.map((row) => row.map(plain))]
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}
