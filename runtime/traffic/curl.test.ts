import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quoted, toCurl } from './curl.ts'

const GET = { method: 'GET', url: 'http://notes.localhost:8420/a', headers: [], body: null }

test('a request as a command line', () => {
  expect(toCurl(GET)).toBe("curl --url 'http://notes.localhost:8420/a'")
  expect(
    toCurl({
      method: 'POST',
      url: 'http://notes.localhost:8420/a?[b]',
      headers: [
        ['Host', 'notes.localhost'],
        ['Accept-Encoding', 'gzip'],
        ['X-Empty', ''],
        ['X-A', "it's"],
      ],
      body: Buffer.from('a=1&b=2'),
    }),
  ).toBe(
    "curl --request 'POST' --url 'http://notes.localhost:8420/a?[b]' --globoff --header 'X-Empty;' --header 'X-A: it'\\''s' --compressed --data-raw 'a=1&b=2'",
  )
  expect(toCurl({ ...GET, method: 'HEAD' })).toMatch(/^curl --head --url/)
})

describe('A29: no request makes a shell do anything else', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      "'; touch /tmp/x; '",
      '$(id)',
      '`id`',
      '\n id',
      '\\',
      "\\'",
      '!!',
      "$'x'",
      '\u202e',
      '\x1b[2J',
      '-o/etc',
    ),
  )

  test.runIf(process.platform !== 'win32')('bash reads each word as what it stands for', () => {
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 1, maxLength: 20 }), (words) => {
        const line = `printf '%s\\0' ${words.map(quoted).join(' ')}`
        const read = execFileSync('bash', ['-c', line]).toString('utf8').split('\0').slice(0, -1)
        expect(read).toEqual(words.map((word) => Buffer.from(word.replaceAll('\0', '')).toString()))
      }),
      { numRuns: 60 },
    )
  })

  test.runIf(process.platform !== 'win32')('a whole line runs curl once, with the body as it was', () => {
    const curl =
      'curl() { echo called; while [ "$1" ]; do [ "$1" = --data-raw ] && printf %s "$2" | od -An -tx1; [ "$1" = @- ] && od -An -tx1; shift; done; }'
    fc.assert(
      fc.property(nasty, nasty, fc.uint8Array({ minLength: 1, maxLength: 50 }), (path, header, bytes) => {
        const line = toCurl({
          method: 'POST',
          url: `http://x/${path}`,
          headers: [['X-A', header]],
          body: Buffer.from(bytes),
        })
        const [called, ...dump] = execFileSync('bash', ['-c', `${curl}\n${line}`])
          .toString('utf8')
          .split('\n')
        expect(called).toBe('called')
        expect(dump.join('').replaceAll(' ', '')).toBe(Buffer.from(bytes).toString('hex'))
      }),
      { numRuns: 60 },
    )
  })

  test('what a terminal would act on is not in it', () => {
    fc.assert(
      fc.property(nasty, fc.uint8Array(), (text, bytes) => {
        const line = toCurl({ ...GET, url: text, headers: [['X-A', text]], body: Buffer.from(bytes) })
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        expect(line).not.toMatch(/[\0-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]/)
      }),
    )
  })
})
