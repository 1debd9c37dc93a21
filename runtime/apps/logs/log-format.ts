import type { LogLine } from '../../contract/models.ts'

const NEWLINE = 0x0a
const LINE = /^(\d+) (\S+) (stdout|stderr|host) ?(.*)$/s

/** A line as it lies in the file: number, time, stream, text. Text has no line end. */
export function formatLine(line: LogLine): string {
  return `${line.seq} ${new Date(line.at).toISOString()} ${line.stream} ${line.text}\n`
}

/** Null for a line that a killed host wrote in part only. */
export function parseLine(text: string): LogLine | null {
  const [, seq, at, stream, rest] = LINE.exec(text) ?? []
  if (seq === undefined || at === undefined || rest === undefined) return null
  if (stream !== 'stdout' && stream !== 'stderr' && stream !== 'host') return null
  const time = Date.parse(at)
  return Number.isNaN(time) ? null : { seq: Number(seq), at: time, stream, text: rest }
}

/** The last `limit` lines with a number below `before`, oldest first, of a file's content, whose numbers only grow. */
export function lastLines(content: Buffer, before: number, limit: number): LogLine[] {
  const lines: LogLine[] = []
  let end = startOfLine(content, before)
  while (end > 0 && lines.length < limit) {
    const start = lineStart(content, end - 1)
    const line = parseLine(content.toString('utf8', start, end - 1))
    if (line !== null && line.seq < before) lines.push(line)
    end = start
  }
  return lines.reverse()
}

/** Where the line that `at` lies in begins; a line's end belongs to it. */
function lineStart(content: Buffer, at: number): number {
  return at === 0 ? 0 : content.lastIndexOf(NEWLINE, at - 1) + 1
}

/** Offset of the first line whose number is at least `seq`, found by halving: a page deep in a file costs no more. */
function startOfLine(content: Buffer, seq: number): number {
  let low = 0
  let high = content.length
  while (low < high) {
    const start = lineStart(content, (low + high) >>> 1)
    const found = Number.parseInt(content.toString('latin1', start, start + 16), 10)
    const newline = content.indexOf(NEWLINE, start)
    const next = newline === -1 ? content.length : newline + 1
    // A damaged line has no number: counted as early, it is looked at and left out later.
    if (found >= seq) high = start
    else low = next
  }
  return low
}
