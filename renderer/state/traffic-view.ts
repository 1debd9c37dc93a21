import type { TrafficRow } from '../../runtime/contract/models.ts'
import { lowerBound } from './sorted-rows.ts'

/** The rows that a filter lets through, kept up to date with little work while thousands come in. */
export interface TrafficView {
  matches: (row: TrafficRow) => boolean
  /** All rows that it was made from. */
  source: readonly TrafficRow[]
  /** For each row of `source` whether it matches. */
  passed: Uint8Array
  rows: readonly TrafficRow[]
}

/**
 * The view after a change. Rows that are still the same objects are not tested again: comparing 50,000 pointers is
 * far cheaper than running a filter over 50,000 rows ten times a second.
 */
export function updateView(
  before: TrafficView | null,
  source: readonly TrafficRow[],
  matches: (row: TrafficRow) => boolean,
): TrafficView {
  const known = before?.matches === matches ? before : null
  if (known !== null && known.source === source) return known
  const passed = new Uint8Array(source.length)
  const rows: TrafficRow[] = []
  // Rows leave at the old end only, so one offset lines the two lists up until a row was put in between.
  const offset = known === null ? 0 : lowerBound(known.source, source[0]?.seq ?? 0)
  source.forEach((row, index) => {
    const pass = known?.source[index + offset] === row ? known.passed[index + offset] === 1 : matches(row)
    if (!pass) return
    passed[index] = 1
    rows.push(row)
  })
  return { matches, source, passed, rows }
}
