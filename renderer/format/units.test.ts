import { expect, test } from 'vitest'
import { formatBytes, formatDuration, formatPercent, formatRate, formatSpan } from './units.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1549, '1.5 kB'],
  [64_000, '64 kB'],
  [999_600, '1 MB'],
  [62_400_000, '62 MB'],
  [3_200_000_000, '3.2 GB'],
  [5e15, '5,000 TB'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

test.each([
  [0, '0 ms'],
  [0.42, '0.4 ms'],
  [12.4, '12 ms'],
  [999.4, '999 ms'],
  [999.7, '1 s'],
  [1234, '1.2 s'],
  [59_900, '60 s'],
  [59_960, '1 min'],
  [125_000, '2 min 5 s'],
])('%d ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

test.each([
  [-5, '0 s'],
  [400, '0 s'],
  [45_000, '45 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [3_600_000, '1 h'],
  [356_400_000, '4 d 3 h'],
])('a span of %d ms is %s', (ms, text) => expect(formatSpan(ms)).toBe(text))

test('rates and percentages carry their units', () => {
  expect(formatRate(0.25)).toBe('0.3 req/s')
  expect(formatRate(1 / 3600)).toBe('0.00028 req/s')
  expect(formatRate(12_345)).toBe('12,345 req/s')
  expect(formatPercent(0)).toBe('0 %')
  expect(formatPercent(3.14)).toBe('3.1 %')
})
