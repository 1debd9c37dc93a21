import { expect, test } from 'vitest'
import { colourOfKey } from './colour.ts'

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

test('a key has one colour, and different keys have many', () => {
  expect(colourOfKey('notes')).toBe(colourOfKey('notes'))
  const colours = new Set(Array.from({ length: 200 }, (_, index) => colourOfKey(`key-${index}`)))
  expect(colours.size).toBe(12)
})

test('white letters are readable on every colour', () => {
  for (let index = 0; index < 200; index += 1) {
    expect(1.05 / (luminance(colourOfKey(`key-${index}`)) + 0.05)).toBeGreaterThanOrEqual(4.5)
  }
})
