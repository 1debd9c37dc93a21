import { expect, test } from 'vitest'
import { clockTime, dayName, exactTime, preciseTime, relativeTime, uptime } from './time.ts'

const NOW = new Date(2025, 2, 12, 14, 3, 7, 42).getTime()
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

test.each([
  [0, 'just now'],
  [4 * SECOND, 'just now'],
  [12 * SECOND, '12 s ago'],
  [59 * SECOND, '59 s ago'],
  [MINUTE, '1 min ago'],
  [HOUR + 40 * MINUTE, '1 h ago'],
  [DAY, '1 day ago'],
  [3 * DAY + HOUR, '3 days ago'],
  [7 * DAY, '5 March'],
  [400 * DAY, '6 February 2024'],
  [-30 * SECOND, 'in 30 s'],
  [-5 * DAY, 'in 5 days'],
  [SECOND - 7 * DAY, 'in 7 days'],
])('%d ms ago is "%s"', (ago, text) => expect(relativeTime(NOW - ago, NOW)).toBe(text))

test('exact times are of this place and sort as text', () => {
  expect(exactTime(NOW)).toBe('2025-03-12 14:03:07')
  expect(clockTime(NOW)).toBe('14:03:07')
  expect(preciseTime(NOW)).toBe('14:03:07.042')
})

test('days have names', () => {
  expect(dayName(NOW - HOUR, NOW)).toBe('Today')
  expect(dayName(NOW - DAY, NOW)).toBe('Yesterday')
  expect(dayName(NOW - 2 * DAY, NOW)).toBe('10 March')
})

test('uptime is in its two largest units', () => expect(uptime(NOW - 2 * HOUR - 5 * MINUTE, NOW)).toBe('2 h 5 min'))
