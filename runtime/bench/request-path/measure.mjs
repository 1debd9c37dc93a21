/** Turns: every contestant once, then every contestant again, so that what changes on the machine meets all of them. */
import { atRest, forgetPeaks, peakMemory, processorSeconds } from './system.mjs'

/**
 * One turn's figures. `processor`: seconds for 10,000 requests; `memory`: bytes; both null where nothing of it is counted.
 * @typedef {import('./wrk.mjs').Figures & { processor: number | null, memory: number | null }} Turn
 */

/**
 * @typedef {object} WorkloadResult
 * @property {string} id
 * @property {string} name
 * @property {string[]} failed Contestants of which requests failed: they have no figures.
 * @property {{ id: string, name: string, turns: Turn[] }[]} contestants
 */

/**
 * @param {{ id: string, name: string, running: import('./contestants/types.ts').Running }[]} contestants
 * @param {import('./workloads.mjs').Workload[]} workloads
 * @param {{ rounds: number, seconds: number }} how @param {string} folder
 * @returns {Promise<WorkloadResult[]>}
 */
export async function measure(contestants, workloads, how, folder) {
  /** @type {WorkloadResult[]} */
  const results = []
  for (const workload of workloads) {
    const taking = contestants.map(({ id, name, running }) => ({
      id,
      name,
      running,
      turns: /** @type {Turn[]} */ ([]),
    }))
    /** @type {Set<string>} */
    const failed = new Set()
    // The first turn warms caches and compilers and is not counted.
    for (let round = -1; round < how.rounds; round++) {
      for (const { name, running, turns } of taking) {
        const pids = running.pids()
        forgetPeaks(pids)
        const before = processorSeconds(pids)
        const figures = await workload.run(running, round < 0 ? Math.min(how.seconds, 2) : how.seconds, folder)
        if (figures === null) continue
        // What it left to be done later is its own, too, and would slow down whoever comes next.
        await atRest(pids)
        const used = processorSeconds(pids) - before
        if (figures.errors > 0) {
          // A figure for requests that failed would be worse than none.
          process.stderr.write(`${workload.name}, ${name}: ${figures.errors} requests failed; not counted.\n`)
          failed.add(name)
        }
        if (round < 0 || failed.has(name)) continue
        turns.push({
          ...figures,
          processor: pids.length === 0 ? null : (used / figures.requests) * 10_000,
          memory: pids.length === 0 ? null : peakMemory(pids),
        })
      }
      process.stderr.write(`${workload.name}: ${round < 0 ? 'warm' : `round ${round + 1} of ${how.rounds}`}\n`)
    }
    results.push({
      id: workload.id,
      name: workload.name,
      failed: [...failed],
      contestants: taking
        .filter(({ name, turns }) => turns.length > 0 && !failed.has(name))
        .map(({ id, name, turns }) => ({ id, name, turns })),
    })
  }
  return results
}
