import type { TrafficRow } from '../../../runtime/contract/models.ts'

/** Beyond this many free places at the beginning the list is moved together, at a cost that each row pays once. */
const SLACK = 4096

/** Rows ordered by seq that come in at the end and leave at the beginning, by the thousand and without a new list. */
export class RowDeque {
  #items: TrafficRow[]
  #head = 0

  constructor(rows: readonly TrafficRow[] = []) {
    this.#items = [...rows]
  }

  get length(): number {
    return this.#items.length - this.#head
  }

  get first(): TrafficRow | undefined {
    return this.#items[this.#head]
  }

  get last(): TrafficRow | undefined {
    return this.length === 0 ? undefined : this.#items.at(-1)
  }

  at(index: number): TrafficRow | undefined {
    return index < 0 ? undefined : this.#items[this.#head + index]
  }

  slice(from: number, to: number): TrafficRow[] {
    return this.#items.slice(this.#head + Math.max(0, from), this.#head + Math.max(0, to))
  }

  /** Index of the first row whose seq is at least `seq`. */
  lowerBound(seq: number): number {
    let low = 0
    let high = this.length
    // Most questions are about the newest rows.
    if ((this.last?.seq ?? -1) < seq) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#items[this.#head + middle] as TrafficRow).seq < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  find(seq: number): TrafficRow | undefined {
    const row = this.at(this.lowerBound(seq))
    return row?.seq === seq ? row : undefined
  }

  /** Puts a row in its place; one with the same seq gives way. */
  put(row: TrafficRow): void {
    const index = this.lowerBound(row.seq)
    if (index === this.length) this.#items.push(row)
    else if (this.at(index)?.seq === row.seq) this.#items[this.#head + index] = row
    else this.#items.splice(this.#head + index, 0, row)
  }

  remove(seq: number): void {
    const index = this.lowerBound(seq)
    if (this.at(index)?.seq === seq) this.#items.splice(this.#head + index, 1)
  }

  shift(): TrafficRow | undefined {
    const row = this.#items[this.#head]
    if (row === undefined) return undefined
    this.#head += 1
    if (this.#head >= SLACK) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return row
  }

  /** Rows that all stand before the first; those that do not are put in their places. */
  putBefore(rows: readonly TrafficRow[]): void {
    const limit = this.first?.seq ?? Number.POSITIVE_INFINITY
    const before = rows.filter((row) => row.seq < limit)
    this.#items = [...before, ...this.#items.slice(this.#head)]
    this.#head = 0
    for (const row of rows) if (row.seq >= limit) this.put(row)
  }

  copy(): RowDeque {
    return new RowDeque(this.slice(0, this.length))
  }

  *[Symbol.iterator](): Generator<TrafficRow> {
    for (let index = this.#head; index < this.#items.length; index += 1) yield this.#items[index] as TrafficRow
  }
}
