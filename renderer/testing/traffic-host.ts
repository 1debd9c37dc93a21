import { vi } from 'vitest'
import { filterTest } from '../../runtime/contract/filter/evaluate.ts'
import { parseFilter } from '../../runtime/contract/filter/parse.ts'
import type { TrafficRow } from '../../runtime/contract/models.ts'
import type { TrafficSearchPage } from '../../runtime/contract/traffic.ts'
import type { ToTrafficWorker } from '../state/traffic/messages.ts'
import { announceTrafficWaiting } from '../state/traffic/waiting.ts'

interface Search {
  filter?: string
  before?: number
  after?: number
  limit: number
}

/** A record of requests behind the bridge, and the worker's real code in place of the worker. */
export class TrafficHost {
  /** Everything recorded, ordered by seq. */
  record: TrafficRow[] = []
  /** Numbers of the rows that a filter by headers lets through: rows do not have them. */
  readonly withHeader = new Set<number>()
  /** So many rows a search looks at before its time is over. */
  scan = Number.POSITIVE_INFINITY
  searches: Search[] = []
  /** Set, a search fails. */
  failure: string | null = null
  /** Searches wait for it. */
  held: Promise<void> | null = null
  takings: { watch: boolean }[] = []
  taking = 0
  mostTaking = 0
  readonly posted: ToTrafficWorker[] = []
  terminated = false
  #batch: { cleared: boolean; every: number; rows: TrafficRow[] } = { cleared: false, every: 1, rows: [] }

  static async start(): Promise<TrafficHost> {
    const host = new TrafficHost()
    vi.stubGlobal('window', {
      atek: {
        control: async (_method: string, input: Search) => host.#search(input),
        desktop: async (_method: string, input: { watch: boolean }) => host.#take(input),
      },
    })
    interface Port {
      onmessage: ((event: { data: unknown }) => void) | null
    }
    const inside: Port & { postMessage(message: unknown): void } = {
      onmessage: null,
      postMessage: (message) => {
        const data = structuredClone(message)
        queueMicrotask(() => made?.onmessage?.({ data }))
      },
    }
    let made: Port | null = null
    vi.stubGlobal(
      'Worker',
      class {
        onmessage: Port['onmessage'] = null
        constructor() {
          made = this
        }
        postMessage(message: ToTrafficWorker): void {
          host.posted.push(message)
          const data = structuredClone(message)
          queueMicrotask(() => inside.onmessage?.({ data }))
        }
        terminate(): void {
          host.terminated = true
        }
      },
    )
    vi.stubGlobal('self', inside)
    vi.resetModules()
    await import('../state/traffic/worker.ts')
    return host
  }

  /** The worker's code has no end here, so its last picture is waited for: it must not come into the next test. */
  async stop(): Promise<void> {
    await new Promise((done) => setTimeout(done, 150))
    vi.unstubAllGlobals()
  }

  /** Requests pass: into the record, and announced. */
  pass(rows: readonly TrafficRow[], part: { every?: number } = {}): void {
    for (const row of rows) {
      const at = this.record.findIndex(({ seq }) => seq === row.seq)
      if (at < 0) this.record.push(row)
      else this.record[at] = row
    }
    this.#batch.rows.push(...rows)
    this.#batch.every = Math.max(this.#batch.every, part.every ?? 1)
    announceTrafficWaiting()
  }

  clear(): void {
    this.record = []
    this.#batch = { cleared: true, every: 1, rows: [] }
    announceTrafficWaiting()
  }

  async #take(input: { watch: boolean }): Promise<unknown> {
    this.takings.push(input)
    this.taking += 1
    this.mostTaking = Math.max(this.mostTaking, this.taking)
    const { cleared, rows } = this.#batch
    const value = cleared || rows.length > 0 ? JSON.stringify(this.#batch) : ''
    this.#batch = { cleared: false, every: 1, rows: [] }
    await new Promise((done) => setTimeout(done, 5))
    this.taking -= 1
    return { ok: true, value }
  }

  async #search(input: Search): Promise<unknown> {
    this.searches.push(input)
    const value = this.#page(input)
    await this.held
    if (this.failure !== null) return { ok: false, error: { code: 'INTERNAL', message: this.failure } }
    return { ok: true, value }
  }

  #page({ filter = '', before = Number.MAX_SAFE_INTEGER, after = 0, limit }: Search): TrafficSearchPage {
    const byHeader = filter.includes('header:')
    const test = filterTest(byHeader ? null : parseFilter(filter).node)
    const range = this.record.filter(({ seq }) => seq < before && seq > after).reverse()
    const rows: TrafficRow[] = []
    let looked = 0
    for (const row of range) {
      if (rows.length >= limit || looked >= this.scan) break
      looked += 1
      if (test(row) && (!byHeader || this.withHeader.has(row.seq))) rows.unshift(row)
    }
    const next = looked < range.length ? (range[looked - 1]?.seq ?? null) : null
    return { rows, next, total: { count: rows.length, exact: next === null }, tookMs: 1 }
  }
}
