import { expect, test } from 'vitest'
import type { LogLine } from '../../runtime/contract/models.ts'
import { LOG_LINES, type LogsState, noLogs, reduceLogs } from './logs.ts'

const line = (seq: number): LogLine => ({ seq, at: seq, stream: 'stdout', text: `line ${seq}` })
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => line(from + index))
const seqs = (state: LogsState, key = 'a') => state.get(key)?.lines.map(({ seq }) => seq)
const opened = reduceLogs(noLogs, { type: 'log-opened', key: 'a' })

test('lines of a log that is not open are not kept', () => {
  expect(reduceLogs(noLogs, { type: 'app-log', key: 'a', lines: lines(1, 2) })).toBe(noLogs)
  expect(reduceLogs(noLogs, { type: 'log-page', key: 'a', lines: lines(1, 2), limit: 2 })).toBe(noLogs)
})

test('the first page goes before the lines that came meanwhile, none of them twice', () => {
  const live = reduceLogs(opened, { type: 'app-log', key: 'a', lines: lines(3, 4) })
  const state = reduceLogs(live, { type: 'log-page', key: 'a', lines: lines(2, 3), limit: 2 })
  expect(seqs(state)).toEqual([2, 3, 4])
  expect(state.get('a')).toMatchObject({ loaded: true, moreBefore: true })
})

test('older pages go to the front until one is not full', () => {
  const state = reduceLogs(opened, { type: 'log-page', key: 'a', lines: lines(3, 4), limit: 2 })
  const older = reduceLogs(state, { type: 'log-page', key: 'a', lines: [line(2)], limit: 2 })
  expect(seqs(older)).toEqual([2, 3, 4])
  expect(older.get('a')?.moreBefore).toBe(false)
})

test('the newest lines are kept, and a full window asks for no older ones', () => {
  const state = reduceLogs(opened, { type: 'app-log', key: 'a', lines: lines(1, LOG_LINES + 5) })
  expect(state.get('a')?.lines).toHaveLength(LOG_LINES)
  expect(state.get('a')?.lines[0]?.seq).toBe(6)
  expect(reduceLogs(state, { type: 'log-page', key: 'a', lines: lines(4, 5), limit: 2 }).get('a')?.moreBefore).toBe(
    false,
  )
})

test('closing it, or its app’s going, forgets it', () => {
  expect(reduceLogs(opened, { type: 'log-closed', key: 'a' }).size).toBe(0)
  expect(reduceLogs(opened, { type: 'app-removed', key: 'a' }).size).toBe(0)
  expect(reduceLogs(opened, { type: 'log-closed', key: 'b' })).toBe(opened)
})

test('opening it again keeps what is there', () =>
  expect(reduceLogs(opened, { type: 'log-opened', key: 'a' })).toBe(opened))
