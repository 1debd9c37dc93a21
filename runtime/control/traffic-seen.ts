import { AppError } from '../contract/errors.ts'
import type { FilterNode } from '../contract/filter/ast.ts'
import { parseFilter } from '../contract/filter/parse.ts'
import type { TrafficDetails, TrafficRow } from '../contract/models.ts'
import type { TrafficSearchPage } from '../contract/traffic.ts'
import type { Actor } from './actor.ts'
import type { Services } from './services.ts'
import { maySeeTraffic, trafficScope } from './visibility.ts'

export interface TrafficChoice {
  filter?: string | undefined
  appKey?: string | undefined
}

/** Rows that a search for an export looks at in one go. */
const PAGE = 500

/** The record as one person may see it; every method of the live view reads through this. */
export class SeenTraffic {
  readonly #services: Services

  constructor(services: Services) {
    this.#services = services
  }

  visible(actor: Actor): (row: TrafficRow) => boolean {
    const { apps } = this.#services
    return (row) => maySeeTraffic(actor, row, (key) => apps.get(key)?.owner ?? null)
  }

  /** NOT_FOUND also for what others may see: that it is there is not this person's to know. */
  async one(actor: Actor, seq: number): Promise<TrafficDetails> {
    const details = await this.#services.traffic.get(seq)
    if (details === null || !this.visible(actor)(details)) {
      throw new AppError('NOT_FOUND', 'This request is no longer in the record.')
    }
    return details
  }

  /** BAD_INPUT when the filter cannot be read. */
  search(
    actor: Actor,
    { filter, appKey, before, after, limit }: TrafficChoice & { before?: number; after?: number; limit: number },
  ): Promise<TrafficSearchPage> {
    return this.#services.traffic.search({
      node: readFilter(filter ?? ''),
      before: before ?? null,
      after: after ?? 0,
      appKey: appKey ?? null,
      limit,
      scope: trafficScope(actor, this.#services.apps.list()),
      visible: this.visible(actor),
    })
  }

  /** These rows, or the newest that match; oldest first, and no more than `most`. */
  async many(
    actor: Actor,
    { seqs, ...choice }: TrafficChoice & { seqs?: number[] | undefined },
    most: number,
  ): Promise<{ rows: TrafficDetails[]; truncated: boolean }> {
    const found = seqs === undefined ? await this.#newest(actor, choice, most) : { seqs, truncated: false }
    const rows: TrafficDetails[] = []
    for (const seq of [...found.seqs].sort((a, b) => a - b)) {
      const details = await this.#services.traffic.get(seq)
      // It may have gone since it was chosen.
      if (details !== null && this.visible(actor)(details)) rows.push(details)
    }
    return { rows, truncated: found.truncated }
  }

  async #newest(actor: Actor, choice: TrafficChoice, most: number): Promise<{ seqs: number[]; truncated: boolean }> {
    const seqs: number[] = []
    let before: number | undefined
    while (seqs.length < most) {
      const limit = Math.min(PAGE, most - seqs.length)
      const page = await this.search(actor, { ...choice, limit, ...(before !== undefined && { before }) })
      seqs.push(...page.rows.map((row) => row.seq))
      if (page.next === null) return { seqs, truncated: false }
      before = page.next
    }
    return { seqs, truncated: true }
  }
}

/** What is not understood is not left out: the page would show what was not asked for. */
function readFilter(text: string): FilterNode | null {
  const { node, problems } = parseFilter(text)
  const [problem] = problems
  if (problem !== undefined) throw new AppError('BAD_INPUT', problem.message, { from: problem.from, to: problem.to })
  return node
}
