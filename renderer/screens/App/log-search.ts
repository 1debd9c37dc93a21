import type { LogLine } from '../../../runtime/contract/models.ts'
import { visibleLogLine } from '../../format/text.ts'

/** Indexes of the lines that hold the text, in order. */
export function findLines(lines: readonly LogLine[], text: string): number[] {
  const wanted = text.toLowerCase()
  if (wanted === '') return []
  const found: number[] = []
  lines.forEach((line, index) => {
    if (line.text.toLowerCase().includes(wanted)) found.push(index)
  })
  return found
}

/** The place in `found` to go to next; around the ends. `from` is the index of the line one is at. */
export function nextMatch(found: readonly number[], from: number, backwards: boolean): number {
  if (found.length === 0) return -1
  if (backwards) {
    const place = found.findLastIndex((index) => index < from)
    return place < 0 ? found.length - 1 : place
  }
  const place = found.findIndex((index) => index > from)
  return Math.max(0, place)
}

/** A line cut at its matches, for marking them: odd parts match. */
export function splitMatches(text: string, wanted: string): string[] {
  if (wanted === '') return [text]
  const parts: string[] = []
  const lower = text.toLowerCase()
  const needle = visibleLogLine(wanted).toLowerCase()
  let at = 0
  for (let hit = lower.indexOf(needle); hit >= 0; hit = lower.indexOf(needle, at)) {
    parts.push(text.slice(at, hit), text.slice(hit, hit + needle.length))
    at = hit + needle.length
  }
  parts.push(text.slice(at))
  return parts
}

/** Index of the host's own word on the last start; -1 without one. */
export function lastStart(lines: readonly LogLine[]): number {
  return lines.findLastIndex((line) => line.stream === 'host' && /^start/i.test(line.text))
}
