import { expect, test } from 'vitest'
import { RateCounter } from './rate-counter.ts'

const counter = (keys = 100) => new RateCounter({ windowMs: 1000, keys })

test('C26: as many as allowed in one window, and again in the next', () => {
  const rates = counter()
  for (let i = 0; i < 3; i++) expect(rates.take('a', 3, 100)).toBe(0)
  expect(rates.take('a', 3, 400)).toBe(700)
  expect(rates.take('a', 3, 1099)).toBe(1)
  expect(rates.take('a', 3, 1100)).toBe(0)
})

test('C26: one key’s count is not another’s', () => {
  const rates = counter()
  expect(rates.take('a', 1, 0)).toBe(0)
  expect(rates.take('a', 1, 0)).toBe(1000)
  expect(rates.take('b', 1, 0)).toBe(0)
})

test('C26: a million keys hold no more memory than the first few; those that were there keep their own count', () => {
  const rates = counter(50)
  for (let i = 0; i < 1_000_000; i++) rates.take(`address ${i}`, 10, 0)
  expect(rates.size).toBe(51)
  expect(rates.take('one more', 10, 0)).toBe(1000)
  expect(rates.take('address 1', 10, 0)).toBe(0)
})
