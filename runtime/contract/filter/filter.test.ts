import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FilterNode, FilterRow } from './ast.ts'
import { acceptSuggestion, completeFilter } from './complete.ts'
import { filterTest } from './evaluate.ts'
import { FILTER_DEPTH, FILTER_LENGTH } from './fields.ts'
import { parseFilter } from './parse.ts'
import { printFilter } from './print.ts'
import { anyNode, anyRow, row } from './testing/arbitrary.ts'
import { tokenize } from './tokens.ts'

function finds(text: string, part: Partial<FilterRow> = {}): boolean {
  return filterTest(parseFilter(text).node)(row(part))
}

describe('what a filter finds', () => {
  const alice = { userKey: 'u1', username: 'Alice', serviceKey: null, serviceId: null }
  const byApp = { userKey: 'u1', username: 'alice', serviceKey: 's1', serviceId: 'tasks' }

  test.each<[string, Partial<FilterRow>, boolean]>([
    ['', {}, true],
    ['note', { appId: 'notes' }, true],
    ['NOTE', { appId: 'notes' }, true],
    ['404', { status: 404 }, true],
    ['404', { status: 200, path: '/404' }, true],
    ['404', { status: 200 }, false],
    ['app:notes', { appId: 'my-notes' }, true],
    ['app:=notes', { appId: 'my-notes' }, false],
    ['app:tasks', { caller: byApp }, true],
    ['to:tasks', { caller: byApp }, false],
    ['from:tasks to:notes', { caller: byApp }, true],
    ['user:alice', { caller: alice }, true],
    ['user:u1', { caller: { ...alice, username: null } }, true],
    ['user:alice', { caller: null }, false],
    ['-user:alice', { caller: null }, true],
    ['method:post', { method: 'POST' }, true],
    ['method:pos', { method: 'POST' }, false],
    ['status:>=400', { status: 404 }, true],
    ['status:>=400', { status: null }, false],
    ['-status:>=400', { status: null }, true],
    ['status:4xx', { status: 499 }, true],
    ['status:>4xx', { status: 499 }, false],
    ['status:>4xx', { status: 500 }, true],
    ['status:<=4xx', { status: 499 }, true],
    ['took:>100ms', { durationMs: 101 }, true],
    ['took:>=1.5s', { durationMs: 1500 }, true],
    ['took:<1s', { durationMs: null }, false],
    ['size:>1kb', { bytesOut: 1001 }, true],
    ['is:refused', { refused: 'FORBIDDEN' }, true],
    ['is:error', { status: 502 }, true],
    ['is:app-to-app', { caller: byApp }, true],
    ['is:replay', { replayOf: 3 }, true],
    ['is:replay', {}, false],
    ['header:Atek-Auth-User', { headers: ['host', 'atek-auth-user'] }, true],
    ['header:atek-auth-user', {}, false],
    ['path~^/api', { path: '/api/x' }, true],
    ['path~^/api', { path: '/x/api' }, false],
    ['(path~^/(a|b)$)', { path: '/b' }, true],
    ['path~"a b"', { path: '/a b' }, true],
    ['path:"a b"', { path: '/a b' }, true],
    ['"two words"', { path: '/two words' }, true],
    ['a or b', { path: '/b' }, true],
    ['a and b', { path: '/b' }, false],
    ['not a', { path: '/b' }, true],
    ['-(a or b)', { path: '/b' }, false],
    ['a b or c', { path: '/c' }, true],
    ['a (b or c)', { path: '/c' }, false],
    ['http://notes', { path: '/?to=http://notes' }, true],
  ])('%s', (text, part, expected) => {
    expect(parseFilter(text).problems).toEqual([])
    expect(finds(text, { appId: 'notes', ...part })).toBe(expected)
  })

  test('the one of the issue', () => {
    const text = 'app:notes status:>=400 user:alice is:refused path~^/api header:atek-auth-user'
    expect(parseFilter(text).problems).toEqual([])
    const wanted = { appId: 'notes', status: 403, caller: alice, refused: 'FORBIDDEN', path: '/api/x' }
    expect(finds(text, { ...wanted, headers: ['atek-auth-user'] })).toBe(true)
    expect(finds(text, wanted)).toBe(false)
  })
})

describe('problems are calm and in their place', () => {
  test.each([
    ['status:abc', 0, 10, '"abc" is no status. Try status:404, status:4xx, status:>=400 or status:<300.'],
    ['a is:big b', 2, 8, /^"is:big" is not known\. Try is:refused/],
    ['statsu:404', 0, 10, 'There is no field "statsu". Did you mean status:…?'],
    ['wood:1', 0, 6, 'There is no field "wood". To look for the text itself, put it in quotes.'],
    ['a )', 2, 3, 'This parenthesis closes nothing.'],
    ['status~4', 0, 8, '"status" takes no pattern. Write status:… instead.'],
    ['took:fast', 0, 9, '"fast" is no time. Try took:>100ms or took:<2s.'],
    ['size:>x', 0, 7, '">x" is no size. Try size:>100kb or size:<1mb.'],
    ['path~[a', 0, 7, 'A "[" in the pattern is not closed.'],
  ])('%s', (text, from, to, message) => {
    expect(parseFilter(text).problems).toEqual([
      { from, to, message: message instanceof RegExp ? expect.stringMatching(message) : message, unfinished: false },
    ])
  })

  test.each(['app:', '-', 'not', 'a or', 'a and', '(a', '"a', 'or', '()', 'app:"', '-(', 'path~'])(
    '%s is not finished, and hides nothing meanwhile',
    (text) => {
      const { problems } = parseFilter(text)
      expect(problems.length).toBeGreaterThan(0)
      expect(problems.every((problem) => problem.unfinished)).toBe(true)
      expect(finds(text, { path: '/a' })).toBe(true)
    },
  )

  test('a term with a problem is left out; the others hold', () => {
    expect(parseFilter('app:notes status:abc').node).toEqual(parseFilter('app:notes').node)
  })
})

describe('laws', () => {
  test('what was printed is read back as the same', () => {
    fc.assert(
      fc.property(anyNode(), (node) => {
        expect(parseFilter(printFilter(node))).toEqual({ node, problems: [] })
      }),
    )
  })

  test('what was read is printed and read back as the same', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const { node } = parseFilter(text)
        // Quotes and units make it longer; past the bound it is not read at all.
        if (node === null || printFilter(node).length > FILTER_LENGTH) return
        expect(parseFilter(printFilter(node)).node).toEqual(node)
      }),
    )
  })

  test('and, or, not, double negation, De Morgan', () => {
    const holds = (node: FilterNode, of: FilterRow) => filterTest(node)(of)
    fc.assert(
      fc.property(anyNode(), anyNode(), anyRow(), (a, b, of) => {
        expect(holds({ type: 'and', parts: [a, b] }, of)).toBe(holds(a, of) && holds(b, of))
        expect(holds({ type: 'or', parts: [a, b] }, of)).toBe(holds(a, of) || holds(b, of))
        expect(holds({ type: 'not', part: a }, of)).toBe(!holds(a, of))
        const neither: FilterNode = { type: 'not', part: { type: 'or', parts: [a, b] } }
        expect(holds(neither, of)).toBe(!holds(a, of) && !holds(b, of))
      }),
    )
  })

  test('any text: no throw, and every problem lies in it', () => {
    fc.assert(
      fc.property(anyText(), anyRow(), fc.nat(), (text, of, caret) => {
        const { node, problems } = parseFilter(text)
        filterTest(node)(of)
        for (const { from, to, message } of problems) {
          expect(from).toBeGreaterThanOrEqual(0)
          expect(to).toBeGreaterThanOrEqual(from)
          expect(to).toBeLessThanOrEqual(text.length)
          expect(message).not.toBe('')
        }
        completeFilter(text, caret % (text.length + 1), SEEN)
      }),
    )
  })

  test('tokens lie side by side, in order', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        let end = 0
        for (const { from, to } of tokenize(text)) {
          expect(from).toBeGreaterThanOrEqual(end)
          expect(to).toBeGreaterThan(from)
          end = to
        }
      }),
    )
  })

  test('the longest and the deepest text are read in a moment', () => {
    for (const piece of ['(', ')', '-', 'not ', 'a or ', '"', '\\', 'a:', 'path~(', 'path~[', 'app:"\\']) {
      const text = piece.repeat(Math.floor(FILTER_LENGTH / piece.length))
      const before = performance.now()
      parseFilter(text)
      tokenize(piece.repeat(20_000))
      // Quadratic would be minutes; linear is milliseconds.
      expect(performance.now() - before).toBeLessThan(5000)
    }
    const deep = `${'('.repeat(FILTER_DEPTH + 1)}a${')'.repeat(FILTER_DEPTH + 1)}`
    expect(parseFilter(deep).problems[0]?.message).toMatch(/parentheses inside each other/)
    expect(parseFilter('a'.repeat(FILTER_LENGTH + 1)).problems[0]?.message).toMatch(/too long/)
  })
})

const SEEN = {
  apps: ['notes', 'tasks'],
  users: ['alice', 'two words'],
  methods: ['GET', 'POST'],
  statuses: [200, 404],
  headers: ['accept', 'atek-auth-user'],
}

describe('completion', () => {
  const offered = (text: string, caret = text.length) =>
    completeFilter(text, caret, SEEN).suggestions.map((suggestion) => suggestion.label)
  const accepted = (text: string, label: string, caret = text.length) => {
    const completion = completeFilter(text, caret, SEEN)
    const suggestion = completion.suggestions.find((offer) => offer.label === label)
    return suggestion === undefined ? null : acceptSuggestion(text, completion, suggestion)
  }

  test('fields where a term may begin', () => {
    expect(offered('')).toContain('status:')
    expect(offered('app:notes ')).toContain('status:')
    expect(offered('(')).toContain('status:')
    expect(offered('st')[0]).toBe('status:')
    expect(accepted('st', 'status:')).toEqual({ text: 'status:', caret: 7 })
  })

  test('values that were seen', () => {
    expect(offered('app:')).toEqual(['notes', 'tasks'])
    expect(offered('app:ta')).toEqual(['tasks'])
    expect(offered('status:4')).toEqual(['4xx', '404'])
    expect(offered('header:auth')).toEqual(['atek-auth-user'])
    expect(offered('is:app')).toEqual(['app-to-app'])
    expect(accepted('app:no', 'notes')).toEqual({ text: 'app:notes ', caret: 10 })
    expect(accepted('user:', 'two words')).toEqual({ text: 'user:"two words" ', caret: 17 })
    expect(accepted('-app:n status:404', 'notes', 6)).toEqual({ text: '-app:notes status:404', caret: 11 })
    expect(accepted('app:=n', 'notes')).toEqual({ text: 'app:=notes ', caret: 11 })
  })

  test('words become terms', () => {
    expect(offered('ali')).toEqual(['user:alice'])
    expect(offered('ref')).toEqual(['is:refused'])
    expect(offered('no')).toContain('app:notes')
    expect(offered('"no"')).toEqual([])
    expect(offered('path~^/a')).toEqual([])
  })

  test('what is accepted is read without a problem', () => {
    fc.assert(
      fc.property(fc.constantFrom('', 'a', 'st', 'is:', 'app:', '-', '(a ', 'took:', 'user:'), (text) => {
        const completion = completeFilter(text, text.length, SEEN)
        for (const suggestion of completion.suggestions) {
          const result = acceptSuggestion(text, completion, suggestion)
          expect(parseFilter(result.text).problems.every((problem) => problem.unfinished)).toBe(true)
        }
      }),
    )
  })
})

/** Any text, and above all what looks like a filter. */
function anyText(): fc.Arbitrary<string> {
  const pieces = [
    'app:',
    'status:',
    '>=',
    '4xx',
    'path~',
    '(',
    ')',
    '-',
    ' ',
    '"',
    '\\',
    'and',
    ' or ',
    'not ',
    '=',
    '~',
  ]
  const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4, unit: 'binary' }))
  return fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''))
}
