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

test('10,000 a second go through whole, in bursts, too; what stays above it is thinned, and it says so', () => {
  const { gather: it, pass } = gather()
  it.take()
  let next = 1
  const second = (batches: number[]) =>
    batches.map((count) => {
      pass(1000 / batches.length)
      it.add(rows(next, count))
      next += count
      return it.take()
    })
  const even = second([1000, 800, 1200, 900, 1100, 1000, 1000, 1000, 1000, 1000])
  expect(even.every(({ every }) => every === 1)).toBe(true)
  expect(second([0, 0, 0, 8000, 2000]).every(({ every }) => every === 1)).toBe(true)
  // The first second of many more uses up what was saved; from then on it is one of two, four or eight.
  second(new Array(10).fill(3000))
  const many = second(new Array(10).fill(3000))
  expect(many.every(({ every }) => every >= 2 && every <= 8)).toBe(true)
  expect(many.every(({ every, rows: some }) => some.every(({ seq }) => seq % every === 0))).toBe(true)
  expect(many.reduce((sum, batch) => sum + batch.rows.length, 0)).toBeLessThanOrEqual(10_000)
})

test('for a panel that does not take them it holds a bounded number', () => {
  const { gather: it, pass } = gather()
  it.take()
  for (let from = 0; from < 400_000; from += 1000) it.add(rows(from, 1000))
  pass(40_000)
  const batch = it.take()
  expect(batch.rows.length).toBeLessThanOrEqual(10_000)
  expect(batch.rows.length).toBeGreaterThan(5000)
  expect(batch.every).toBe(64)
})
