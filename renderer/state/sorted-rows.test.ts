import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lowerBound, mergeRows } from './sorted-rows.ts'

const seqs = (rows: readonly { seq: number }[]) => rows.map((row) => row.seq)
const of = (...list: number[]) => list.map((seq) => ({ seq }))

test('lowerBound is the first place that is not before', () => {
  const rows = of(2, 4, 6)
  expect([1, 2, 3, 6, 7].map((seq) => lowerBound(rows, seq))).toEqual([0, 0, 1, 2, 3])
  expect(lowerBound([], 5)).toBe(0)
})

describe('mergeRows', () => {
  test('puts new rows at the end and leaves the old ones the same objects', () => {
    const rows = of(1, 2)
    const merged = mergeRows(rows, of(3, 4), 10)
    expect(seqs(merged)).toEqual([1, 2, 3, 4])
    expect(merged[0]).toBe(rows[0])
    expect(seqs(rows)).toEqual([1, 2])
  })

  test('replaces a row with the same seq, puts in what came late, takes any order', () => {
    const newer = { seq: 4, state: 'done' }
    const merged = mergeRows(
      [
        { seq: 2, state: 'open' },
        { seq: 4, state: 'open' },
      ],
      [newer, { seq: 3, state: 'open' }, { seq: 1, state: 'open' }],
      10,
    )
    expect(seqs(merged)).toEqual([1, 2, 3, 4])
    expect(merged[3]).toBe(newer)
  })

  test('of two new rows with one seq the later one counts', () => {
    const merged = mergeRows(
      [],
      [
        { seq: 1, v: 1 },
        { seq: 1, v: 2 },
      ],
      10,
    )
    expect(merged).toEqual([{ seq: 1, v: 2 }])
  })

  test('keeps the newest when there are too many', () => {
    expect(seqs(mergeRows(of(1, 2, 3), of(4, 5), 3))).toEqual([3, 4, 5])
    expect(seqs(mergeRows(of(4, 5, 6), of(1, 2), 3))).toEqual([4, 5, 6])
  })

  test('nothing new is the very same list', () => {
    const rows = of(1)
    expect(mergeRows(rows, [], 10)).toBe(rows)
  })

  test('any batches in any order end as the ordered union', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 20 }), { maxLength: 12 }),
        (batches) => {
          let rows: readonly { seq: number }[] = []
          for (const batch of batches) rows = mergeRows(rows, of(...batch), 1000)
          expect(seqs(rows)).toEqual([...new Set(batches.flat())].sort((a, b) => a - b))
        },
      ),
    )
  })
})
