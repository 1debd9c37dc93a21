import { performance } from 'node:perf_hooks'
import type { FilterNode } from '../contract/filter/ast.ts'
import { filterTest } from '../contract/filter/evaluate.ts'
import { LIMITS } from '../contract/limits.ts'
import type { TrafficDetails, TrafficRow } from '../contract/models.ts'
import type { TrafficChain, TrafficCounts, TrafficGraph, TrafficSearchPage, TrafficStats } from '../contract/traffic.ts'
import type { Clock } from '../core/clock.ts'
import { DisposableStore } from '../core/disposable.ts'
import type { Logger } from '../core/logger.ts'
import type { TrafficArchive } from '../storage/traffic/archive.ts'
import type { TrafficQuery } from '../storage/traffic/traffic-search.ts'
import type { Retention } from '../storage/traffic/traffic-store.ts'
import { ArchiveWriter } from './archive-writer.ts'
import { callGraph } from './call-graph.ts'
import { Recorder } from './recorder.ts'
import { type Hours, TrafficStatistics } from './statistics.ts'

/** How often the running hour is written down, and how often what is too old goes. */
const HOURS_EVERY = 60_000
const PURGE_EVERY = 30_000
/** Exchanges that are looked at before others get their turn. */
const SLICE = 2000
/** Requests that a chain shows, and how far back its beginning is looked for. */
const CHAIN = 200
const CHAIN_DEPTH = 20

export interface TrafficLogDeps {
  clock: Clock
  logger: Logger
  /** null where there is none: requests are in memory only. */
  archive: TrafficArchive | null
  /** Number of the newest stored row. */
  lastSeq?: number
  recording?: boolean
  maxRows?: number
  retention?: Partial<Pick<Retention, 'rows' | 'bytes'>> & { age?: number }
}

export interface TrafficSearch {
  node: FilterNode | null
  before: number | null
  after: number
  appKey: string | null
  limit: number
  /** Whose rows may be seen: the same said twice, for the disk and for the memory. */
  scope: TrafficQuery['scope']
  visible(row: TrafficRow): boolean
}

/** The record of requests as a whole: in memory, on the disk, and counted. */
export class TrafficLog {
  readonly recorder: Recorder
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #archive: TrafficArchive | null
  readonly #writer: ArchiveWriter
  readonly #statistics: TrafficStatistics
  readonly #retention: { age: number; rows: number; bytes: number }
  readonly #held = new DisposableStore()
  #purging: Promise<void> | null = null
  #closed = false

  constructor(deps: TrafficLogDeps) {
    const { clock, logger, archive } = deps
    this.#clock = clock
    this.#logger = logger
    this.#archive = archive
    this.#retention = {
      age: LIMITS.trafficStoredAge,
      rows: LIMITS.trafficStoredRows,
      bytes: LIMITS.trafficStoredBytes,
      ...deps.retention,
    }
    const statistics = new TrafficStatistics(clock)
    this.#statistics = statistics
    const recorder = new Recorder({
      clock,
      first: (deps.lastSeq ?? 0) + 1,
      ...(deps.recording !== undefined && { recording: deps.recording }),
      ...(deps.maxRows !== undefined && { maxRows: deps.maxRows }),
      ended: (request) => {
        statistics.count(request)
        this.#writer.offer()
      },
    })
    this.recorder = recorder
    this.#writer = new ArchiveWriter({
      clock,
      logger,
      archive,
      log: recorder.log,
      lines: (seq) => recorder.exchange(seq)?.headerLines() ?? null,
      utilization: threadUtilization(),
    })
    this.#held.add(clock.every(HOURS_EVERY, () => void this.#writeHours()))
    this.#held.add(clock.every(PURGE_EVERY, () => void this.purge()))
  }

  /** Takes up the charts where an earlier run left them. Before anything is recorded. */
  async resume(): Promise<void> {
    const stored = await this.#ask(() => this.#archive?.call('hours', this.#statistics.hour))
    if (stored !== undefined) this.#statistics.resume(stored)
  }

  /** Rows in memory and on the disk as one list. */
  async search(search: TrafficSearch): Promise<TrafficSearchPage> {
    const from = this.#clock.monotonic()
    // First the memory, then the disk: what is written in between is found twice, and never not at all.
    const unwritten = await this.#unwritten(search)
    const { node, scope, appKey, before, after, limit } = search
    const stored = (await this.#archive?.call('search', {
      node,
      scope,
      appKey,
      before,
      after,
      limit,
      budget: LIMITS.trafficSearchTime,
    })) ?? { rows: [], next: null, matched: 0, exact: true }
    // Below where the search of the disk stopped, rows of the memory wait for a later page.
    const least = stored.next ?? 0
    const found = new Map<number, TrafficRow>()
    for (const row of [...stored.rows, ...unwritten]) if (row.seq >= least) found.set(row.seq, row)
    const twice = new Set(stored.rows.map((row) => row.seq))
    const inMemory = unwritten.filter((row) => !twice.has(row.seq)).length
    const newestFirst = [...found.values()].sort((a, b) => b.seq - a.seq)
    const rows = newestFirst.slice(0, limit)
    const next = newestFirst.length > limit ? (rows.at(-1)?.seq ?? null) : stored.next
    return {
      rows: rows.reverse(),
      next,
      total: { count: stored.matched + inMemory, exact: stored.exact },
      tookMs: this.#clock.monotonic() - from,
    }
  }

  /** null when it is neither in memory nor on the disk. */
  async get(seq: number): Promise<TrafficDetails | null> {
    const exchange = this.recorder.exchange(seq)
    if (exchange !== null) return exchange.details()
    const stored = await this.#archive?.call('get', seq)
    if (stored === undefined || stored === null) return null
    return { ...stored.row, ...stored.details, bodies: { request: false, response: false }, inMemory: false }
  }

  /** The request that set it all off, and everything that it set off, as far as one may see it. */
  async chain(seq: number, visible: (row: TrafficRow) => boolean): Promise<TrafficChain> {
    let root = await this.#row(seq)
    if (root === null) return { rows: [], truncated: false }
    for (let depth = 0; depth < CHAIN_DEPTH && root.cause !== null; depth++) {
      const cause: TrafficRow | null = await this.#row(root.cause.seq)
      if (cause === null) break
      root = cause
    }
    const rows = new Map([[root.seq, root]])
    const children = this.#childrenInMemory()
    let level = [root.seq]
    while (level.length > 0 && rows.size <= CHAIN) {
      const stored = (await this.#archive?.call('causedBy', level, CHAIN)) ?? []
      const inMemory = level
        .flatMap((cause) => children.get(cause) ?? [])
        .flatMap((seq) => this.recorder.exchange(seq)?.row() ?? [])
      const next = [...inMemory, ...stored].filter((row) => !rows.has(row.seq))
      for (const row of next) rows.set(row.seq, row)
      level = [...new Set(next.map((row) => row.seq))]
    }
    const seen = [...rows.values()].filter(visible).sort((a, b) => a.seq - b.seq)
    return { rows: seen.slice(0, CHAIN), truncated: rows.size > CHAIN }
  }

  async counts(): Promise<TrafficCounts> {
    const nothing = { rows: 0, bytes: 0, oldestAt: null }
    const onDisk = (await this.#ask(() => this.#archive?.call('counts'))) ?? nothing
    return { ...this.recorder.counts, ...this.#writer.counts, onDisk }
  }

  /** @param shown which apps, by key */
  async stats(range: 'minutes' | 'days', shown: (appKey: string) => boolean): Promise<TrafficStats> {
    if (range === 'minutes') return this.#statistics.minutes(shown)
    const stored = await this.#storedHours(this.#statistics.daysFrom)
    return this.#statistics.days(stored.apps, shown)
  }

  /** Of the running hour and the one before it, or of the last seven days. */
  async graph(
    range: 'minutes' | 'days',
    shown: (edge: { source: string; target: string }) => boolean,
  ): Promise<TrafficGraph> {
    const from = range === 'days' ? this.#statistics.daysFrom : this.#statistics.hour - 3_600_000
    const stored = await this.#storedHours(from)
    return callGraph(from, this.#statistics.edges(stored.edges), shown)
  }

  /** Forgets everything, also on the disk. */
  async clear(): Promise<void> {
    this.recorder.clear()
    this.#writer.clear()
    this.#statistics.clear()
    await this.#archive?.call('clear')
  }

  /** Removes from the disk what users called who are gone (C44); what is in memory goes with its turn. */
  async keepUsers(exists: (userKey: string) => boolean): Promise<void> {
    await this.#ask(async () => {
      for (const key of (await this.#archive?.call('users')) ?? []) {
        if (exists(key)) continue
        while (!this.#closed && (await this.#archive?.call('forgetUser', key)));
      }
    })
  }

  /** Removes what is stored longer, or is more, than it may be (C44), slice by slice. */
  purge(): Promise<void> {
    this.#purging ??= this.#purge().finally(() => {
      this.#purging = null
    })
    return this.#purging
  }

  /** Writes what is still to be written. Nothing is recorded any more. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#held.dispose()
    this.recorder.dispose()
    await this.#writer.close()
    await this.#writeHours()
    await this.#purging
    await this.#archive?.close()
  }

  async #purge(): Promise<void> {
    const { age, rows, bytes } = this.#retention
    const before = this.#clock.now() - age
    await this.#ask(async () => {
      while (!this.#closed && (await this.#archive?.call('purge', { before, rows, bytes, hoursBefore: before })));
    })
  }

  async #writeHours(): Promise<void> {
    const hours = this.#statistics.takeHours()
    if (hours.apps.length + hours.edges.length === 0) return
    await this.#ask(() => this.#archive?.call('setHours', hours.apps, hours.edges))
  }

  async #storedHours(from: number): Promise<Hours> {
    return (await this.#ask(() => this.#archive?.call('hours', from))) ?? { apps: [], edges: [] }
  }

  /** Matching rows that are not on the disk: under way, waiting, or lost. Newest first. */
  async #unwritten(search: TrafficSearch): Promise<TrafficRow[]> {
    const test = filterTest(search.node)
    const found: TrafficRow[] = []
    let looked = 0
    // A copy: while others get their turn, the ring moves on.
    for (const seq of [...this.recorder.unarchived()]) {
      if (seq <= search.after || (search.before !== null && seq >= search.before)) continue
      if (++looked % SLICE === 0) await new Promise((turn) => setImmediate(turn))
      const exchange = this.recorder.exchange(seq)
      if (exchange === null || (search.appKey !== null && exchange.appKey !== search.appKey)) continue
      const row = exchange.row()
      if (search.visible(row) && test({ ...row, headers: exchange.headerNames() })) found.push(row)
    }
    return found
  }

  async #row(seq: number): Promise<TrafficRow | null> {
    return this.recorder.exchange(seq)?.row() ?? (await this.#archive?.call('get', seq))?.row ?? null
  }

  /** Numbers of requests in memory, by that of what caused them. */
  #childrenInMemory(): Map<number, number[]> {
    const children = new Map<number, number[]>()
    for (const { seq, cause } of this.recorder.caused()) {
      const others = children.get(cause)
      if (others === undefined) children.set(cause, [seq])
      else others.push(seq)
    }
    return children
  }

  /** For what nobody waits for, or what can be shown without: a failure is logged, and there is no answer. */
  async #ask<T>(work: () => Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.#logger.error('the file of recorded requests failed', { error })
      return undefined
    }
  }
}

/** @returns what tells which share of its time this thread was busy since it was asked before, from 0 to 1 */
function threadUtilization(): () => number {
  let before = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization
  }
}
