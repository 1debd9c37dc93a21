import { expect, test } from 'vitest'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { systemClock } from '../core/clock.ts'
import { silentLogger } from '../core/logger.ts'
import type { TrafficArchive } from '../storage/traffic/archive.ts'
import type { StoredExchange } from '../storage/traffic/stored-exchange.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { ArchiveWriter } from './archive-writer.ts'
import { Recorder } from './recorder.ts'
import { readBatch } from './written-exchange.ts'

/** An archive that stores what it is told to, when it is told to. */
function archive() {
  const stored: StoredExchange[] = []
  const state = { stored, fails: null as Error | null, calls: 0, hold: null as Promise<void> | null }
  const port = {
    async call(_call: string, batch: unknown) {
      state.calls++
      if (state.hold !== null) await state.hold
      if (state.fails !== null) throw state.fails
      stored.push(...readBatch(batch))
    },
    async close() {},
  } as unknown as TrafficArchive
  return { ...state, state, port }
}

function writer(
  port: TrafficArchive | null,
  clock = systemClock,
  { maxBytes = LIMITS.trafficBytes as number, utilization = 0 } = {},
) {
  const ended: number[] = []
  const recorder = new Recorder({
    clock,
    maxBytes,
    ended: ({ seq }) => {
      ended.push(seq)
      written.offer()
    },
  })
  const written = new ArchiveWriter({
    clock,
    logger: silentLogger,
    archive: port,
    log: recorder.log,
    lines: (seq) => recorder.exchange(seq)?.headerLines() ?? null,
    utilization: () => utilization,
  })
  const request = (path = '/', headers: string[] = []) => {
    const exchange = recorder.begin({
      kind: 'http',
      appKey: 'k',
      appId: 'notes',
      method: 'GET',
      path,
      requestHeaders: headers,
    })
    exchange.head(200, [])
    exchange.end()
    return exchange
  }
  return { writer: written, recorder, request, ended }
}

test('ended requests are written together, later, each once', async () => {
  const clock = new ManualClock()
  const to = archive()
  const { writer: written, recorder, request, ended } = writer(to.port, clock)
  const exchanges = [request('/a'), request('/b')]
  expect(to.state.calls).toBe(0)
  expect(written.counts).toMatchObject({ waiting: 2, stored: 0, lost: 0 })
  clock.advance(200)
  await written.flush()
  expect(to.stored.map(({ row }) => row.path)).toEqual(['/a', '/b'])
  expect(to.state.calls).toBe(1)
  expect(exchanges.every(({ seq }) => recorder.exchange(seq)?.archived)).toBe(true)
  expect(written.counts).toMatchObject({ waiting: 0, stored: 2, lost: 0, problem: null })
  expect(ended).toEqual([1, 2])
})

test('a busy host writes later, and not never', async () => {
  const clock = new ManualClock()
  const to = archive()
  const { writer: written, request } = writer(to.port, clock, { utilization: 0.9 })
  const passes = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100)
      await new Promise((turn) => setImmediate(turn))
    }
  }
  for (let i = 0; i < 10; i++) request()
  await passes(4000)
  expect(written.counts).toMatchObject({ waiting: 10, stored: 0 })
  await passes(2000)
  expect(written.counts).toMatchObject({ waiting: 0, stored: 10 })
  // Many do not wait for the time to be over.
  for (let i = 0; i < 25_001; i++) request()
  await passes(1000)
  expect(written.counts.stored).toBeGreaterThan(10)
})

test('C51: what is written has no secret in it', async () => {
  const to = archive()
  const { writer: written, recorder, request } = writer(to.port)
  request('/?bst=hush&token=hush', ['Cookie', 'a=hush', 'Authorization', 'Bearer hush', 'X-Api-Key', 'hush'])
  const socket = recorder.begin({
    kind: 'websocket',
    appKey: 'k',
    appId: 'notes',
    method: 'GET',
    path: '/',
    requestHeaders: [],
  })
  socket.frame('in', 1, 4, null, 'hush')
  socket.end()
  await written.flush()
  expect(to.stored).toHaveLength(2)
  expect(JSON.stringify(to.stored)).not.toContain('hush')
})

test('nothing is lost silently: what does not fit is counted, and is still told to the charts', async () => {
  let release = () => {}
  const to = archive()
  to.state.hold = new Promise<void>((done) => {
    release = done
  })
  const clock = new ManualClock()
  const { writer: written, recorder, request, ended } = writer(to.port, clock, { maxBytes: 1024 * 1024 })
  const made = 20_000
  for (let i = 0; i < made; i++) request()
  const { waiting, stored, lost } = written.counts
  expect(lost).toBeGreaterThan(0)
  expect(recorder.log.bytes).toBeLessThanOrEqual(1024 * 1024)
  expect(waiting + stored + lost).toBe(made)
  release()
  await written.flush()
  expect(written.counts.stored + written.counts.lost).toBe(made)
  expect(recorder.counts).toMatchObject({ made, open: 0 })
  expect(ended).toHaveLength(made)
})

test('a damaged file costs no row: the same slice is written into the new one', async () => {
  const to = archive()
  const failOnce = new AppError('DATABASE_DAMAGED', 'It is damaged.')
  const { writer: written, request } = writer({
    ...to.port,
    call: async (call, ...input) => {
      if (to.state.calls === 0) {
        to.state.calls++
        throw failOnce
      }
      return to.port.call(call, ...input)
    },
  } as TrafficArchive)
  request()
  await written.flush()
  expect(written.counts).toMatchObject({ stored: 1, lost: 0, problem: null })
})

test('a full disk is said, and what waits then is counted as lost at the end', async () => {
  const to = archive()
  to.state.fails = new AppError('DISK_FULL', 'The disk is full.')
  const { writer: written, request } = writer(to.port)
  request()
  await expect.poll(() => written.counts.problem, { timeout: 10_000 }).toBe('The disk is full.')
  expect(written.counts).toMatchObject({ waiting: 1, lost: 0 })
  await written.close()
  expect(written.counts).toMatchObject({ waiting: 0, stored: 0, lost: 1 })
  request()
  expect(written.counts.lost).toBe(2)
})

test('without a file everything is counted as lost, and the charts go on', async () => {
  const { writer: written, request, ended } = writer(null)
  request()
  await written.flush()
  expect(written.counts).toMatchObject({ waiting: 0, stored: 0, lost: 1 })
  expect(written.counts.problem).toMatch(/not stored/)
  expect(ended).toEqual([1])
})
