import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { systemClock } from '../core/clock.ts'
import { silentLogger } from '../core/logger.ts'
import { bundle } from '../storage/testing/processes.ts'
import { driveTraffic } from '../testing/drive-traffic.ts'
import { openTrafficLog } from './open-traffic-log.ts'

let folder: string
let workerFile: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atek-load-'))
  workerFile = await bundle('../../traffic/archive-thread.ts', folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('10,000 requests a second: memory is bounded, and every request is stored or counted as lost', async () => {
  // ATEK_LOAD_SECONDS=60 for the whole minute.
  const seconds = Number(process.env.ATEK_LOAD_SECONDS ?? 3)
  const failures: unknown[] = []
  const logger = { ...silentLogger, warn: (...said: unknown[]) => failures.push(said), error: silentLogger.error }
  const file = join(folder, 'traffic.db')
  const log = await openTrafficLog({ clock: systemClock, logger, file, workerFile })
  const under = log.recorder.begin({
    kind: 'websocket',
    appKey: null,
    appId: 'notes',
    method: 'GET',
    path: '/under-way',
    requestHeaders: [],
  })
  const { made } = await driveTraffic(log.recorder, { perSecond: 10_000, seconds })
  expect(failures).toEqual([])
  const counts = await log.counts()
  expect(counts.made).toBe(made + 1)
  expect(counts.open).toBe(1)
  expect(counts.open + counts.waiting + counts.stored + counts.lost).toBe(counts.made)
  expect(counts.inMemory).toBeLessThanOrEqual(LIMITS.trafficRows)
  expect(counts.inMemory + counts.leftMemory).toBe(counts.made)
  expect(log.recorder.log.bytes).toBeLessThanOrEqual(LIMITS.trafficBytes)

  const stats = await log.stats('minutes', () => true)
  const counted = stats.apps.flatMap((app) => app.requestsPerSecond.slice(0, -1)).reduce((a, b) => a + b, 0)
  expect(counted * 10).toBeLessThanOrEqual(made + 0.001)
  under.end()
  await log.close()

  const again = await openTrafficLog({ clock: systemClock, logger: silentLogger, file, workerFile })
  expect((await again.counts()).onDisk.rows).toBe(counts.made - counts.lost)
  await again.close()
}, 180_000)
