import { expect, test } from 'vitest'
import type { TrafficRow } from '../runtime/contract/models.ts'
import { TrafficGather } from './traffic-gather.ts'

const row = (seq: number, status: number | null = 200) => ({ seq, status }) as TrafficRow
const rows = (from: number, count: number) => Array.from({ length: count }, (_, index) => row(from + index))

function gather() {
  let now = 0
  const at = {
    gather: new TrafficGather(() => now),
    pass: (ms: number) => {
      now += ms
    },
  }
  return at
}

test('gathers only while somebody takes', () => {
  const { gather: it } = gather()
  expect(it.add(rows(1, 3))).toBe(false)
  expect(it.take().rows).toEqual([])
  expect(it.add(rows(4, 2))).toBe(true)
  expect(it.add(rows(6, 2))).toBe(false)
  expect(it.take().rows.map(({ seq }) => seq)).toEqual([4, 5, 6, 7])
  it.leave()
  expect(it.watched).toBe(false)
  expect(it.add(rows(8, 1))).toBe(false)
  expect(it.take().rows).toEqual([])
})

test('of several states of one request the last, ordered', () => {
  const { gather: it } = gather()
  it.take()
  it.add([row(2, null), row(1, null)])
  it.add([row(1, 200)])
  expect(it.take()).toEqual({ cleared: false, every: 1, rows: [row(1, 200), row(2, null)] })
})

test('what came before a clearing is gone, what came after it stands', () => {
  const { gather: it } = gather()
  it.take()
  it.add(rows(1, 2))
  it.clear()
  it.add(rows(3, 1))
  expect(it.take()).toEqual({ cleared: true, every: 1, rows: [row(3)] })
  expect(it.take()).toMatchObject({ cleared: false })
})

test('10,000 a second go through whole; above it one of two, four …, and it says so', () => {
  const { gather: it, pass } = gather()
  it.take()
  pass(100)
  it.add(rows(1, 1000))
  expect(it.take()).toMatchObject({ every: 1, rows: { length: 1000 } })
  pass(500)
  it.add(rows(1001, 5000))
  expect(it.take()).toMatchObject({ every: 1, rows: { length: 5000 } })
  pass(100)
  it.add(rows(6001, 3000))
  const batch = it.take()
  expect(batch).toMatchObject({ every: 4, rows: { length: 750 } })
  expect(batch.rows.every(({ seq }) => seq % 4 === 0)).toBe(true)
})

test('for a panel that does not take them it holds a bounded number', () => {
  const { gather: it, pass } = gather()
  it.take()
  for (let from = 0; from < 400_000; from += 1000) it.add(rows(from, 1000))
  pass(40_000)
  const batch = it.take()
  expect(batch.rows.length).toBeLessThanOrEqual(20_000)
  expect(batch.rows.length).toBeGreaterThan(10_000)
  expect(batch.every).toBe(32)
})
