import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../../contract/limits.ts'
import { LineSplitter } from './line-splitter.ts'
import { formatLine, lastLines, parseLine } from './log-format.ts'
import { RotatingLog } from './rotating-log.ts'

const SECRET = 'S3cret_token-of_forty-three_characters_long'

describe('lines', () => {
  test('C51: a secret is masked wherever its text is cut, and lines come out whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(SECRET), fc.constant('\n'), fc.stringMatching(/^[a-zé€😀 ]{0,30}$/u)), {
          maxLength: 20,
        }),
        fc.integer({ min: 1, max: 40 }),
        (parts, size) => {
          const text = parts.join('')
          const bytes = Buffer.from(text)
          const splitter = new LineSplitter(SECRET)
          const lines: string[] = []
          for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.push(bytes.subarray(at, at + size)))
          lines.push(...splitter.end())
          const expected = text.replaceAll(SECRET, '•••').split('\n')
          if (expected.at(-1) === '') expected.pop()
          expect(lines).toEqual(expected)
        },
      ),
    )
  })

  test('C51: a line that never ends is cut, and not through the secret', () => {
    for (const before of [0, 10, LIMITS.logLineBytes - 20, LIMITS.logLineBytes - 1, LIMITS.logLineBytes]) {
      const splitter = new LineSplitter(SECRET)
      const bytes = Buffer.from(`${'x'.repeat(before)}${SECRET}${'y'.repeat(3 * LIMITS.logLineBytes)}`)
      // The app's first write ends right where a line is cut, in the middle of the secret.
      const lines = splitter.push(bytes.subarray(0, LIMITS.logLineBytes))
      lines.push(...splitter.push(bytes.subarray(LIMITS.logLineBytes)))
      lines.push(...splitter.end())
      expect(lines.join('')).toBe(`${'x'.repeat(before)}•••${'y'.repeat(3 * LIMITS.logLineBytes)}`)
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(LIMITS.logLineBytes)
    }
  })

  test('a line is read as it was written', () => {
    for (const text of ['', 'hello', '  two  blanks ', '\u001b[31mred', '1 2 stdout x']) {
      const line = { seq: 7, at: 1_700_000_000_123, stream: 'stderr' as const, text }
      expect(parseLine(formatLine(line).slice(0, -1))).toEqual(line)
    }
    expect(parseLine('half a li')).toBeNull()
  })

  test('the page before any number is the same as by looking at every line', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 30, unit: fc.constantFrom('a', ' ', '9', 'é') }), { maxLength: 60 }),
        fc.integer({ min: 0, max: 70 }),
        fc.integer({ min: 1, max: 20 }),
        (texts, before, limit) => {
          const all = texts.map((text, index) => ({
            seq: index + 1,
            at: 1_700_000_000_000,
            stream: 'stdout' as const,
            text,
          }))
          const content = Buffer.from(all.map(formatLine).join(''))
          expect(lastLines(content, before, limit)).toEqual(all.filter((line) => line.seq < before).slice(-limit))
        },
      ),
    )
  })
})

describe('files', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atek-logs-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const batch = (count: number, text: string) =>
    Array.from({ length: count }, () => ({ at: 1_700_000_000_000, stream: 'stdout' as const, text }))

  test('rotate at 5 MB, 3 are kept, numbers go on', async () => {
    const log = new RotatingLog(folder)
    for (let round = 0; round < 25; round++) await log.append(batch(1000, 'x'.repeat(1000)))
    expect((await readdir(folder)).sort()).toEqual(['app.log', 'app.log.1', 'app.log.2'])
    for (const name of await readdir(folder)) {
      expect((await stat(join(folder, name))).size).toBeLessThanOrEqual(LIMITS.logFileBytes)
    }
    expect((await log.read(Number.POSITIVE_INFINITY, 1))[0]?.seq).toBe(25_000)
    const again = new RotatingLog(folder)
    expect((await again.append(batch(1, 'y')))[0]?.seq).toBe(25_001)
  })

  test('pages over 100,000 lines in three files, each quickly', async () => {
    const log = new RotatingLog(folder)
    for (let round = 0; round < 100; round++)
      await log.append(batch(1000, 'a line of about a hundred bytes '.repeat(3)))
    expect(await readdir(folder)).toHaveLength(3)
    let before = Number.POSITIVE_INFINITY
    let seen = 0
    let slowest = 0
    for (;;) {
      const began = performance.now()
      const page = await log.read(before, 2000)
      slowest = Math.max(slowest, performance.now() - began)
      const [first] = page
      if (first === undefined) break
      expect(page.at(-1)?.seq).toBe(before === Number.POSITIVE_INFINITY ? 100_000 : before - 1)
      before = first.seq
      seen += page.length
    }
    expect(seen).toBe(100_000)
    expect(slowest).toBeLessThan(500)
  })

  test('a line that a killed host could not finish harms none after it', async () => {
    const log = new RotatingLog(folder)
    await log.append(batch(2, 'whole'))
    await appendFile(join(folder, 'app.log'), '3 2023-11-14T22:1')
    const again = new RotatingLog(folder)
    await again.append(batch(1, 'after'))
    expect((await again.read(Number.POSITIVE_INFINITY, 10)).map((line) => line.text)).toEqual([
      'whole',
      'whole',
      'after',
    ])
    expect(await readFile(join(folder, 'app.log'), 'utf8')).toContain('T22:1\n')
  })

  test('numbers go on when the newest file is empty', async () => {
    const log = new RotatingLog(folder)
    await log.append(batch(3, 'old'))
    await writeFile(join(folder, 'app.log.1'), await readFile(join(folder, 'app.log')))
    await writeFile(join(folder, 'app.log'), '')
    expect((await new RotatingLog(folder).append(batch(1, 'new')))[0]?.seq).toBe(4)
  })
})
