import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { LIMITS } from './contract/limits.ts'

const ROOT = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

/** `| `name` | number |`, with what happens, file and test behind it where a client can meet it. */
const rows = read('resources/docs/limits.md')
  .split('\n')
  .flatMap((line) => {
    const row = /^\| `(\w+)` \| ([^|]+) \|(?: ([^|]+) \| `([^`]+)` \| ([^|]+) \|)?$/.exec(line)
    return row === null ? [] : [{ name: row[1] ?? '', number: row[2] ?? '', file: row[4], test: row[5] }]
  })

/** In a table's words: "32 kB", "20 s", "1,000". */
function numberIn(words: string): number {
  const [number = '', unit = ''] = words.split(' ')
  const units: Record<string, number> = { '': 1, bytes: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }
  const times: Record<string, number> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, days: 86_400_000 }
  return Number(number.replaceAll(',', '')) * (units[unit] ?? times[unit] ?? Number.NaN)
}

test('limits.md has every limit once, with its number', () => {
  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(LIMITS).sort())
  const told = Object.fromEntries(rows.map(({ name, number }) => [name, numberIn(number)]))
  expect(told).toEqual(LIMITS)
})

test('every test that it names is there', () => {
  for (const { name, file, test: title } of rows) {
    if (file === undefined || title === undefined) continue
    expect(read(file), `${name}: ${file}`).toContain(title)
  }
})
