import { afterEach, beforeEach, expect, test } from 'vitest'
import { looksAtHeaders } from '../../../runtime/contract/filter/evaluate.ts'
import { parseFilter } from '../../../runtime/contract/filter/parse.ts'
import type { TrafficRow } from '../../../runtime/contract/models.ts'
import { trafficRow } from '../../testing/rows.ts'
import { TrafficHost } from '../../testing/traffic-host.ts'
import { TrafficClient } from './client.ts'

const rows = (from: number, count: number, part: Partial<TrafficRow> = {}) =>
  Array.from({ length: count }, (_, index) => trafficRow({ seq: from + index, ...part }))
const view = (filter: string, from = 0) => {
  const { node } = parseFilter(filter)
  return { node, appKey: null, from, byHost: looksAtHeaders(node) }
}

let host: TrafficHost
let client: TrafficClient
beforeEach(async () => {
  host = await TrafficHost.start()
})
afterEach(async () => {
  client.dispose()
  await host.stop()
})

/** Opens the view, draws each picture as soon as it comes, and looks at all of its rows. */
function open(filter = ''): TrafficClient {
  client = new TrafficClient(view(filter))
  const { store } = client
  store.subscribe(() => client.drawn())
  client.look({ count: 5000 })
  return client
}
const state = () => client.store.get()
const total = () => state().frame?.total
const seqs = () => state().frame?.rows.map(({ seq }) => seq)
const soon = { timeout: 5000 }

test('the newest pages are there at once, the older ones when they are asked for', async () => {
  host.record = rows(1, 2600)
  open()
  await expect.poll(total, soon).toBe(2000)
  expect(host.searches.every(({ limit }) => limit === 500)).toBe(true)
  expect(state().frame).toMatchObject({ before: 601, last: 2600 })
  client.searchOlder()
  await expect.poll(total, soon).toBe(2500)
  client.searchOlder()
  await expect.poll(total, soon).toBe(2600)
  expect(state().frame?.before).toBe(null)
  expect(seqs()).toEqual(rows(1, 2600).map(({ seq }) => seq))
})

test('rows that come while pages are on their way are there once, in order, and as they are now', async () => {
  host.record = [...rows(1, 3), trafficRow({ seq: 4, state: 'open', status: null })]
  let go = () => {}
  host.held = new Promise((done) => {
    go = done
  })
  open()
  await expect.poll(() => host.searches.length, soon).toBe(1)
  host.pass([trafficRow({ seq: 4, status: 500 }), ...rows(5, 2)])
  await expect.poll(seqs, soon).toEqual([4, 5, 6])
  go()
  await expect.poll(seqs, soon).toEqual([1, 2, 3, 4, 5, 6])
  expect(state().frame?.rows[3]).toMatchObject({ status: 500, state: 'done' })
})

test('at most one taking at a time, however often rows are announced, and none is left', async () => {
  open()
  for (let seq = 1; seq <= 300; seq += 1) {
    host.pass(rows(seq, 1))
    if (seq % 10 === 0) await new Promise((done) => setTimeout(done, 2))
  }
  await expect.poll(total, soon).toBe(300)
  expect(host.mostTaking).toBe(1)
  expect(host.takings.length).toBeLessThan(60)
})

test('one of several is said', async () => {
  open()
  host.pass(rows(1, 2), { every: 7 })
  await expect.poll(() => state().frame?.every, soon).toBe(7)
})

test('a clearing empties the view, and a page from before it brings nothing back', async () => {
  host.record = rows(1, 2600)
  open()
  await expect.poll(total, soon).toBe(2000)
  let go = () => {}
  host.held = new Promise((done) => {
    go = done
  })
  client.searchOlder()
  await expect.poll(() => state().searching, soon).toBe(true)
  host.clear()
  await expect.poll(total, soon).toBe(0)
  go()
  await expect.poll(() => state().searching, soon).toBe(false)
  host.pass(rows(2601, 2))
  await expect.poll(seqs, soon).toEqual([2601, 2602])
  expect(state().frame).toMatchObject({ held: 2, before: null })
})

test('a page for the filter before this one is thrown away', async () => {
  host.record = [...rows(1, 3000, { method: 'POST' }), ...rows(3001, 3000)]
  open()
  await expect.poll(total, soon).toBe(2000)
  let go = () => {}
  host.held = new Promise((done) => {
    go = done
  })
  client.setView(view('method:post'))
  await expect.poll(() => host.searches.at(-1)?.filter, soon).toBe('method:post')
  client.setView(view('path:none'))
  await expect.poll(() => host.searches.at(-1)?.filter, soon).toBe('path:none')
  go()
  await expect.poll(() => state().searching, soon).toBe(false)
  expect(host.posted.filter(({ type }) => type === 'older')).toHaveLength(1)
  expect(total()).toBe(0)
})

test('a rare match is looked for a few times, then as often as one asks, until all was looked at', async () => {
  host.record = [trafficRow({ seq: 1, path: '/rare' }), ...rows(2, 5000)]
  open()
  await expect.poll(total, soon).toBe(2000)
  host.scan = 200
  host.searches = []
  client.setView(view('path:rare'))
  await expect.poll(() => state().canSearchOlder, soon).toBe(true)
  expect(host.searches).toHaveLength(5)
  expect(state()).toMatchObject({ searching: false, frame: { total: 0, newest: 5001, before: 2002 } })
  client.searchOlder()
  await expect.poll(() => state().canSearchOlder, soon).toBe(true)
  await expect.poll(() => state().frame?.before, soon).toBe(1002)
  client.searchOlder()
  await expect.poll(() => state().frame?.before, soon).toBe(2)
  client.searchOlder()
  await expect.poll(seqs, soon).toEqual([1])
  expect(state()).toMatchObject({ canSearchOlder: false, frame: { before: null } })
})

test('a search that fails is said and not tried again by itself; trying again takes the words away', async () => {
  open()
  host.pass(rows(1, 1))
  await expect.poll(total, soon).toBe(1)
  host.failure = 'The record cannot be read.'
  client.setView(view('header:x'))
  await expect.poll(() => (state().error as Error | null)?.message, soon).toBe('The record cannot be read.')
  expect(state()).toMatchObject({ canSearchOlder: true, searching: false })
  const before = host.searches.filter(({ after }) => after === undefined).length
  host.pass(rows(2, 1))
  await expect.poll(() => state().frame?.held, soon).toBe(2)
  expect(host.searches.filter(({ after }) => after === undefined)).toHaveLength(before)
  host.failure = null
  host.withHeader.add(1)
  client.searchOlder()
  await expect.poll(seqs, soon).toEqual([1])
  expect(state()).toMatchObject({ error: null, canSearchOlder: false })
})

test('a filter by headers is judged by the host: what comes later too, more than a page, and what was open', async () => {
  host.record = [...rows(1, 50), trafficRow({ seq: 51, state: 'open', status: null })]
  host.withHeader.add(10)
  open('header:x')
  await expect.poll(seqs, soon).toEqual([10])
  for (let seq = 100; seq < 1300; seq += 1) if (seq !== 1180) host.withHeader.add(seq)
  host.pass(rows(52, 1248))
  await expect.poll(total, { timeout: 10_000 }).toBe(1200)
  // It was open, so that it did not match, when it was asked for.
  host.withHeader.add(1180)
  host.withHeader.add(1301)
  host.pass([trafficRow({ seq: 1180, durationMs: 700 }), trafficRow({ seq: 1301 })])
  await expect.poll(total, soon).toBe(1202)
  expect(seqs()).toEqual([10, ...rows(100, 1200).map(({ seq }) => seq), 1301])
})

test('closed, it takes no more and says so', async () => {
  open()
  await expect.poll(() => host.takings.length, soon).toBe(1)
  client.dispose()
  expect(host.terminated).toBe(true)
  expect(host.takings.at(-1)).toEqual({ watch: false })
  const posted = host.posted.length
  host.pass(rows(1, 1))
  await new Promise((done) => setTimeout(done, 250))
  expect(host.posted).toHaveLength(posted)
})
