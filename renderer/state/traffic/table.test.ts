import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseFilter } from '../../../runtime/contract/filter/parse.ts'
import type { TrafficRow } from '../../../runtime/contract/models.ts'
import { trafficRow } from '../../testing/rows.ts'
import type { TrafficFrame, TrafficWindow } from './messages.ts'
import { RowDeque } from './row-deque.ts'
import { TrafficTable } from './table.ts'

const rows = (from: number, count: number, part: Partial<TrafficRow> = {}) =>
  Array.from({ length: count }, (_, index) => trafficRow({ seq: from + index, ...part }))
const batch = (rowsOfIt: TrafficRow[], part: { cleared?: boolean; every?: number } = {}) => ({
  cleared: false,
  every: 1,
  ...part,
  rows: rowsOfIt,
})
const END: TrafficWindow = { follow: true, first: 0, count: 5, anchor: null, seen: 0, selected: null }
const view = (filter: string, part: { appKey?: string; from?: number; byHost?: boolean } = {}) => ({
  node: parseFilter(filter).node,
  appKey: null,
  from: 0,
  byHost: false,
  ...part,
})
const seqs = (frame: TrafficFrame) => frame.rows.map(({ seq }) => seq)

function tableOf(most?: number) {
  let now = 0
  const table = new TrafficTable(() => now, most)
  table.setView(1, view(''))
  return { table, pass: (ms: number) => (now += ms) }
}

describe('the picture', () => {
  test('follows the end, or shows what is asked for', () => {
    const { table } = tableOf()
    table.addBatch(batch(rows(1, 20)))
    expect(table.frame(END)).toMatchObject({ total: 20, first: 15, last: 20, held: 20 })
    expect(seqs(table.frame(END))).toEqual([16, 17, 18, 19, 20])
    expect(seqs(table.frame({ ...END, follow: false, first: 3 }))).toEqual([4, 5, 6, 7, 8])
  })

  test('says where the anchor stands, and how many came since', () => {
    const { table } = tableOf(10)
    table.addBatch(batch(rows(1, 10)))
    const looked = { ...END, follow: false, first: 5, anchor: 7, seen: 10 }
    expect(table.frame(looked)).toMatchObject({ anchorIndex: 6, fresh: 0 })
    table.addBatch(batch(rows(11, 3)))
    expect(table.frame(looked)).toMatchObject({ anchorIndex: 3, fresh: 3, total: 10 })
  })

  test('one of several is said for a while', () => {
    const { table, pass } = tableOf()
    table.addBatch(batch(rows(1, 1), { every: 4 }))
    expect(table.frame(END).every).toBe(4)
    pass(2500)
    expect(table.frame(END).every).toBe(1)
  })

  test('the keyboard goes through all rows, not only those that are drawn', () => {
    const { table } = tableOf()
    table.addBatch(batch(rows(1, 100)))
    expect(table.move(null, -1)).toEqual({ seq: 100, index: 99 })
    expect(table.move(50, -20)).toEqual({ seq: 30, index: 29 })
    expect(table.move(50, 1000)).toEqual({ seq: 100, index: 99 })
    expect(table.move(50, 'first')).toEqual({ seq: 1, index: 0 })
    expect(table.move(null, 'last')).toEqual({ seq: 100, index: 99 })
  })
})

describe('the filter', () => {
  test('shows what matches, as rows come and change', () => {
    const { table } = tableOf()
    table.setView(2, view('is:open'))
    table.addBatch(batch([trafficRow({ seq: 1, state: 'open', status: null }), trafficRow({ seq: 2 })]))
    expect(seqs(table.frame(END))).toEqual([1])
    table.addBatch(batch([trafficRow({ seq: 1 })]))
    expect(seqs(table.frame(END))).toEqual([])
    table.setView(3, view('status:200'))
    expect(seqs(table.frame(END))).toEqual([1, 2])
  })

  test('of one app: calls to it and by it', () => {
    const { table } = tableOf()
    const caller = { userKey: 'u', username: 'alice', serviceKey: 'x', serviceId: 'x' }
    table.setView(2, view('', { appKey: 'x' }))
    table.addBatch(batch([trafficRow({ seq: 1, appKey: 'x' }), trafficRow({ seq: 2 }), trafficRow({ seq: 3, caller })]))
    expect(seqs(table.frame(END))).toEqual([1, 3])
  })

  test('one that only the host can judge shows what the host says, and goes on with its changes', () => {
    const { table } = tableOf()
    table.addBatch(batch(rows(1, 10, { state: 'open', status: null })))
    table.setView(2, view('header:origin', { byHost: true }))
    expect(table.frame(END)).toMatchObject({ total: 0, before: Number.MAX_SAFE_INTEGER })
    table.addFound(2, rows(4, 1, { state: 'open', status: null }), { next: null })
    table.addFound(2, rows(9, 1), null)
    table.addBatch(batch(rows(4, 2)))
    expect(seqs(table.frame(END))).toEqual([4, 9])
    expect(table.frame({ ...END, selected: 4 }).selected).toMatchObject({ state: 'done' })
    expect(table.frame(END).before).toBe(null)
  })
})

describe('older rows', () => {
  test('go before the others; of an earlier view they mean nothing', () => {
    const { table } = tableOf()
    table.addNewest(rows(100, 5), 100)
    expect(table.frame(END).before).toBe(100)
    table.addFound(1, rows(90, 2), { next: 90 })
    expect(table.frame(END)).toMatchObject({ total: 7, before: 90 })
    table.setView(2, view('path:/'))
    expect(table.frame(END)).toMatchObject({ total: 5, before: 100 })
    table.addFound(1, rows(80, 2), { next: null })
    expect(table.frame(END).total).toBe(5)
    table.addFound(2, rows(80, 2), { next: null })
    expect(table.frame(END)).toMatchObject({ total: 7, before: null })
  })

  test('what left for room can be had again', () => {
    const { table } = tableOf(10)
    table.addNewest(rows(1, 5), null)
    expect(table.frame(END).before).toBe(null)
    table.addBatch(batch(rows(6, 10)))
    expect(table.frame(END)).toMatchObject({ total: 10, before: 6 })
  })

  test('nothing from before a clearing in this window', () => {
    const { table } = tableOf()
    table.addNewest(rows(1, 10), null)
    table.setView(2, view('', { from: 8 }))
    expect(seqs(table.frame(END))).toEqual([8, 9, 10])
    table.addFound(2, rows(6, 3), { next: 5 })
    expect(table.frame(END)).toMatchObject({ total: 3, before: null })
  })
})

test('paused it stands still and counts what comes; a clearing reaches it, too', () => {
  const { table } = tableOf()
  table.addBatch(batch(rows(1, 10)))
  table.pause(true)
  table.addBatch(batch(rows(11, 7)))
  expect(table.frame(END)).toMatchObject({ total: 10, waiting: 7 })
  table.pause(false)
  expect(table.frame(END)).toMatchObject({ total: 17, waiting: 0 })
  table.pause(true)
  table.addBatch(batch(rows(18, 1), { cleared: true }))
  expect(table.frame(END)).toMatchObject({ total: 0, waiting: 1, held: 1 })
})

test('bounded, whatever comes in', () => {
  const { table } = tableOf(1000)
  for (let from = 1; from < 30_000; from += 700) {
    table.addBatch(batch(rows(from, 700)))
    table.addFound(1, rows(Math.max(1, from - 5000), 300), { next: 1 })
    const { total, held } = table.frame(END)
    expect(total).toBeLessThanOrEqual(1000)
    expect(held).toBeLessThanOrEqual(1000)
  }
})

test('what was seen is offered, the most frequent first', () => {
  const { table } = tableOf()
  table.addBatch(batch([...rows(1, 2, { appId: 'b' }), ...rows(3, 3, { appId: 'a', status: 404 })]))
  expect(table.seenNews()).toMatchObject({ apps: ['a', 'b'], users: ['alice'], methods: ['GET'], statuses: [404, 200] })
  expect(table.seenNews()).toBe(null)
})

test('the list of rows is what a plain sorted list would be', () => {
  const step = fc.oneof(
    fc.record({ put: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ remove: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ before: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 5 }) }),
    fc.constant({ shift: true }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, probe) => {
      const deque = new RowDeque()
      let plain: number[] = []
      for (const one of steps) {
        if ('put' in one) {
          deque.put(trafficRow({ seq: one.put }))
          plain = [...new Set([...plain, one.put])].sort((a, b) => a - b)
        } else if ('remove' in one) {
          deque.remove(one.remove)
          plain = plain.filter((seq) => seq !== one.remove)
        } else if ('before' in one) {
          const sorted = [...new Set(one.before)].sort((a, b) => a - b)
          deque.putBefore(sorted.map((seq) => trafficRow({ seq })))
          plain = [...new Set([...plain, ...sorted])].sort((a, b) => a - b)
        } else {
          deque.shift()
          plain = plain.slice(1)
        }
        expect([...deque].map(({ seq }) => seq)).toEqual(plain)
        expect(deque.lowerBound(probe)).toBe(plain.filter((seq) => seq < probe).length)
      }
    }),
  )
})
