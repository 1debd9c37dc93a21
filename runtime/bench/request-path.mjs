/**
 * What a request costs that goes through a proxy: ours and the others that a person could put there instead. Part of
 * `npm run bench`, see resources/docs/performance.md. Everything runs on loopback and is started here; contestants take
 * turns (A B C A B C …), so that a machine that slows down slows all of them. Linux: figures are read from /proc.
 *
 *   --only atek,nginx      contestants      --workloads get-32,rpc    workloads
 *   --rounds 5             turns            --seconds 3               of each turn
 *   --growth               instead of the others, Atek with many apps, sessions and stored requests
 *   --json file            results          --markdown file           the document, with the tables put in
 *   --from file            no measuring: results of an earlier run, to print or to put into the document
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startApp, writeApp } from './request-path/apps.mjs'
import { CONTESTANTS, GROWTH } from './request-path/contestants/all.mjs'
import { machine } from './request-path/machine.mjs'
import { measure } from './request-path/measure.mjs'
import { intoDocument, tables, targets } from './request-path/report.mjs'
import { freePort, isInstalled } from './request-path/system.mjs'
import { WORKLOADS } from './request-path/workloads.mjs'

/** @typedef {import('./request-path/contestants/types.ts').Running} Running */

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    workloads: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    from: { type: 'string' },
    growth: { type: 'boolean', default: false },
  },
})

/** @param {string[]} known @param {string | undefined} asked */
function chosen(known, asked) {
  if (asked === undefined) return known
  const names = asked.split(',')
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}. There are: ${known.join(', ')}.`)
  return names
}

/** @returns {Promise<import('./request-path/report.mjs').Results>} */
async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'atek-bench-'))
  /** @type {(() => unknown)[]} */
  const stops = []
  try {
    if (!isInstalled('wrk')) throw new Error('wrk is not installed; it makes the requests.')
    const appFolders = { static: join(folder, 'static'), node: join(folder, 'node') }
    await writeApp(appFolders.static, 'static')
    await writeApp(appFolders.node, 'node')
    const apps = {
      static: await startApp(appFolders.static, await freePort()),
      node: await startApp(appFolders.node, await freePort()),
    }
    stops.push(apps.static.stop, apps.node.stop)

    /** @type {{ id: string, name: string, running: Running }[]} */
    const here = []
    /** @type {Record<string, string>} */
    const missing = {}
    const contestants = values.growth ? GROWTH : CONTESTANTS
    for (const id of chosen(Object.keys(contestants), values.only)) {
      const contestant = contestants[id]
      if (contestant === undefined) continue
      const lacks = contestant.missing()
      if (lacks !== null) {
        missing[contestant.name] = lacks
        process.stderr.write(`${contestant.name}: left out, ${lacks} is not there.\n`)
        continue
      }
      process.stderr.write(`Starting ${contestant.name}\n`)
      const running = await contestant.start({ folder: join(folder, `contestant-${id}`), apps, appFolders })
      stops.push(running.stop)
      here.push({ id, name: contestant.name, running })
    }
    const known = WORKLOADS.map((workload) => workload.id)
    const ids = chosen(known, values.workloads ?? (values.growth ? 'get-1,get-32' : undefined))
    const workloads = WORKLOADS.filter((workload) => ids.includes(workload.id))
    const how = { rounds: Number(values.rounds), seconds: Number(values.seconds), growth: values.growth }
    return { machine: machine(), how, missing, workloads: await measure(here, workloads, how, folder) }
  } finally {
    for (const stop of stops.reverse()) await stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const results = values.from === undefined ? await run() : JSON.parse(await readFile(values.from, 'utf8'))
process.stdout.write(results.how.growth ? tables(results) : `${tables(results)}\n${targets(results)}`)
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`)
if (values.markdown !== undefined) {
  await writeFile(values.markdown, intoDocument(await readFile(values.markdown, 'utf8'), results))
}
