import { LIMITS } from '../contract/limits.ts'
import type { TrafficDetails, TrafficPage, TrafficRow } from '../contract/models.ts'
import type { TrafficCounts } from '../contract/traffic.ts'
import type { Clock } from '../core/clock.ts'
import type { Disposable } from '../core/disposable.ts'
import { Emitter } from '../core/emitter.ts'
import { maskPath } from '../core/mask.ts'
import { ActivityCounts, RequestRate } from './activity.ts'
import { BodyStore } from './body-store.ts'
import { Exchange, type ExchangeSink, maskedHeaders, type TrafficEntry, type TrafficKind } from './exchange.ts'

/** How long changed rows are gathered before they are announced. */
const COALESCE = 100

export interface BeginInput {
  kind: TrafficKind
  appKey: string | null
  /** The label that was asked for, also when no app has it. */
  appId: string
  method: string
  path: string
  /** As node:http gives them: name, value, name, value … */
  requestHeaders: readonly string[]
}

/**
 * The record of requests: the last LIMITS.trafficRows of them, or fewer when they hold more than LIMITS.trafficBytes.
 * In memory only. Secrets are masked when they come in, so that none is ever held (C51).
 */
export class Recorder implements ExchangeSink, Disposable {
  /** New rows and rows that changed, at most every 100 ms. Copies: they do not change afterwards. */
  readonly changed = new Emitter<TrafficRow[]>()
  readonly cleared = new Emitter<void>()
  readonly #clock: Clock
  readonly #maxRows: number
  readonly #maxBytes: number
  /** The entry with number `seq` lies at `seq % maxRows`. */
  #ring: (TrafficEntry | undefined)[] = []
  #next = 1
  #oldest = 1
  #bytes = 0
  #dropped = 0
  #dirty = new Set<TrafficEntry>()
  #flush: Disposable | null = null
  readonly bodies = new BodyStore()
  readonly #activity: ActivityCounts
  readonly #rate: RequestRate

  constructor(deps: { clock: Clock; maxRows?: number; maxBytes?: number }) {
    this.#clock = deps.clock
    this.#maxRows = deps.maxRows ?? LIMITS.trafficRows
    this.#maxBytes = deps.maxBytes ?? LIMITS.trafficBytes
    this.#activity = new ActivityCounts(deps.clock)
    this.#rate = new RequestRate(deps.clock)
  }

  begin(input: BeginInput): Exchange {
    const kept = maskedHeaders(input.requestHeaders)
    const path = maskPath(input.path.slice(0, LIMITS.trafficHeaderBytes))
    const seq = this.#next++
    const row: TrafficRow = {
      seq,
      at: this.#clock.now(),
      kind: input.kind,
      appKey: input.appKey,
      appId: input.appId.slice(0, LIMITS.appIdLength),
      caller: null,
      method: input.method.slice(0, 32),
      path,
      status: null,
      state: 'open',
      durationMs: null,
      bytesIn: 0,
      bytesOut: 0,
      refused: null,
      rpcApi: null,
      rpcMethod: null,
      cause: null,
      replayOf: null,
    }
    const entry: TrafficEntry = {
      row,
      startedAt: this.#clock.monotonic(),
      reason: null,
      authHeaders: [],
      requestHeaders: kept.headers,
      responseHeaders: [],
      callerMs: null,
      forwardedMs: null,
      headMs: null,
      endMs: null,
      frames: null,
      size: 0,
    }
    if (seq - this.#oldest >= this.#maxRows) this.#dropOldest()
    this.#ring[seq % this.#maxRows] = entry
    this.#rate.count()
    // 400: the objects themselves, measured roughly; it keeps the bound honest for many tiny requests.
    this.touched(entry, kept.size + path.length + 400)
    return new Exchange(entry, this)
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  touched(entry: TrafficEntry, grown: number): void {
    // An entry that fell out of the ring lives on in its Exchange only: it is neither counted nor announced.
    if (this.#at(entry.row.seq) !== entry) return
    if (grown !== 0) {
      entry.size += grown
      this.#bytes += grown
      while (this.#bytes > this.#maxBytes && this.#oldest < this.#next) this.#dropOldest()
    }
    if (!this.changed.listening) return
    this.#dirty.add(entry)
    this.#flush ??= this.#clock.after(COALESCE, () => this.#announce())
  }

  finished(entry: TrafficEntry): void {
    const { appKey, status, refused } = entry.row
    if (appKey !== null) this.#activity.count(appKey, refused !== null || (status !== null && status >= 500))
  }

  /** The newest `limit` rows with a number below `before` that `visible` lets through, oldest first. */
  list(input: {
    before?: number | undefined
    limit: number
    appKey?: string | undefined
    visible(row: TrafficRow): boolean
  }): TrafficPage {
    const rows: TrafficRow[] = []
    let total = 0
    for (let seq = this.#next - 1; seq >= this.#oldest; seq--) {
      const row = this.#at(seq)?.row
      if (row === undefined) continue
      if (input.appKey !== undefined && row.appKey !== input.appKey) continue
      if (!input.visible(row)) continue
      total++
      if (rows.length < input.limit && (input.before === undefined || seq < input.before)) rows.push({ ...row })
    }
    return { rows: rows.reverse(), dropped: this.#dropped, total }
  }

  get(seq: number): TrafficDetails | null {
    const entry = this.#at(seq)
    if (entry === undefined) return null
    return {
      ...entry.row,
      reason: entry.reason,
      authHeaders: [...entry.authHeaders],
      requestHeaders: entry.requestHeaders,
      responseHeaders: entry.responseHeaders,
      headerLines: [],
      answerHeaderLines: [],
      timing: {
        callerMs: entry.callerMs,
        forwardedMs: entry.forwardedMs,
        headMs: entry.headMs,
        endMs: entry.endMs,
      },
      bodies: { request: false, response: false },
      frames: entry.frames?.list() ?? [],
      frameCounts: entry.frames === null ? null : entry.frames.counts,
      inMemory: true,
    }
  }

  /** What became of the requests since the start. */
  counts(): TrafficCounts {
    const made = this.#next - 1
    return {
      made,
      open: 0,
      waiting: 0,
      stored: 0,
      lost: made,
      inMemory: this.#next - this.#oldest,
      leftMemory: this.#dropped,
      onDisk: { rows: 0, bytes: 0, oldestAt: null },
      problem: null,
    }
  }

  /** Forgets every row. Requests under way go on, unrecorded. Numbers go on, too, and `dropped` starts anew. */
  clear(): void {
    this.#ring = []
    this.#oldest = this.#next
    this.#bytes = 0
    this.#dropped = 0
    this.#dirty.clear()
    this.cleared.fire()
  }

  /** Finished requests and errors (status 500 and up, or refused) per 10 s over the last 5 minutes, oldest first. */
  activity(appKey: string): { requests: number[]; errors: number[] } {
    return this.#activity.of(appKey)
  }

  /** Requests per second over the last minute, one value each 2 s, oldest first. */
  recentRequests(): number[] {
    return this.#rate.recent()
  }

  /** Requests per second now: over the last 2 whole seconds. */
  rate(): number {
    return this.#rate.now()
  }

  /** Rows that fell out since the start or the last clear. */
  get dropped(): number {
    return this.#dropped
  }

  dispose(): void {
    this.#flush?.dispose()
    this.#flush = null
    this.#dirty.clear()
    this.changed.dispose()
    this.cleared.dispose()
  }

  #at(seq: number): TrafficEntry | undefined {
    if (seq < this.#oldest || seq >= this.#next) return undefined
    return this.#ring[seq % this.#maxRows]
  }

  #dropOldest(): void {
    const index = this.#oldest % this.#maxRows
    const entry = this.#ring[index]
    if (entry !== undefined) {
      this.#bytes -= entry.size
      this.#dirty.delete(entry)
    }
    this.#ring[index] = undefined
    this.#oldest++
    this.#dropped++
  }

  #announce(): void {
    this.#flush = null
    const rows = [...this.#dirty].map((entry) => ({ ...entry.row })).sort((a, b) => a.seq - b.seq)
    this.#dirty.clear()
    if (rows.length > 0) this.changed.fire(rows)
  }
}
