import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseFilter } from '../contract/filter/parse.ts'
import type { TrafficRow } from '../contract/models.ts'
import { silentLogger } from '../core/logger.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { openTrafficLog } from './open-traffic-log.ts'
import type { TrafficLog } from './traffic-log.ts'

let folder: string
const logs: TrafficLog[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atek-log-'))
})
afterEach(async () => {
  for (const log of logs.splice(0)) await log.close()
  rmSync(folder, { recursive: true, force: true })
})

const clock = new ManualClock()

async function open(more: { maxRows?: number; retention?: { rows: number } } = {}): Promise<TrafficLog> {
  const file = join(folder, 'traffic.db')
  const log = await openTrafficLog({ clock, logger: silentLogger, file, workerFile: null, ...more })
  logs.push(log)
  return log
}

function begin(log: TrafficLog, path = '/', userKey = 'u') {
  const exchange = log.recorder.begin({
    kind: 'http',
    appKey: 'k',
    appId: 'notes',
    method: 'GET',
    path,
    requestHeaders: ['Accept', '*/*'],
  })
  exchange.caller({ userKey, username: userKey, serviceKey: null, serviceId: null })
  return exchange
}

async function search(log: TrafficLog, filter = '', part: { before?: number | null; limit?: number } = {}) {
  return log.search({
    node: parseFilter(filter).node,
    before: null,
    after: 0,
    appKey: null,
    limit: 100,
    scope: null,
    visible: () => true,
    ...part,
  })
}

test('memory and disk are one list, each row once, on whatever pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('open', 'ended', 'written'), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 5, max: 50 }),
      async (states, limit, maxRows) => {
        rmSync(join(folder, 'traffic.db'), { force: true })
        const log = await open({ maxRows })
        for (const [index, state] of states.entries()) {
          const exchange = begin(log, index % 2 === 0 ? '/even' : '/odd')
          if (state !== 'open') exchange.end()
          // Those before it that have ended are written with it.
          if (state === 'written') await flushed(log)
        }
        const counts = await log.counts()
        expect(counts.made).toBe(counts.open + counts.waiting + counts.stored + counts.lost)
        const listed: number[] = []
        let before: number | null = null
        for (let pages = 0; pages < 100; pages++) {
          const page = await search(log, 'path:even', { before, limit })
          expect(page.rows.length).toBeLessThanOrEqual(limit)
          expect(page.rows.map((row) => row.seq)).toEqual(page.rows.map((row) => row.seq).sort((a, b) => a - b))
          listed.unshift(...page.rows.map((row) => row.seq))
          if (page.next === null) break
          before = page.next
        }
        const kept = states.flatMap((state, index) => {
          const inRing = index + 1 > states.length - maxRows
          return index % 2 === 0 && (state !== 'open' || inRing) ? [index + 1] : []
        })
        // What has ended, and left the memory before it was written, is on its way and comes with the next search.
        await flushed(log)
        expect(new Set(listed).size).toBe(listed.length)
        for (const seq of listed) expect(kept).toContain(seq)
        expect((await search(log, 'path:even')).rows.map((row) => row.seq)).toEqual(kept)
        await log.close()
      },
    ),
    { numRuns: 30 },
  )
}, 60_000)

/** Everything that has ended is on the disk. */
async function flushed(log: TrafficLog): Promise<void> {
  for (;;) {
    clock.advance(1000)
    if ((await log.counts()).waiting === 0) return
    await new Promise((turn) => setImmediate(turn))
  }
}

test('rows of an earlier run are there, and numbers go on', async () => {
  const first = await open()
  begin(first, '/before').end()
  const under = begin(first, '/under-way')
  under.abort('The host is stopping.')
  await first.close()
  const second = await open()
  expect(begin(second).seq).toBe(3)
  expect((await search(second)).rows.map(({ seq, path }) => [seq, path])).toEqual([
    [1, '/before'],
    [2, '/under-way'],
    [3, '/'],
  ])
  expect(await second.get(2)).toMatchObject({ state: 'aborted', reason: 'The host is stopping.', inMemory: false })
  expect(await second.get(2)).toMatchObject({ requestHeaders: [['Accept', '*/*']] })
})

test('clearing forgets everything; what was under way goes on unrecorded', async () => {
  const log = await open()
  begin(log).end()
  await flushed(log)
  const under = begin(log)
  begin(log).end()
  await log.clear()
  under.end()
  expect((await search(log)).rows).toEqual([])
  expect(await log.counts()).toMatchObject({ made: 0, open: 0, waiting: 0, stored: 0, lost: 0 })
  begin(log).end()
  await flushed(log)
  expect(await log.counts()).toMatchObject({ made: 1, stored: 1, onDisk: { rows: 1 } })
})

test('C44: what is more than may be stored goes', async () => {
  const log = await open({ retention: { rows: 10 } })
  for (let i = 0; i < 25; i++) begin(log).end()
  await flushed(log)
  await log.purge()
  expect((await log.counts()).onDisk.rows).toBe(10)
})

test('C44: what users called goes with them', async () => {
  const log = await open({ maxRows: 1 })
  for (const user of ['gone', 'here', 'gone', 'here']) begin(log, '/', user).end()
  await flushed(log)
  await log.keepUsers((key) => key === 'here')
  expect((await search(log)).rows.map((row) => row.caller?.userKey)).toEqual(['here', 'here'])
})

test('the chain of a request: what set it off, and what it set off, in memory and on the disk', async () => {
  const log = await open({ maxRows: 3 })
  const page = begin(log, '/page')
  const call = begin(log, '/call')
  call.causedBy(page.seq, true)
  const inner = begin(log, '/inner')
  inner.causedBy(call.seq, false)
  begin(log, '/other').end()
  for (const exchange of [page, call, inner]) exchange.end()
  await flushed(log)
  const paths = (rows: TrafficRow[]) => rows.map((row) => row.path)
  for (const { seq } of [page, call, inner]) {
    expect(paths((await log.chain(seq, () => true)).rows)).toEqual(['/page', '/call', '/inner'])
  }
  expect((await log.chain(inner.seq, () => true)).rows[2]?.cause).toEqual({ seq: call.seq, sure: false })
  expect(paths((await log.chain(page.seq, (row) => row.path !== '/call')).rows)).toEqual(['/page', '/inner'])
})

test('a chain that goes in circles, or on and on, comes to an end', async () => {
  const log = await open()
  const [a, b] = [begin(log), begin(log)]
  a.causedBy(b.seq, true)
  b.causedBy(a.seq, true)
  expect((await log.chain(a.seq, () => true)).rows).toHaveLength(2)
  for (let i = 0; i < 500; i++) begin(log).causedBy(b.seq, true)
  const chain = await log.chain(a.seq, () => true)
  expect(chain).toMatchObject({ truncated: true })
  expect(chain.rows).toHaveLength(200)
})

test('a host whose record cannot be opened starts all the same, and says so', async () => {
  const log = await openTrafficLog({
    clock,
    logger: silentLogger,
    file: join(folder, 'missing', 'traffic.db'),
    workerFile: null,
  })
  logs.push(log)
  begin(log).end()
  expect((await search(log)).rows).toHaveLength(1)
  await log.clear()
  expect(await log.counts()).toMatchObject({ problem: expect.stringMatching(/not stored/) })
})
