import { expect, test } from 'vitest'
import { entryProblems, looksSecret, sameConfig, toConfig, toEntries } from './config-entries.ts'

const entry = (line: number, key: string, value = 'x') => ({ line, key, value })

test('a record becomes lines and comes back', () => {
  const config = { GREETING: 'hi', EMPTY: '' }
  expect(toConfig(toEntries(config))).toEqual(config)
})

test('empty lines are not saved, names are trimmed', () => {
  expect(toConfig([entry(0, ' A ', '1'), entry(1, '', '')])).toEqual({ A: '1' })
})

test('A44: names of the host, twice given, or not fit for the environment are told beside their line', () => {
  const problems = entryProblems([
    entry(0, 'GOOD'),
    entry(1, 'atek_x'),
    entry(2, 'with blank'),
    entry(3, 'good'),
    entry(4, '', 'value alone'),
    entry(5, '', ''),
  ])
  expect([...problems.keys()]).toEqual([1, 2, 3, 4])
})

test('C51: values of names that sound secret are covered', () => {
  for (const key of ['API_KEY', 'apikey', 'DB_PASSWORD', 'SLACK_TOKEN', 'ClientSecret'])
    expect(looksSecret(key)).toBe(true)
  for (const key of ['GREETING', 'LOG_LEVEL', 'KEYBOARD']) expect(looksSecret(key)).toBe(false)
})

test('configurations are the same when keys and values are', () => {
  expect(sameConfig({ a: '1', b: '2' }, { b: '2', a: '1' })).toBe(true)
  expect(sameConfig({ a: '1' }, { a: '2' })).toBe(false)
  expect(sameConfig({ a: '1' }, { b: '1' })).toBe(false)
  expect(sameConfig({}, { a: '1' })).toBe(false)
  expect(sameConfig({ toString: 'x' }, { a: 'x' })).toBe(false)
})
