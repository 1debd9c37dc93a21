import { AppError, toErrorData } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { TrafficRow } from '../contract/models.ts'
import type { Clock } from '../core/clock.ts'
import type { Disposable } from '../core/disposable.ts'
import type { Logger } from '../core/logger.ts'
import type { TrafficArchive } from '../storage/traffic/archive.ts'
import { joinBatch, type WrittenExchange } from './written-exchange.ts'

/** A request that is over, as it is written down. */
export interface EndedExchange {
  readonly seq: number
  /** About how many bytes it holds. */
  readonly size: number
  /** Set once it is on the disk. */
  archived: boolean
  /** For counting only: without its path. Under load this is all that is made of a request. */
  counted(): TrafficRow
  /** @param lines false: without what became of each header, which takes most of the time */
  written(lines: boolean): WrittenExchange
}

/** How long ended requests are gathered before they are written. */
const GATHER = 200
/** Milliseconds, and requests, after which a slice is sent off and others get their turn. */
const SLICE_TIME = 4
const SLICE = 500
/**
 * What a slice took, the others have this many times over before the next one: under load the host passes requests on,
 * and the record waits, or is counted as lost, before it takes more than a hundredth of the thread.
 */
const OTHERS_TURNS = 100
/** The same for the archive's own thread, which takes its time from the apps on a small computer. */
const ARCHIVE_RESTS = 20
/** Slices that the archive has not answered yet, where everything is to be written at once. */
const UNDER_WAY = 2
/** Between tries, when something cannot be written, and how often anything but a full disk is tried. */
const TRY_AGAIN = 2000
const TRIES = 3
/** While more than these wait, requests are written without what became of each header: rather that than not at all. */
const LINES_UNTIL = 2000

/**
 * Hands ended requests to the archive in slices, off the request path. When they come faster than they can be written,
 * or the disk takes none, a bounded number waits; beyond that they are lost, and counted.
 */
export class ArchiveWriter implements Disposable {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #archive: TrafficArchive | null
  readonly #ended: (row: TrafficRow) => void
  readonly #queue = new Queue()
  #underWay = new Set<Promise<void>>()
  /** Rows of slices that are under way. */
  #sent = 0
  #stored = 0
  #lost = 0
  #problem: string | null = null
  #timer: Disposable | null = null
  /** Milliseconds until the next slice. */
  #rest = 0
  /** Milliseconds that one request takes here. */
  #perRow = 1
  /** Counts clearings: what was sent before one is nobody's any more. */
  #era = 0
  #closed = false

  /**
   * @param deps.archive null where there is none: everything is lost then
   * @param deps.ended is told of each request, soon after its end
   */
  constructor(deps: { clock: Clock; logger: Logger; archive: TrafficArchive | null; ended?(row: TrafficRow): void }) {
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#archive = deps.archive
    this.#ended = deps.ended ?? (() => {})
    if (this.#archive === null) this.#problem = 'Requests are not stored: their file cannot be used. The log says why.'
  }

  offer(exchange: EndedExchange): void {
    if (this.#closed || !this.#queue.push(exchange)) {
      this.#lost++
      this.#ended(exchange.counted())
      return
    }
    this.#timer ??= this.#clock.after(GATHER, () => this.#pump())
  }

  get counts(): { waiting: number; stored: number; lost: number; problem: string | null } {
    return { waiting: this.#queue.length + this.#sent, stored: this.#stored, lost: this.#lost, problem: this.#problem }
  }

  /** Resolves when nothing waits any more: at once stored or, after `close`, given up. */
  async flush(): Promise<void> {
    while (this.#queue.length > 0 || this.#underWay.size > 0) {
      while (this.#queue.length > 0 && this.#underWay.size < UNDER_WAY) this.#send(0)
      await Promise.all(this.#underWay)
    }
  }

  /** What waits is not written any more. What was counted until now is forgotten. */
  clear(): void {
    this.#era++
    this.#queue.clear()
    this.#sent = 0
    this.#stored = 0
    this.#lost = 0
  }

  /** Nothing is taken after this; what was taken before is stored, if it can be. */
  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
    this.dispose()
  }

  dispose(): void {
    this.#closed = true
    this.#timer?.dispose()
    this.#timer = null
  }

  #pump(): void {
    this.#timer = null
    if (this.#closed || this.#queue.length === 0) return
    if (this.#underWay.size === 0) this.#send(SLICE_TIME)
    // Between two slices everybody else gets a turn; while one is under way, its answer goes on here.
    if (this.#queue.length > 0 && this.#underWay.size === 0)
      this.#timer = this.#clock.after(this.#rest, () => this.#pump())
  }

  /** @param time milliseconds that making the slice may take; 0 for as long as it needs */
  #send(time: number): void {
    const began = this.#clock.monotonic()
    const until = time === 0 ? Number.POSITIVE_INFINITY : began + time
    const exchanges: EndedExchange[] = []
    const batch: string[] = []
    for (let taken = 0; taken < SLICE; taken++) {
      if (taken > 0 && taken % 20 === 0 && this.#clock.monotonic() >= until) break
      const exchange = this.#queue.shift()
      if (exchange === null) break
      const written = exchange.written(this.#queue.length < LINES_UNTIL)
      this.#ended(written.row)
      if (this.#archive === null) {
        this.#lost++
        continue
      }
      exchanges.push(exchange)
      batch.push(JSON.stringify(written))
    }
    if (this.#archive !== null) this.#sent += batch.length
    const archive = this.#archive
    const writing = archive === null || batch.length === 0 ? null : this.#write(archive, exchanges, batch)
    // With what it took to hand it over.
    // By the quickest of late: on a busy computer most of a slice's time is that of other programs.
    this.#perRow = Math.min(this.#perRow * 1.05, (this.#clock.monotonic() - began) / Math.max(1, exchanges.length))
    this.#rest = exchanges.length * this.#perRow * OTHERS_TURNS
    if (writing === null) return
    const work = writing.finally(() => {
      this.#underWay.delete(work)
      this.#rest = Math.max(this.#rest, (this.#clock.monotonic() - began) * ARCHIVE_RESTS)
      if (this.#queue.length > 0 && this.#problem === null)
        this.#timer ??= this.#clock.after(this.#rest, () => this.#pump())
    })
    this.#underWay.add(work)
  }

  async #write(archive: TrafficArchive, exchanges: EndedExchange[], batch: string[]): Promise<void> {
    const era = this.#era
    const text = joinBatch(batch)
    for (let attempt = 1; ; attempt++) {
      try {
        await archive.call('insert', text)
        if (era !== this.#era) return
        for (const exchange of exchanges) exchange.archived = true
        this.#sent -= batch.length
        this.#stored += batch.length
        this.#well()
        return
      } catch (error) {
        if (era !== this.#era) return
        this.#unwell(error)
        const full = error instanceof AppError && error.code === 'DISK_FULL'
        if (this.#closed || (!full && attempt >= TRIES)) {
          this.#sent -= batch.length
          this.#lost += batch.length
          return
        }
      }
      // A damaged file has been replaced by now; a full disk takes its time.
      await this.#pause(attempt === 1 ? 0 : TRY_AGAIN)
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((done) => {
      this.#clock.after(ms, done)
    })
  }

  #well(): void {
    if (this.#problem === null) return
    this.#problem = null
    this.#logger.info('requests are stored again')
  }

  #unwell(error: unknown): void {
    const { code, message } = toErrorData(error)
    const problem = code === 'INTERNAL' ? 'Requests cannot be stored. The log has the details.' : message
    // Once for each reason, and not for each slice.
    if (problem !== this.#problem) this.#logger.error('requests cannot be stored', { error })
    this.#problem = problem
  }
}

/** First in, first out; bounded by number and by what the waiting requests hold. */
class Queue {
  #items: (EndedExchange | undefined)[] = []
  #first = 0
  #bytes = 0

  get length(): number {
    return this.#items.length - this.#first
  }

  push(exchange: EndedExchange): boolean {
    if (this.length >= LIMITS.trafficWaitingRows) return false
    // One is taken whatever its size: nothing larger would ever be written.
    if (this.length > 0 && this.#bytes + exchange.size > LIMITS.trafficWaitingBytes) return false
    this.#items.push(exchange)
    this.#bytes += exchange.size
    return true
  }

  shift(): EndedExchange | null {
    const item = this.#items[this.#first]
    if (item === undefined) return null
    this.#items[this.#first++] = undefined
    this.#bytes -= item.size
    // To shift an array moves all of it; so its used part is cut off now and then.
    if (this.#first > 1000 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
    return item
  }

  clear(): void {
    this.#items = []
    this.#first = 0
    this.#bytes = 0
  }
}
