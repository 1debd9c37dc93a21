import { expect, test } from 'vitest'
import type { LogLine } from '../../../runtime/contract/models.ts'
import { findLines, lastStart, nextMatch, splitMatches } from './log-search.ts'

const lines = (...texts: string[]): LogLine[] => texts.map((text, seq) => ({ seq, at: 0, stream: 'stdout', text }))

test('lines are found whatever their case; nothing finds nothing', () => {
  expect(findLines(lines('an Error', 'fine', 'error again'), 'ERROR')).toEqual([0, 2])
  expect(findLines(lines('a'), '')).toEqual([])
})

test('going from match to match runs around the ends', () => {
  const found = [3, 10, 20]
  expect([nextMatch(found, 10, false), nextMatch(found, 20, false), nextMatch(found, 5, false)]).toEqual([2, 0, 1])
  expect([nextMatch(found, 10, true), nextMatch(found, 3, true), nextMatch(found, 100, true)]).toEqual([0, 2, 2])
  expect(nextMatch([], 0, true)).toBe(-1)
})

test('matches of a line are every second part', () => {
  expect(splitMatches('slow is Slow', 'slow')).toEqual(['', 'slow', ' is ', 'Slow', ''])
  expect(splitMatches('plain', '')).toEqual(['plain'])
  expect(splitMatches('a.b', '.')).toEqual(['a', '.', 'b'])
})

test('the last start is the host’s own word, not the app’s', () => {
  const log = lines('Started', 'b', 'Started', 'Starting up')
  expect(lastStart(log)).toBe(-1)
  expect(lastStart(log.map((line) => (line.seq < 3 ? { ...line, stream: 'host' as const } : line)))).toBe(2)
})
