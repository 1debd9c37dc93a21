import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TrafficRow } from '../../runtime/contract/models.ts'
import { trafficRow } from '../testing/rows.ts'
import { mergeRows } from './sorted-rows.ts'
import { type TrafficView, updateView } from './traffic-view.ts'

test('only rows that changed are tested again', () => {
  let tested = 0
  const matches = (row: TrafficRow) => {
    tested += 1
    return row.status === 200
  }
  const first = Array.from({ length: 100 }, (_, index) => trafficRow({ seq: index + 1 }))
  const view = updateView(null, first, matches)
  expect(tested).toBe(100)
  const next = mergeRows(first, [trafficRow({ seq: 50, status: 500 }), trafficRow({ seq: 101 })], 100)
  const after = updateView(view, next, matches)
  expect(tested).toBe(102)
  expect(after.rows.map(({ seq }) => seq)).toEqual(next.filter((row) => row.status === 200).map(({ seq }) => seq))
})

test('the same rows with the same filter are the very same view', () => {
  const rows = [trafficRow({ seq: 1 })]
  const matches = () => true
  const view = updateView(null, rows, matches)
  expect(updateView(view, rows, matches)).toBe(view)
  expect(updateView(view, rows, () => false).rows).toEqual([])
})

test('whatever comes in, the view is what filtering all of it would be', () => {
  const change = fc.record({ seq: fc.integer({ min: 1, max: 80 }), status: fc.constantFrom(200, 404) })
  const matches = (row: TrafficRow) => row.status === 200
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 20 }), (batches) => {
      let rows: readonly TrafficRow[] = []
      let view: TrafficView | null = null
      for (const batch of batches) {
        rows = mergeRows(rows, batch.map(trafficRow), 30)
        view = updateView(view, rows, matches)
        expect(view.rows).toEqual(rows.filter(matches))
      }
    }),
  )
})
