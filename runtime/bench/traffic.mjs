/**
 * What the record of requests costs: `node runtime/bench/traffic.mjs [rows]`, after a build.
 * First pages of filters, common and rare, over 500,000 stored rows unless told; and 10,000 requests/s for ten seconds
 * through the recorder to the disk, with the time that the host's thread is held up.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { runnerImport } from 'vite'
import { shown, spread } from './spread.mjs'

const ROWS = Number(process.argv[2] ?? 500_000)
const ROUNDS = 9
const LOAD = { perSecond: 10_000, seconds: 10 }
const FILTERS = [
  ['everything', ''],
  ['every 3rd row', 'app:notes'],
  ['one in 50', 'status:404'],
  ['one in 10,000', 'status:>=500'],
  ['none, by name', 'user:nobody'],
  ['none, by path', 'path:nowhere-at-all'],
  ['none, by word', 'nowhere-at-all'],
  ['none, by pattern', 'path~^/nowhere/[0-9]+$'],
  ['none, by header', 'header:atek-auth-user'],
  ['the oldest 10', 'path:/oldest'],
  ['and, or, not', '(app:notes or app:tasks) not status:2xx took:>95ms'],
]

const project = resolve(import.meta.dirname, '../..')
const parts = join(project, 'runtime/bench/traffic-parts.ts')
/** @type {{ module: typeof import('./traffic-parts.ts') }} */
const { module } = await runnerImport(parts, { root: project, configFile: false })
const { driveTraffic, openTrafficLog, parseFilter, silentLogger, storedExchange, systemClock, TrafficStore } = module

const built = join(project, 'out/runtime/traffic-worker.js')
const workerFile = existsSync(built) ? built : null
if (workerFile === null) console.log('There is no build, so the record is stored in the thread that is measured.')

const folder = await mkdtemp(join(tmpdir(), 'atek-traffic-'))
const file = join(folder, 'traffic.db')
try {
  fill()
  const log = await openTrafficLog({ clock: systemClock, logger: silentLogger, file, workerFile })
  console.log(`\n| first page (200) of ${ROWS.toLocaleString('en')} stored rows | median (least–most) | rows | seen |`)
  console.log('| --- | --- | --- | --- |')
  for (const [name, filter] of FILTERS) {
    /** @type {number[]} */
    const times = []
    let page
    for (let round = 0; round < ROUNDS; round++) {
      const from = performance.now()
      page = await log.search({
        node: parseFilter(filter ?? '').node,
        before: null,
        after: 0,
        appKey: null,
        limit: 200,
        scope: null,
        visible: () => true,
      })
      times.push(performance.now() - from)
    }
    const seen = page?.next === null || page?.rows.length === 200 ? 'all' : `back to ${page?.next}`
    console.log(`| ${name}: \`${filter}\` | ${shown(spread(times), 'ms', 1)} | ${page?.rows.length} | ${seen} |`)
  }

  const delay = monitorEventLoopDelay({ resolution: 1 })
  const before = process.memoryUsage().rss
  const cpu = process.cpuUsage()
  delay.enable()
  const { made, longestPause } = await driveTraffic(log.recorder, LOAD)
  delay.disable()
  const used = process.cpuUsage(cpu)
  const grown = process.memoryUsage().rss - before
  const counts = await log.counts()
  console.log(`\n| ${LOAD.perSecond.toLocaleString('en')} requests/s for ${LOAD.seconds} s | |\n| --- | --- |`)
  console.log(
    `| made = open + waiting + stored + lost | ${made} = ${[counts.open, counts.waiting, counts.stored, counts.lost].join(' + ')} |`,
  )
  console.log(
    `| pauses of the thread, p50 / p99 / longest | ${[delay.percentile(50), delay.percentile(99)].map((ns) => `${(ns / 1e6).toFixed(1)} ms`).join(' / ')} / ${longestPause.toFixed(0)} ms |`,
  )
  console.log(`| CPU seconds of all threads | ${((used.user + used.system) / 1e6).toFixed(1)} |`)
  console.log(`| memory grown | ${(grown / 1e6).toFixed(0)} MB |`)
  const from = performance.now()
  await log.close()
  console.log(`| closing, with what waited | ${(performance.now() - from).toFixed(0)} ms |`)
} finally {
  await rm(folder, { recursive: true, force: true })
}

function fill() {
  const store = new TrafficStore(file, () => performance.now())
  const from = performance.now()
  for (let seq = 1; seq <= ROWS; ) {
    const batch = []
    for (; batch.length < 1000 && seq <= ROWS; seq++) batch.push(made(seq))
    store.insert(batch)
  }
  const seconds = (performance.now() - from) / 1000
  const { bytes } = store.counts()
  store.close()
  console.log(
    `${Math.round(ROWS / seconds).toLocaleString('en')} rows/s stored; ${(bytes / ROWS).toFixed(0)} bytes each.`,
  )
}

/** @param {number} seq */
function made(seq) {
  const id = ['notes', 'tasks', 'photos'][seq % 3] ?? ''
  const username = ['alice', 'bob', 'carol'][seq % 7] ?? 'dave'
  const headers = /** @type {[string, string][]} */ (
    Array.from({ length: 12 }, (_, i) => [`X-Header-${i}`, `value ${i} of a header of usual length`])
  )
  return storedExchange(
    {
      seq,
      appKey: id,
      appId: id,
      caller: { userKey: username, username, serviceKey: null, serviceId: null },
      path: seq <= 10 ? '/oldest' : `/api/items/${seq % 9973}?page=${seq % 13}`,
      status: seq % 10_000 === 0 ? 500 : seq % 50 === 0 ? 404 : 200,
      durationMs: (seq * 7919) % 100,
    },
    { requestHeaders: headers, responseHeaders: headers.slice(0, 6) },
  )
}
