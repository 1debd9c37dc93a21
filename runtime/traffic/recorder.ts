import { LIMITS } from '../contract/limits.ts'
import type { TrafficDetails, TrafficPage, TrafficRow } from '../contract/models.ts'
import type { Clock } from '../core/clock.ts'
import type { Disposable } from '../core/disposable.ts'
import { Emitter } from '../core/emitter.ts'
import { type RandomBytes, systemRandom } from '../core/ids.ts'
import { ActivityCounts, RequestRate } from './activity.ts'
import type { BeginInput } from './begin-input.ts'
import { BodyStore } from './body-store.ts'
import { EndedExchange } from './ended-exchange.ts'
import { Exchange, type ExchangeSink } from './exchange.ts'
import type { HeaderAccount, RequestTeller } from './header-account.ts'
import { isArchived, type RecordSource, recordCause } from './record-bytes.ts'
import { RecordLog, Segment } from './record-log.ts'
import type { RecordedExchange } from './recorded-exchange.ts'
import { RequestIds } from './request-ids.ts'

/** How long after its end a request may still be what an app makes a call for. */
const CAUSE_LIFE = 60_000
/** Among how many requests before it the cause of a call is guessed. */
const GUESS_AMONG = 500

/** A request's place in the ring: itself while it is under way, and the segment with its bytes from then on. */
type Place = Exchange | Segment | undefined

/** How long changed rows are gathered before they are announced. */
const COALESCE = 100

/**
 * The record of requests: the last LIMITS.trafficRows of them, or fewer when they hold more than LIMITS.trafficBytes.
 * In memory only. Secrets are masked in all that it gives out (C51), and out of reach with the row that they came with.
 */
export class Recorder implements ExchangeSink, Disposable {
  /** New rows and rows that changed, at most every 100 ms. Copies: they do not change afterwards. */
  readonly changed = new Emitter<TrafficRow[]>()
  readonly cleared = new Emitter<void>()
  readonly #clock: Clock
  readonly #maxRows: number
  readonly #maxBytes: number
  /** The entry with number `seq` lies at `seq % maxRows`, here and in what follows. */
  readonly #ring: Place[]
  /** Where in its segment. */
  readonly #offsets: Uint32Array
  /** Who can tell what became of its headers: one for many, so that a row adds no object. */
  readonly #tellers: (RequestTeller | null)[]
  readonly #answers: (HeaderAccount | null)[]
  /** What its teller holds for it alone. */
  readonly #heldBytes: Uint32Array
  /** What has ended. */
  readonly log: RecordLog
  #next: number
  #oldest: number
  /** Of what is under way, and of what tellers hold for one row alone. */
  #objectBytes = 0
  #dropped = 0
  /** Numbers of rows that changed since the last announcement. */
  #dirty: number[] = []
  #flush: Disposable | null = null
  readonly bodies = new BodyStore()
  readonly #ids: RequestIds
  readonly #activity: ActivityCounts
  readonly #rate: RequestRate

  readonly #recording: boolean
  readonly #ended: (request: Readonly<RecordSource>) => void
  /** The first number since the start or the last clear, and how many since then are over. */
  #first: number
  #over = 0

  /**
   * @param deps.recording false: requests are counted and not kept
   * @param deps.first number of the first row: one more than that of the last one of an earlier run
   * @param deps.ended is told of each recorded request when it is over, those too that have left the ring
   */
  constructor(deps: {
    clock: Clock
    maxRows?: number
    maxBytes?: number
    recording?: boolean
    first?: number
    random?: RandomBytes
    ended?(request: Readonly<RecordSource>): void
  }) {
    this.#ids = new RequestIds(deps.random ?? systemRandom)
    this.#clock = deps.clock
    this.#first = deps.first ?? 1
    this.#next = this.#first
    this.#oldest = this.#first
    this.#ended = deps.ended ?? (() => {})
    this.#recording = deps.recording ?? true
    this.#maxRows = deps.maxRows ?? LIMITS.trafficRows
    this.#maxBytes = deps.maxBytes ?? LIMITS.trafficBytes
    this.#ring = new Array<Place>(this.#maxRows).fill(undefined)
    this.#offsets = new Uint32Array(this.#maxRows)
    this.#heldBytes = new Uint32Array(this.#maxRows)
    this.#tellers = new Array<RequestTeller | null>(this.#maxRows).fill(null)
    this.#answers = new Array<HeaderAccount | null>(this.#maxRows).fill(null)
    this.log = new RecordLog(this.#maxBytes)
    this.#activity = new ActivityCounts(deps.clock)
    this.#rate = new RequestRate(deps.clock)
  }

  begin(input: BeginInput): Exchange {
    const startedAt = this.#clock.monotonic()
    this.#rate.count(startedAt)
    if (!this.#recording) return new Exchange(0, { at: this.#clock.now(), startedAt }, input, this)
    const seq = this.#next++
    const exchange = new Exchange(seq, { at: this.#clock.now(), startedAt }, input, this)
    if (seq - this.#oldest >= this.#maxRows) this.#dropOldest()
    this.#ring[seq % this.#maxRows] = exchange
    this.#objectBytes += exchange.size
    this.#makeRoom()
    if (this.watched) this.touched(exchange)
    return exchange
  }

  get watched(): boolean {
    return this.changed.listening
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  touched(exchange: Exchange): void {
    // What fell out of the ring lives on in its request only: it is neither counted nor announced.
    if (this.#at(exchange.seq) !== exchange) return
    exchange.marked = true
    this.#dirty.push(exchange.seq)
    this.#flush ??= this.#clock.after(COALESCE, () => this.#announce())
  }

  grew(exchange: Exchange, bytes: number): void {
    if (this.#at(exchange.seq) !== exchange) return
    exchange.size += bytes
    this.#objectBytes += bytes
    this.#makeRoom()
  }

  finished(exchange: Exchange, now: number): void {
    // Begun before the last clear, or not recorded at all.
    if (exchange.seq >= this.#first) this.#keep(exchange)
    if (exchange.appKey !== null) this.#activity.count(exchange.appKey, exchange.failed, now)
  }

  /** From here on it is bytes. What has left the ring is written, too: it is still to be stored. */
  #keep(exchange: Exchange): void {
    this.#over++
    const segment = this.log.append(exchange.facts)
    const { seq } = exchange
    if (this.#at(seq) === exchange) {
      const index = seq % this.#maxRows
      this.#ring[index] = segment
      this.#offsets[index] = segment.newest
      this.#tellers[index] = exchange.teller
      this.#answers[index] = exchange.answer
      this.#heldBytes[index] = exchange.teller?.heldBytes ?? 0
      this.#objectBytes += (exchange.teller?.heldBytes ?? 0) - exchange.size
    }
    this.#makeRoom()
    this.#ended(exchange.facts)
  }

  requestId(exchange: Exchange): string | null {
    return exchange.seq === 0 ? null : this.#ids.encode(exchange.seq)
  }

  /**
   * Notes for which request an app makes this call. It says so by handing on the Atek-Request-Id that it was given, which
   * counts for requests to that very app only. Where it does not, and is at work on just one request, that is probably it.
   * @param rawHeaders of the call, as node:http gives them
   */
  linkCause(call: Exchange, appKey: string, rawHeaders: readonly string[]): void {
    const said = this.#saidCause(rawHeaders)
    const cause = said === null ? null : this.exchange(said)
    if (cause !== null && cause.seq < call.seq && cause.appKey === appKey) {
      const { endedAt } = cause
      if (endedAt === null || this.#clock.now() - endedAt <= CAUSE_LIFE) call.causedBy(cause.seq, true)
      return
    }
    const atWork: Exchange[] = []
    for (let seq = call.seq - 1; seq >= this.#oldest && seq > call.seq - GUESS_AMONG && atWork.length < 2; seq--) {
      const exchange = this.#at(seq)
      if (exchange instanceof Exchange && exchange.appKey === appKey && exchange.awaitsAnswer) atWork.push(exchange)
    }
    const [only, another] = atWork
    if (only !== undefined && another === undefined) call.causedBy(only.seq, false)
  }

  #saidCause(rawHeaders: readonly string[]): number | null {
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      if (rawHeaders[i]?.toLowerCase() === 'atek-request-id') return this.#ids.decode(rawHeaders[i + 1] ?? '')
    }
    return null
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
      const exchange = this.exchange(seq)
      if (exchange === null) continue
      if (input.appKey !== undefined && exchange.appKey !== input.appKey) continue
      const row = exchange.row()
      if (!input.visible(row)) continue
      total++
      if (rows.length < input.limit && (input.before === undefined || seq < input.before)) rows.push(row)
    }
    return { rows: rows.reverse(), dropped: this.#dropped, total }
  }

  get(seq: number): TrafficDetails | null {
    return this.exchange(seq)?.details() ?? null
  }

  /** Requests since the start or the last clear; `leftMemory` of them were more than the ring holds. */
  get counts(): { made: number; open: number; inMemory: number; leftMemory: number } {
    const made = this.#next - this.#first
    return { made, open: made - this.#over, inMemory: this.#next - this.#oldest, leftMemory: this.#dropped }
  }

  /** What the ring holds and the disk does not, newest first. */
  *unarchived(): Iterable<number> {
    for (let seq = this.#next - 1; seq >= this.#oldest; seq--) {
      const place = this.#at(seq)
      if (place === undefined) continue
      if (place instanceof Exchange || !isArchived(place.room, this.#offset(seq))) yield seq
    }
  }

  /** Requests of the ring that others caused, newest first. */
  *caused(): Iterable<{ seq: number; cause: number }> {
    for (let seq = this.#next - 1; seq >= this.#oldest; seq--) {
      const place = this.#at(seq)
      if (place === undefined) continue
      const cause = place instanceof Exchange ? (place.cause?.seq ?? 0) : recordCause(place.room, this.#offset(seq))
      if (cause !== 0) yield { seq, cause }
    }
  }

  /** null when it is not in the ring (any more). */
  exchange(seq: number): RecordedExchange | null {
    const place = this.#at(seq)
    if (place === undefined) return null
    if (place instanceof Exchange) return place
    const index = seq % this.#maxRows
    const [teller = null, answer = null] = [this.#tellers[index], this.#answers[index]]
    return new EndedExchange(place.room, this.#offset(seq), { teller, answer, bodies: this.bodies })
  }

  /** Forgets every row. Requests under way go on, unrecorded. Numbers go on, too, and `dropped` starts anew. */
  clear(): void {
    this.#ring.fill(undefined)
    this.#tellers.fill(null)
    this.#answers.fill(null)
    this.#heldBytes.fill(0)
    this.log.clear()
    this.#oldest = this.#next
    this.#first = this.#next
    this.#over = 0
    this.bodies.clear()
    this.#objectBytes = 0
    this.#dropped = 0
    this.#forgetDirty()
    this.cleared.fire()
  }

  /** Finished requests and errors (status 500 and up, or refused) per 10 s over the last 5 minutes, oldest first. */
  activity(appKey: string): { requests: number[]; errors: number[] } {
    return this.#activity.of(appKey)
  }

  /** Apps that were called since this was asked last, by key. */
  takeBusy(): string[] {
    return this.#activity.takeBusy()
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
    this.#forgetDirty()
    this.changed.dispose()
    this.cleared.dispose()
  }

  #at(seq: number): Place {
    if (seq < this.#oldest || seq >= this.#next) return undefined
    return this.#ring[seq % this.#maxRows]
  }

  #offset(seq: number): number {
    return this.#offsets[seq % this.#maxRows] ?? 0
  }

  #makeRoom(): void {
    while (this.#objectBytes + this.log.bytes > this.#maxBytes) {
      const gone = this.log.dropOldest()
      // The ring is one run of numbers: what is older than something that is gone goes, too.
      while (this.#oldest <= gone) this.#dropOldest()
      if (gone > 0) continue
      // All the bytes are those of what is under way, and of the newest that ended.
      if (this.#oldest >= this.#next) return
      this.#dropOldest()
    }
  }

  #dropOldest(): void {
    if (this.#oldest >= this.#next) return
    const index = this.#oldest % this.#maxRows
    const place = this.#ring[index]
    this.#objectBytes -= place instanceof Exchange ? place.size : (this.#heldBytes[index] ?? 0)
    this.bodies.forget(this.#oldest)
    this.#ring[index] = undefined
    // A teller may hold headers, secrets and all: they go with their row (C51).
    this.#tellers[index] = null
    this.#answers[index] = null
    this.#heldBytes[index] = 0
    this.#oldest++
    this.#dropped++
    if (place instanceof Segment && place.lastSeq < this.#oldest) this.log.release(this.#oldest)
  }

  #forgetDirty(): void {
    for (const seq of this.#dirty) {
      const place = this.#at(seq)
      if (place instanceof Exchange) place.marked = false
    }
    this.#dirty = []
  }

  #announce(): void {
    this.#flush = null
    const changed = this.#dirty
    this.#forgetDirty()
    const rows = changed.sort((a, b) => a - b).flatMap((seq) => this.exchange(seq)?.row() ?? [])
    if (rows.length > 0) this.changed.fire(rows)
  }
}
