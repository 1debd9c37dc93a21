import { expect, test } from 'vitest'
import { addressWithId, shortAddress } from './address.ts'

test('an address is shown without its scheme and a lone slash', () => {
  expect(shortAddress('http://notes.localhost:8420/')).toBe('notes.localhost:8420')
  expect(shortAddress('https://notes.example.org/a/')).toBe('notes.example.org/a')
})

test('a new ID takes the place of the old one only', () => {
  expect(addressWithId('http://notes.localhost:8420/', 'diary')).toBe('http://diary.localhost:8420/')
})
