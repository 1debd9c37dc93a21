/** Results as tables, on the terminal and in the document. */
import { spread } from '../spread.mjs'

/**
 * @typedef {object} Results
 * @property {Record<string, string>} machine
 * @property {{ rounds: number, seconds: number }} how
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
function table({ name, contestants }) {
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
        id === OURS || ours === undefined ? '' : figure(ratios, (value) => `${value.toFixed(2)} ×`),
        figure(turns.map(({ p50 }) => p50)),
        figure(turns.map(({ p99 }) => p99)),
        counted('processor').length === 0 ? '' : figure(counted('processor')),
        memory.length === 0 ? '' : number(spread(memory).most),
      ].join(' | ')} |`,
    )
  }
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

const BEGIN = '<!-- figures: begin -->'
const END = '<!-- figures: end -->'

/** The document with its figures replaced. @param {string} document @param {Results} results */
export function intoDocument(document, results) {
  const from = document.indexOf(BEGIN)
  const to = document.indexOf(END)
  if (from === -1 || to === -1) throw new Error(`The document has no ${BEGIN} … ${END}.`)
  return `${document.slice(0, from + BEGIN.length)}\n\n${tables(results)}\n${document.slice(to)}`
}
