import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

const range = (letter: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${letter}${String(from + i).padStart(2, '0')}`)

/** Every number that the project has given out. */
const NUMBERS = [
  ...range('C', 1, 15),
  ...range('C', 20, 29),
  ...range('C', 40, 51),
  ...range('A', 1, 8),
  ...range('A', 10, 13),
  ...range('A', 20, 29),
  ...range('A', 40, 45),
  ...range('A', 60, 62),
]

/** Of these the browser decides, so that only a real one shows it. */
const IN_A_BROWSER = ['A20', 'A21', 'A22', 'A23', 'A24', 'A25', 'A26', 'A28', 'A29', 'A60', 'A61']

interface Row {
  number: string
  test: string
  /** null: later. */
  file: string | null
}

/** `| A22 | name of the test | file |`, or `| C28 | later: … | |` */
function table(): Row[] {
  const text = readFileSync(join(ROOT, 'resources/docs/security.md'), 'utf8')
  const rows: Row[] = []
  for (const line of text.split('\n')) {
    const row = /^\| ([AC]\d\d) \| (.+) \| (?:`([^`]+)`)? ?\|$/.exec(line)
    if (row !== null) rows.push({ number: row[1] ?? '', test: row[2] ?? '', file: row[3] ?? null })
  }
  return rows
}

function testFiles(): Map<string, string> {
  const files = new Map<string, string>()
  for (const root of ['runtime', 'electron', 'renderer', 'e2e']) {
    for (const name of readdirSync(join(ROOT, root), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(test|spec)\.tsx?$/.test(name)) continue
      files.set(join(root, name), readFileSync(join(ROOT, root, name), 'utf8').replaceAll("\\'", "'"))
    }
  }
  return files
}

/** Whether the file has a test of this very name. */
const hasTest = (source: string, name: string) => ["'", '"', '`'].some((quote) => source.includes(quote + name + quote))

const rows = table()
const files = testFiles()

test('every number is in the table of security.md, and none that was not given out', () => {
  const found = [...new Set(rows.map(({ number }) => number))].sort()
  expect(found).toEqual([...NUMBERS].sort())
})

test('every test that the table names is there, and begins with the number', () => {
  for (const { number, test: name, file } of rows) {
    if (file === null) continue
    expect(name.split(':', 1)[0]?.split(/[ ,]+/), name).toContain(number)
    expect(hasTest(files.get(file) ?? '', name), `${file}: ${name}`).toBe(true)
  }
})

test('what is called later has no test yet, and only that', () => {
  const later = rows.filter(({ file }) => file === null)
  for (const { number, test: words } of later) {
    expect(words, number).toMatch(/^later: ./)
    const tested = [...files].filter(([, source]) =>
      new RegExp(`['"\`]([AC]\\d\\d[ ,]*)*${number}[^:'"\`\n]*: `).test(source),
    )
    expect(
      tested.map(([file]) => file),
      `${number} is built: say so in security.md`,
    ).toEqual([])
  }
  expect(later.filter(({ number }) => rows.some((row) => row.file !== null && row.number === number))).toEqual([])
})

test('what a browser decides is tested in a browser', () => {
  for (const number of IN_A_BROWSER) {
    expect(rows.filter((row) => row.number === number && row.file?.startsWith('e2e/')).length, number).toBeGreaterThan(
      0,
    )
  }
})
