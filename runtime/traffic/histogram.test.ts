import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

const durations = fc.array(fc.double({ min: 0.07, max: 1_000_000, noNaN: true }), { minLength: 1, maxLength: 200 })

function of(values: number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.add(value)
  return histogram
}

test('quantiles are right within 4 %', () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const sorted = [...values].sort((a, b) => a - b)
      const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0
      const told = of(values).quantile(q) ?? Number.NaN
      expect(Math.abs(told - exact) / exact).toBeLessThanOrEqual(0.04)
    }),
  )
})

test('added up and written down, nothing is lost', () => {
  fc.assert(
    fc.property(durations, durations, (a, b) => {
      const together = of([...a, ...b])
      const merged = of(a)
      merged.merge(Histogram.decode(of(b).encode()))
      expect(merged.total).toBe(together.total)
      for (const q of [0, 0.5, 0.99, 1]) expect(merged.quantile(q)).toBe(together.quantile(q))
    }),
  )
})

test('any bytes are read as something, and nothing throws', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void Histogram.decode(bytes).quantile(0.5)))
})

test('what is nothing, tiny or endless has a place, too', () => {
  expect(new Histogram().quantile(0.5)).toBeNull()
  expect(of([0]).quantile(1)).toBe(0)
  expect(of([0.001]).quantile(1)).toBe(0)
  expect(of([1e12]).quantile(1)).toBeGreaterThan(1_000_000)
})
