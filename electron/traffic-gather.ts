import type { TrafficRow } from '../runtime/contract/models.ts'
import type { TrafficBatch } from './ipc/contract.ts'

/** More than this many a second no eye follows, and a window that draws them all does nothing else. */
export const MOST_ROWS_PER_SECOND = 10_000
/** Held for a panel that is slow to take them. */
const MOST_HELD = 20_000
/** Rows come in bursts: what was not used of the last second may be used up at once. */
const MOST_SAVED = MOST_ROWS_PER_SECOND

/**
 * Rows for the live view between two takings. The panel takes them at its own pace, so that a slow window is never
 * behind by more than one batch. Above the bounds one row of two, four, eight … goes to the panel; the record is
 * elsewhere and has them all.
 */
export class TrafficGather {
  readonly #now: () => number
  #rows = new Map<number, TrafficRow>()
  #every = 1
  #cleared = false
  #takenAt: number | null = null
  /** How many rows may go through now (a token bucket). */
  #budget = MOST_SAVED
  #told = false

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether somebody takes them; otherwise nothing is gathered. */
  get watched(): boolean {
    return this.#takenAt !== null
  }

  /** @returns true when the panel should be told that there is something to take */
  add(rows: readonly TrafficRow[]): boolean {
    if (this.#takenAt === null || rows.length === 0) return false
    for (const row of rows) if (row.seq % this.#every === 0) this.#rows.set(row.seq, row)
    while (this.#rows.size > MOST_HELD) {
      this.#every *= 2
      for (const seq of this.#rows.keys()) if (seq % this.#every !== 0) this.#rows.delete(seq)
    }
    return this.#tell()
  }

  /** The record was emptied: what was gathered is gone, too, and the panel forgets what it has. */
  clear(): boolean {
    this.#rows.clear()
    this.#cleared = true
    return this.#takenAt !== null && this.#tell()
  }

  /** Everything since the last taking, ordered; from here on it is gathered. */
  take(): TrafficBatch {
    const now = this.#now()
    const span = this.#takenAt === null ? 0 : now - this.#takenAt
    this.#budget = Math.min(MOST_SAVED, this.#budget + (span / 1000) * MOST_ROWS_PER_SECOND)
    let rows = [...this.#rows.values()].sort((a, b) => a.seq - b.seq)
    let every = this.#every
    while (rows.length > this.#budget) {
      every *= 2
      const step = every
      rows = rows.filter((row) => row.seq % step === 0)
    }
    this.#budget -= rows.length
    const batch = { cleared: this.#cleared, every, rows }
    this.#rows = new Map()
    this.#every = 1
    this.#cleared = false
    this.#told = false
    this.#takenAt = now
    return batch
  }

  /** Nobody looks any more. */
  leave(): void {
    this.#rows = new Map()
    this.#every = 1
    this.#cleared = false
    this.#told = false
    this.#takenAt = null
  }

  #tell(): boolean {
    if (this.#told) return false
    this.#told = true
    return true
  }
}
