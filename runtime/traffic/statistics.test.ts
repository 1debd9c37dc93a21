import { expect, test } from 'vitest'
import type { TrafficRow } from '../contract/models.ts'
import { storedExchange } from '../storage/traffic/testing/exchanges.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { callGraph } from './call-graph.ts'
import { TrafficStatistics } from './statistics.ts'

const HOUR = 3_600_000

function row(part: Partial<TrafficRow> = {}): TrafficRow {
  return storedExchange({ seq: 1, ...part }).row
}

function statistics() {
  const clock = new ManualClock()
  return { clock, statistics: new TrafficStatistics(clock) }
}

const all = () => true

test('the last ten minutes in steps of 10 s: requests, errors, durations', () => {
  const { clock, statistics: s } = statistics()
  for (let i = 0; i < 20; i++) s.count(row({ durationMs: i < 19 ? 10 : 1000 }))
  s.count(row({ status: 502 }))
  s.count(row({ refused: 'FORBIDDEN', status: 403 }))
  s.count(row({ status: 404 }))
  clock.advance(10_000)
  s.count(row())
  clock.advance(2000)
  const { apps, spans, spanMs, from } = s.minutes(all)
  expect([spans, spanMs]).toEqual([60, 10_000])
  expect(from + 60 * spanMs).toBeGreaterThan(clock.now())
  const [app] = apps
  expect(app?.requestsPerSecond.slice(-2)[0]).toBeCloseTo(2.3)
  expect(app?.errorsPerSecond.slice(-2)[0]).toBeCloseTo(0.2)
  // The running span counts for as long as it runs.
  expect(app?.requestsPerSecond.at(-1)).toBeGreaterThan(0.1)
  expect(app?.p50.at(-2)).toBeCloseTo(10, 0)
  expect(app?.p99.at(-2)).toBeGreaterThan(950)
  expect(app?.p50[0]).toBeNull()
  clock.advance(11 * 60_000)
  expect(s.minutes(all).apps).toEqual([])
})

test('hours go to the archive, and what it has and what is in memory are one chart', () => {
  const { clock, statistics: s } = statistics()
  s.count(row())
  const archive = s.takeHours()
  expect(archive.apps).toMatchObject([{ requests: 1, appKey: 'k' }])
  s.count(row())
  clock.advance(HOUR)
  s.count(row())
  // The hour that ended comes once more, whole, and then no more.
  const [ended, running] = s.takeHours().apps
  expect([ended?.requests, running?.requests]).toEqual([2, 1])
  expect(s.takeHours().apps).toHaveLength(1)
  const days = s.days(
    [ended, running].flatMap((hour) => hour ?? []),
    all,
  )
  expect(days.apps[0]?.requestsPerSecond.slice(-2)[0]).toBeCloseTo(2 / 3600)
  expect(days.apps[0]?.requestsPerSecond.at(-1)).toBeGreaterThan(0)
  expect(s.days([], () => false).apps).toEqual([])
})

test('the running hour goes on where an earlier run left it', () => {
  const { clock, statistics: before } = statistics()
  before.count(row())
  const after = new TrafficStatistics(clock)
  after.resume(before.takeHours())
  after.count(row())
  expect(after.takeHours().apps).toMatchObject([{ requests: 2 }])
})

test('the call graph: people, apps and the host, by API', () => {
  const { statistics: s } = statistics()
  const app = { userKey: 'u', username: 'alice', serviceKey: 'caller', serviceId: 'tasks' }
  s.count(row())
  s.count(row({ kind: 'gateway', caller: app, rpcApi: 'example.com/notes' }))
  s.count(row({ kind: 'gateway', caller: app, rpcApi: 'example.com/notes', status: 500 }))
  s.count(row({ kind: 'gateway', caller: app, appKey: null, appId: 'atek', rpcApi: 'atek.cloud/users-api' }))
  // What leads nowhere is no edge: names can be made up (A13).
  s.count(row({ kind: 'gateway', caller: app, appKey: null, appId: 'atek', rpcApi: 'x', refused: 'METHOD_NOT_FOUND' }))
  s.count(row({ caller: null }))
  const graph = callGraph(0, s.edges([]), all)
  expect(graph.edges.map(({ from, to, api, requests, errors }) => [from, to, api, requests, errors])).toEqual([
    ['people', 'k', null, 1, 0],
    ['caller', 'k', 'example.com/notes', 2, 1],
    ['caller', 'host', 'atek.cloud/users-api', 1, 0],
  ])
  expect(graph.nodes).toEqual([
    { id: 'people', kind: 'people', label: 'people' },
    { id: 'k', kind: 'app', label: 'notes' },
    { id: 'caller', kind: 'app', label: 'tasks' },
    { id: 'host', kind: 'host', label: 'host' },
  ])
  expect(callGraph(0, s.edges([]), ({ target }) => target === 'host').edges).toHaveLength(1)
})

test('A13: no number of apps and calls fills the memory', () => {
  const { statistics: s } = statistics()
  for (let i = 0; i < 5000; i++) s.count(row({ appKey: `key-${i}` }))
  expect(s.takeHours().apps.length).toBeLessThanOrEqual(2000)
  expect(s.takeHours().edges.length).toBeLessThanOrEqual(2000)
})
