import { expect, test } from 'vitest'
import type { RuntimeEvent } from '../../runtime/contract/events.ts'
import { trafficRow } from '../testing/rows.ts'
import { joinTraffic, noTraffic, reduceTraffic, TRAFFIC_ROWS } from './traffic.ts'

const row = (seq: number, part = {}) => trafficRow({ seq, ...part })

test('announced rows are put in, and an answer replaces its open row', () => {
  const open = reduceTraffic(noTraffic, { type: 'traffic', rows: [row(1, { state: 'open', status: null }), row(2)] })
  const done = reduceTraffic(open, { type: 'traffic', rows: [row(1, { status: 204 })] })
  expect(done.rows.map(({ seq, status }) => [seq, status])).toEqual([
    [1, 204],
    [2, 200],
  ])
})

test('the first page goes before what was announced meanwhile', () => {
  const live = reduceTraffic(noTraffic, { type: 'traffic', rows: [row(11)] })
  const page = { rows: [row(9), row(10)], dropped: 3, total: 2 }
  const state = reduceTraffic(live, { type: 'traffic-page', page, limit: 2 })
  expect(state.rows.map(({ seq }) => seq)).toEqual([9, 10, 11])
  expect(state).toMatchObject({ completeFrom: 9, moreBefore: true, dropped: 3 })
})

test('a page that is not full is the oldest one', () => {
  const page = { rows: [row(1)], dropped: 0, total: 1 }
  expect(reduceTraffic(noTraffic, { type: 'traffic-page', page, limit: 2 }).moreBefore).toBe(false)
  const empty = { rows: [], dropped: 0, total: 0 }
  expect(reduceTraffic(noTraffic, { type: 'traffic-page', page: empty, limit: 2 }).completeFrom).toBe(0)
})

test('an app’s own rows fill in without a claim that nothing is missing in between', () => {
  const page = { rows: [row(90), row(91)], dropped: 0, total: 2 }
  const state = reduceTraffic(noTraffic, { type: 'traffic-page', page, limit: 2 })
  const more = reduceTraffic(state, { type: 'traffic-of-app', rows: [row(5), row(91)] })
  expect(more.rows.map(({ seq }) => seq)).toEqual([5, 90, 91])
  expect(more.completeFrom).toBe(90)
})

test('the window keeps as many rows as the host, the newest, and then asks for no older ones', () => {
  const many = Array.from({ length: TRAFFIC_ROWS + 500 }, (_, index) => row(index + 1))
  const state = reduceTraffic(noTraffic, { type: 'traffic', rows: many })
  expect(state.rows).toHaveLength(TRAFFIC_ROWS)
  expect(state.rows[0]?.seq).toBe(501)
  const page = { rows: [row(400)], dropped: 0, total: 1 }
  const older = reduceTraffic(state, { type: 'traffic-page', page, limit: 1 })
  expect(older.moreBefore).toBe(false)
  expect(older.rows[0]?.seq).toBe(501)
})

test('cleared is empty, and what the host dropped is taken over', () => {
  const state = reduceTraffic(noTraffic, { type: 'traffic', rows: [row(1)] })
  expect(reduceTraffic(state, { type: 'traffic-cleared' })).toMatchObject({ rows: [], moreBefore: false })
  const status = { trafficDropped: 7 } as Extract<RuntimeEvent, { type: 'host-changed' }>['status']
  expect(reduceTraffic(state, { type: 'host-changed', status }).dropped).toBe(7)
})

test('other events change nothing at all', () => {
  expect(reduceTraffic(noTraffic, { type: 'users-changed' })).toBe(noTraffic)
  expect(reduceTraffic(noTraffic, { type: 'traffic', rows: [] })).toBe(noTraffic)
})

test('neighbouring traffic of one batch is joined; order against other events stays', () => {
  const events: RuntimeEvent[] = [
    { type: 'traffic', rows: [row(1)] },
    { type: 'traffic', rows: [row(2)] },
    { type: 'traffic-cleared' },
    { type: 'traffic', rows: [row(3)] },
  ]
  const joined = joinTraffic(events)
  expect(joined.map((event) => (event.type === 'traffic' ? event.rows.map(({ seq }) => seq) : event.type))).toEqual([
    [1, 2],
    'traffic-cleared',
    [3],
  ])
  expect(events[0]).toEqual({ type: 'traffic', rows: [row(1)] })
})
