/** Results as tables, on the terminal and in the document. */
import { spread } from '../spread.mjs'

/**
 * @typedef {object} Results
 * @property {Record<string, string>} machine
 * @property {{ rounds: number, seconds: number, growth: boolean }} how
 * @property {Record<string, string>} missing What was left out, and what it lacks.
 * @property {import('./measure.mjs').WorkloadResult[]} workloads
 */

/** Ours, which the others are compared with. */
const OURS = 'atek'

/** @param {number} value */
function number(value) {
  if (Number.isNaN(value)) return '–'
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2)
}

/** Median, then the spread. @param {number[]} values @param {(value: number) => string} [shown] */
function figure(values, shown = number) {
  const { least, median, most } = spread(values)
  return `${shown(median)} (${shown(least)}–${shown(most)})`
}

/** @param {import('./measure.mjs').WorkloadResult} workload */
function table({ name, contestants, failed }) {
  const ours = contestants.find(({ id }) => id === OURS)
  const lines = [
    `### ${name}`,
    '',
    '| | requests/s | Atek against it, round by round | p50 ms | p99 ms | CPU s for 10,000 | memory MB |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ]
  for (const { id, name: contestant, turns } of contestants) {
    const ratios = turns.map(({ perSecond }, i) => (ours?.turns[i]?.perSecond ?? Number.NaN) / perSecond)
    const counted = (/** @type {'processor' | 'memory'} */ what) => turns.flatMap((turn) => turn[what] ?? [])
    const memory = counted('memory').map((bytes) => bytes / 1024 ** 2)
    lines.push(
      `| ${[
        id === OURS ? `**${contestant}**` : contestant,
        figure(turns.map(({ perSecond }) => perSecond)),
        id === OURS || ours === undefined ? '' : figure(ratios, (ratio) => `${ratio.toFixed(2)} ×`),
        figure(turns.map(({ p50 }) => p50)),
        figure(turns.map(({ p99 }) => p99)),
        counted('processor').length === 0 ? '' : figure(counted('processor')),
        memory.length === 0 ? '' : number(spread(memory).most),
      ].join(' | ')} |`,
    )
  }
  if (failed.length > 0) lines.push('', `Requests failed, so there are no figures: ${failed.join(', ')}.`)
  return lines.join('\n')
}

/** @param {Results} results */
export function tables(results) {
  const { machine, how, missing } = results
  const versions = `Node ${machine.node}, nginx ${machine.nginx}, Caddy ${machine.caddy}, wrk ${machine.wrk}`
  const said = [
    `Measured on ${machine.date}: ${machine.processor}, ${machine.memory}, ${machine.system}; ${versions}.`,
    `${how.rounds} rounds of ${how.seconds} s each, contestants taking turns. Median (least–most).`,
    ...Object.entries(missing).map(([name, lacks]) => `Left out: ${name}, for want of ${lacks}.`),
  ]
  return `${[said.join('\n'), ...results.workloads.map(table)].join('\n\n')}\n`
}

/** The document with its figures replaced: those of the contestants, or those of growth. @param {string} document @param {Results} results */
export function intoDocument(document, results) {
  const name = results.how.growth ? 'growth' : 'figures'
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from === -1 || to === -1) throw new Error(`The document has no ${begin} … ${end}.`)
  const shown = results.how.growth ? tables(results) : `${tables(results)}\n${targets(results)}`
  return `${document.slice(0, from + begin.length)}\n\n${shown}\n${document.slice(to)}`
}

/** What is to be reached at 1 kB and 32 connections: our requests/s over theirs. */
const TARGETS = [
  { id: 'nginx-auth', least: 1.5, aim: 2.5 },
  { id: 'caddy', least: 1.2, aim: 2 },
  { id: 'http-proxy', least: 1.5, aim: 2.5 },
  { id: 'nginx', least: 0.3, aim: 0.5 },
  { id: 'atek-unrecorded', least: 0.9, aim: 0.97 },
]

/** What was reached, and what was missed said as missed. @param {Results} results */
export function targets({ workloads }) {
  const contestants = workloads.find(({ id }) => id === 'get-32')?.contestants ?? []
  const turnsOf = (/** @type {string} */ id) => contestants.find((contestant) => contestant.id === id)?.turns ?? []
  const lines = [
    '### Targets, at 1 kB and 32 connections',
    '',
    '| against | ratio | at least | aim | |',
    '| --- | --- | --- | --- | --- |',
  ]
  for (const { id, least, aim } of TARGETS) {
    const theirs = turnsOf(id)
    const ratios = turnsOf(OURS).map(({ perSecond }, i) => perSecond / (theirs[i]?.perSecond ?? Number.NaN))
    if (ratios.length === 0 || theirs.length === 0) continue
    const { median } = spread(ratios)
    const verdict = median >= aim ? 'aim reached' : median >= least ? 'reached' : '**missed**'
    const name = contestants.find((contestant) => contestant.id === id)?.name ?? id
    lines.push(
      `| ${name} | ${figure(ratios, (ratio) => `${ratio.toFixed(2)} ×`)} | ${least} × | ${aim} × | ${verdict} |`,
    )
  }
  const one = workloads.find(({ id }) => id === 'get-1')?.contestants ?? []
  const late = (/** @type {string} */ id) => one.find((contestant) => contestant.id === id)?.turns.map(({ p99 }) => p99)
  const [own, app] = [late(OURS), late('app')]
  if (own !== undefined && app !== undefined) {
    const added = own.map((p99, i) => p99 - (app[i] ?? Number.NaN))
    const verdict = spread(added).median <= 0.5 ? 'reached' : '**missed**'
    lines.push(`| the app alone, p99 at 1 connection | + ${figure(added)} ms | + 0.5 ms at most | | ${verdict} |`)
  }
  return `${lines.join('\n')}\n`
}
