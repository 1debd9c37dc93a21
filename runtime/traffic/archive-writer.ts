import { AppError, toErrorData } from '../contract/errors.ts'
import type { Clock } from '../core/clock.ts'
import type { Disposable } from '../core/disposable.ts'
import type { Logger } from '../core/logger.ts'
import type { TrafficArchive } from '../storage/traffic/archive.ts'
import type { HeaderLines } from './header-account.ts'
import { recordBytes, recordRoom, recordSeq } from './record-bytes.ts'
import type { RecordLog, TakenRecords } from './record-log.ts'
import type { WrittenBatch } from './written-exchange.ts'

/** How long ended requests are gathered before they are written. */
const GATHER = 200
/** Requests in a slice with what became of each header, which takes the host's own time: nobody must wait for it. */
const SLICE_WITH_LINES = 15
/**
 * What a slice took of the host's thread, the others have this many times over before the next one: the record waits, or
 * is counted as lost, before it takes more than a hundredth of it.
 */
const OTHERS_TURNS = 100
/** The share of its time from which on the host is busy. */
const BUSY = 0.3
/**
 * How many requests are sent off at once, and how many times over the archive's thread then leaves its processor to the
 * apps: on a small computer it takes it from them, and a request waits until a slice is written.
 */
const AT_REST = { slice: 200, rests: 1 }
const UNDER_LOAD = { slice: 500, rests: 20 }
/** A host that is busy writes nothing for so many milliseconds, or until so many wait: mostly there is time by then. */
const PUT_OFF = 5000
const PUT_OFF_ROWS = 25_000

/** Slices that the archive has not answered yet, where everything is to be written at once. */
const UNDER_WAY = 2
/** Between tries, when something cannot be written, and how often anything but a full disk is tried. */
const TRY_AGAIN = 2000
const TRIES = 3
/** While more than these wait, requests are written without what became of each header: rather that than not at all. */
const LINES_UNTIL = 1000

/**
 * Hands ended requests to the archive in slices, off the request path. When they come faster than they can be written,
 * or the disk takes none, they wait in the record's own memory; what gives way there before it was written is lost, and
 * counted.
 */
export class ArchiveWriter implements Disposable {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #archive: TrafficArchive | null
  readonly #log: RecordLog
  readonly #lines: (seq: number) => HeaderLines | null
  readonly #utilization: () => number
  #underWay = new Set<Promise<void>>()
  /** Rows of slices that are under way. */
  #sent = 0
  #stored = 0
  /** Beside those that gave way. */
  #lost = 0
  #problem: string | null = null
  #timer: Disposable | null = null
  #pace = AT_REST
  /** Since when something has waited. */
  #behind: number | null = null
  /** Milliseconds until the next slice. */
  #rest = 0
  /** Milliseconds that one request takes here. */
  #perRow = 1
  /** Counts clearings: what was sent before one is nobody's any more. */
  #era = 0
  #closed = false
  /** Nothing is stored any more. */
  #over = false

  /**
   * @param deps.archive null where there is none: everything is lost then
   * @param deps.log what ends is in it before `offer` is called
   * @param deps.lines what became of the headers of a request, if that is still known
   * @param deps.utilization which share of its time the host's thread was busy since it was asked before, from 0 to 1
   */
  constructor(deps: {
    clock: Clock
    logger: Logger
    archive: TrafficArchive | null
    log: RecordLog
    lines(seq: number): HeaderLines | null
    utilization(): number
  }) {
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#archive = deps.archive
    this.#log = deps.log
    this.#lines = deps.lines
    this.#utilization = deps.utilization
    if (this.#archive === null) this.#problem = 'Requests are not stored: their file cannot be used. The log says why.'
  }

  /** There is more in the log. */
  offer(): void {
    if (this.#archive === null || this.#over) this.#lost += this.#log.pass()
    // While a slice is under way, its end says when the next one goes.
    else if (!this.#closed && this.#underWay.size === 0) this.#timer ??= this.#clock.after(GATHER, () => this.#pump())
  }

  get counts(): { waiting: number; stored: number; lost: number; problem: string | null } {
    const lost = this.#lost + this.#log.overtaken
    return { waiting: this.#log.waiting + this.#sent, stored: this.#stored, lost, problem: this.#problem }
  }

  /** Resolves when nothing waits any more: at once stored or, after `close`, given up. */
  async flush(): Promise<void> {
    while (this.#log.waiting > 0 || this.#underWay.size > 0) {
      while (this.#log.waiting > 0 && this.#underWay.size < UNDER_WAY) this.#send()
      await Promise.all(this.#underWay)
    }
  }

  /** What waits is not written any more. What was counted until now is forgotten. After the log was cleared. */
  clear(): void {
    this.#era++
    this.#sent = 0
    this.#stored = 0
    this.#lost = 0
  }

  /** Nothing is taken after this; what was taken before is stored, if it can be. */
  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
    this.#over = true
    this.dispose()
  }

  dispose(): void {
    this.#closed = true
    this.#timer?.dispose()
    this.#timer = null
  }

  #pump(): void {
    this.#timer = null
    const { waiting } = this.#log
    // While one is under way, its answer goes on here.
    if (this.#closed || this.#underWay.size > 0) return
    if (waiting === 0) {
      this.#behind = null
      return
    }
    const now = this.#clock.monotonic()
    this.#behind ??= now
    const busy = this.#utilization() >= BUSY
    this.#pace = busy ? UNDER_LOAD : AT_REST
    if (!busy || waiting > PUT_OFF_ROWS || now - this.#behind > PUT_OFF) this.#send()
    else this.#timer = this.#clock.after(GATHER, () => this.#pump())
  }

  #send(): void {
    const archive = this.#archive
    const began = this.#clock.monotonic()
    const withLines = this.#log.waiting < LINES_UNTIL
    const taken = this.#log.take(withLines ? SLICE_WITH_LINES : this.#pace.slice)
    if (archive === null || taken === null) return
    const batch = { records: taken.bytes, lines: withLines ? this.#linesOf(taken) : null }
    this.#sent += taken.records
    const writing = this.#write(archive, taken, batch)
    // With what it took to hand it over.
    // By the quickest of late: on a busy computer most of a slice's time is that of other programs.
    this.#perRow = Math.min(this.#perRow * 1.05, (this.#clock.monotonic() - began) / taken.records)
    this.#rest = taken.records * this.#perRow * OTHERS_TURNS
    const work = writing.finally(() => {
      this.#underWay.delete(work)
      this.#rest = Math.max(this.#rest, (this.#clock.monotonic() - began) * this.#pace.rests)
      if (this.#problem === null) this.#timer ??= this.#clock.after(this.#rest, () => this.#pump())
    })
    this.#underWay.add(work)
  }

  #linesOf({ bytes }: TakenRecords): (HeaderLines | null)[] {
    const room = recordRoom(bytes)
    const lines: (HeaderLines | null)[] = []
    for (let at = 0; at < bytes.length; at += recordBytes(room, at)) lines.push(this.#lines(recordSeq(room, at)))
    return lines
  }

  async #write(archive: TrafficArchive, taken: TakenRecords, batch: WrittenBatch): Promise<void> {
    const era = this.#era
    for (let attempt = 1; ; attempt++) {
      try {
        await archive.call('insert', batch)
        if (era !== this.#era) return
        this.#log.stored(taken)
        this.#sent -= taken.records
        this.#stored += taken.records
        this.#well()
        return
      } catch (error) {
        if (era !== this.#era) return
        this.#unwell(error)
        const full = error instanceof AppError && error.code === 'DISK_FULL'
        if (this.#closed || (!full && attempt >= TRIES)) {
          this.#sent -= taken.records
          this.#lost += taken.records
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
