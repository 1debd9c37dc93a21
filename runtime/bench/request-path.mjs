/**
 * What a request costs that goes through a proxy: ours and the others that a person could put there instead. Part of
 * `npm run bench`, see resources/docs/performance.md. Everything runs on loopback and is started here; contestants take
 * turns (A B C A B C …), so that a machine that slows down slows all of them. Linux: figures are read from /proc.
 * `--help` tells the options.
 */
import { realpathSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/** @typedef {import('./request-path/contestants/types.ts').Running} Running */

/** Each option once, for the parser and for the help; `shown` is what stands for its value. */
const OPTIONS = /** @type {const} */ ({
  only: { type: 'string', shown: 'atek,nginx', help: 'contestants' },
  workloads: { type: 'string', shown: 'get-32,rpc', help: 'workloads' },
  rounds: { type: 'string', default: '5', shown: '5', help: 'turns' },
  seconds: { type: 'string', default: '3', shown: '3', help: 'of each turn' },
  growth: {
    type: 'boolean',
    default: false,
    help: 'instead of the others, Atek with many apps, sessions and stored requests',
  },
  json: { type: 'string', shown: 'file', help: 'writes the results' },
  markdown: { type: 'string', shown: 'file', help: 'puts the tables into this document' },
  from: { type: 'string', shown: 'file', help: 'measures nothing: takes the results of an earlier run' },
  check: { type: 'boolean', default: false, help: 'looks at the options and ends' },
  help: { type: 'boolean', default: false, help: 'says this' },
})

/** @param {string[]} args */
const parse = (args) => parseArgs({ args, options: OPTIONS }).values

/**
 * What is asked for; or, where there is nothing to measure, what to print, and the status to end with. Looks at the
 * words alone, so that it can be asked before anything is set up.
 * @param {string[]} args
 * @returns {{ values: ReturnType<typeof parse> } | { print: string, status: 0 | 2 }}
 */
export function asked(args) {
  try {
    const values = parse(args)
    if (values.help) return { print: help(), status: 0 }
    for (const name of /** @type {const} */ (['rounds', 'seconds']))
      if (!(Number(values[name]) > 0)) throw new Error(`--${name} takes a number above 0`)
    return { values }
  } catch (error) {
    // Of what Node.js says, the first sentence: the others are about writing command lines.
    const [what] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/)
    return { print: `${what}.\n\n${help()}`, status: 2 }
  }
}

function help() {
  const lines = Object.entries(OPTIONS).map(([name, option]) => {
    const words = 'shown' in option ? `--${name} ${option.shown}` : `--${name}`
    return `  ${words.padEnd(24)}${option.help}\n`
  })
  return `npm run bench -- [options]\n${lines.join('')}`
}

/** @param {string[]} known @param {string | undefined} asked */
function chosen(known, asked) {
  if (asked === undefined) return known
  const names = asked.split(',')
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}. There are: ${known.join(', ')}.`)
  return names
}

/**
 * @param {ReturnType<typeof parse>} values
 * @returns {Promise<import('./request-path/report.mjs').Results>}
 */
async function run(values) {
  // Only now: these need packages, and the options are looked at without.
  const { startApp, writeApp } = await import('./request-path/apps.mjs')
  const { CONTESTANTS, GROWTH } = await import('./request-path/contestants/all.mjs')
  const { machine } = await import('./request-path/machine.mjs')
  const { measure } = await import('./request-path/measure.mjs')
  const { freePort, isInstalled } = await import('./request-path/system.mjs')
  const { WORKLOADS } = await import('./request-path/workloads.mjs')
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

/** @param {ReturnType<typeof parse>} values */
async function main(values) {
  const { intoDocument, tables, targets } = await import('./request-path/report.mjs')
  const results = values.from === undefined ? await run(values) : JSON.parse(await readFile(values.from, 'utf8'))
  process.stdout.write(results.how.growth ? tables(results) : `${tables(results)}\n${targets(results)}`)
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`)
  if (values.markdown !== undefined) {
    await writeFile(values.markdown, intoDocument(await readFile(values.markdown, 'utf8'), results))
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  const outcome = asked(process.argv.slice(2))
  if ('print' in outcome) {
    process.exitCode = outcome.status
    ;(outcome.status === 0 ? process.stdout : process.stderr).write(outcome.print)
  } else if (!outcome.values.check) await main(outcome.values)
}
