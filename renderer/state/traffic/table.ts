import type { TrafficBatch } from '../../../electron/ipc/contract.ts'
import type { SeenValues } from '../../../runtime/contract/filter/complete.ts'
import { filterTest } from '../../../runtime/contract/filter/evaluate.ts'
import type { TrafficRow } from '../../../runtime/contract/models.ts'
import type { TrafficFrame, TrafficView, TrafficWindow } from './messages.ts'
import { RowDeque } from './row-deque.ts'
import { SeenCounts } from './seen-values.ts'
import { SharedParts } from './shared-parts.ts'

/** As many rows as the host keeps in memory (LIMITS.trafficRows). */
export const MOST_ROWS = 50_000
/** How long after a thinned batch it is still said that rows are left out; in milliseconds. */
const THINNED_FOR = 2000

/**
 * The rows of the live view, those of them that match, and the few that are drawn. Lives in a worker, away from the
 * window's own thread. Its memory is bounded: MOST_ROWS as they came in, and MOST_ROWS in the view.
 */
export class TrafficTable {
  readonly #now: () => number
  readonly #most: number
  /** Everything that came in, unfiltered. */
  #live = new RowDeque()
  /** What matches; may begin with older rows that only the host's search has found. */
  #view = new RowDeque()
  /** The view as it was when it was paused. */
  #frozen: RowDeque | null = null
  #generation = 0
  #matches: (row: TrafficRow) => boolean = () => true
  /** For a filter that only the host can judge: the rows that it said match. */
  #listed: Set<number> | null = null
  #from = 0
  /** What the host found up to this number was on its way when everything was cleared. */
  #clearedTo = 0
  #before: number | null = null
  /** Whether the host has rows before the first one here. */
  #moreBeforeLive = false
  #every = 1
  #thinnedAt = Number.NEGATIVE_INFINITY
  readonly #seen = new SeenCounts()
  readonly #parts = new SharedParts()

  /** @param now monotonic milliseconds */
  constructor(now: () => number, most = MOST_ROWS) {
    this.#now = now
    this.#most = most
  }

  setView(generation: number, view: TrafficView): void {
    const { appKey, from } = view
    const test = filterTest(view.byHost ? null : view.node)
    const listed = view.byHost ? new Set<number>() : null
    this.#generation = generation
    this.#listed = listed
    this.#from = from
    this.#matches = (row) =>
      row.seq >= from &&
      (appKey === null || row.appKey === appKey || row.caller?.serviceKey === appKey) &&
      (listed === null || listed.has(row.seq)) &&
      test(row)
    this.#view = new RowDeque()
    for (const row of this.#live) if (this.#matches(row)) this.#view.put(row)
    this.#before = this.#firstBefore()
    if (this.#frozen !== null) this.#frozen = this.#view.copy()
  }

  addBatch(batch: TrafficBatch): void {
    if (batch.cleared) this.#forget()
    if (batch.every > 1) {
      this.#every = batch.every
      this.#thinnedAt = this.#now()
    }
    for (const row of batch.rows) this.#put(this.#parts.share(row))
    this.#trim()
  }

  /** The newest rows as they were when the view was opened; `next` when there are older ones. */
  addNewest(rows: readonly TrafficRow[], next: number | null): void {
    const fresh = rows.filter((row) => row.seq > this.#clearedTo && this.#live.find(row.seq) === undefined)
    for (const row of fresh) this.#put(this.#parts.share(row))
    this.#moreBeforeLive = next !== null
    this.#before = this.#firstBefore()
    this.#trim()
  }

  /** Rows that the host has found; of an earlier view they mean nothing any more. */
  addFound(generation: number, rows: readonly TrafficRow[], older: { next: number | null } | null): void {
    if (generation !== this.#generation) return
    const from = Math.max(this.#from, this.#clearedTo + 1)
    const shown = rows.filter((row) => row.seq >= from).map((row) => this.#parts.share(row))
    if (this.#listed !== null) for (const row of shown) this.#listed.add(row.seq)
    for (const view of this.#frozen === null ? [this.#view] : [this.#view, this.#frozen]) {
      if (older !== null) view.putBefore(shown)
      else if (view === this.#view) for (const row of shown) view.put(row)
    }
    if (older !== null) this.#before = older.next !== null && older.next > from ? older.next : null
    this.#trim()
  }

  pause(paused: boolean): void {
    this.#frozen = paused ? this.#view.copy() : null
  }

  /** The row to select: `by` rows from the selected one. */
  move(from: number | null, by: number | 'first' | 'last'): { seq: number; index: number } | null {
    const shown = this.#frozen ?? this.#view
    const end = shown.length - 1
    let to = by === 'first' ? 0 : end
    if (typeof by === 'number' && from !== null) to = shown.lowerBound(from) + by
    else if (typeof by === 'number' && by < 0) to = end + 1 + by
    const index = Math.min(end, Math.max(0, to))
    const row = shown.at(index)
    return row === undefined ? null : { seq: row.seq, index }
  }

  frame(window: TrafficWindow): TrafficFrame {
    const shown = this.#frozen ?? this.#view
    const total = shown.length
    const anchorIndex = window.anchor === null ? null : shown.lowerBound(window.anchor)
    const first = Math.max(0, Math.min(window.follow ? total - window.count : window.first, total - 1))
    const { selected } = window
    return {
      generation: this.#generation,
      total,
      first,
      rows: shown.slice(first, first + window.count),
      anchor: window.anchor,
      anchorIndex,
      selected: selected === null ? null : (this.#live.find(selected) ?? shown.find(selected) ?? null),
      last: shown.last?.seq ?? 0,
      newest: Math.max(this.#live.last?.seq ?? 0, shown.last?.seq ?? 0),
      waiting: this.#frozen === null ? 0 : this.#view.length - this.#view.lowerBound((this.#frozen.last?.seq ?? 0) + 1),
      fresh: total - shown.lowerBound(window.seen + 1),
      held: this.#live.length,
      every: this.#now() - this.#thinnedAt < THINNED_FOR ? this.#every : 1,
      before: this.#before,
    }
  }

  seenNews(): SeenValues | null {
    return this.#seen.news()
  }

  #put(row: TrafficRow): void {
    const last = this.#live.last
    if (last === undefined || row.seq > last.seq) this.#seen.count(row)
    const first = this.#live.first
    // Rows that have left come back when they change; then they change where they are still shown.
    if (first === undefined || row.seq >= first.seq || this.#live.length < this.#most) this.#live.put(row)
    else if (this.#view.find(row.seq) === undefined) return
    if (this.#matches(row)) this.#view.put(row)
    // Open a moment ago and done now: what asks for open ones does not want it any more.
    else if (this.#listed === null) this.#view.remove(row.seq)
  }

  #trim(): void {
    while (this.#live.length > this.#most) {
      const gone = this.#live.shift()
      this.#moreBeforeLive = true
      // What left here is still with the host, from where it can be had again.
      if (gone !== undefined && this.#view.first?.seq === gone.seq) {
        this.#view.shift()
        this.#before = this.#live.first?.seq ?? null
      } else this.#before ??= this.#live.first?.seq ?? null
    }
    if (this.#view.length > this.#most) {
      while (this.#view.length > this.#most) this.#view.shift()
      this.#before = this.#view.first?.seq ?? null
    }
    if (this.#before !== null && this.#view.first !== undefined) {
      this.#before = Math.min(this.#before, this.#view.first.seq)
    }
  }

  #firstBefore(): number | null {
    // The host is asked from the newest on, as nothing here could be judged.
    if (this.#listed !== null) return Number.MAX_SAFE_INTEGER
    const first = this.#live.first?.seq
    return this.#moreBeforeLive && first !== undefined && first > this.#from ? first : null
  }

  #forget(): void {
    this.#clearedTo = Math.max(this.#clearedTo, this.#live.last?.seq ?? 0, this.#view.last?.seq ?? 0)
    this.#live = new RowDeque()
    this.#view = new RowDeque()
    if (this.#frozen !== null) this.#frozen = new RowDeque()
    this.#listed?.clear()
    this.#before = null
    this.#moreBeforeLive = false
  }
}
