import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headerSafePath, safePath, safePathOrRoot, takeBindToken, withBindToken } from './redirect.ts'
import { SAFE_TARGETS, UNSAFE_TARGETS } from './redirect-corpus.ts'

const ORIGIN = 'http://atek.localhost:8420'
const TOKEN = 'T'.repeat(43)

test('A27: the corpus is what it says', () => {
  expect(new Set(UNSAFE_TARGETS).size).toBeGreaterThan(100)
})

test.each(UNSAFE_TARGETS.map((target) => [target]))('A27: %j is no target for a redirect', (target) => {
  expect(safePath(target)).toBeNull()
  expect(safePathOrRoot(target)).toBe('/')
})

test.each(SAFE_TARGETS.map((target) => [target]))('A27: %j stays what it is, and on our origin', (target) => {
  expect(safePath(target)).toBe(target)
  // Both ways in which a browser can be given it.
  expect(new URL(ORIGIN + target).origin).toBe(ORIGIN)
  expect(new URL(target, ORIGIN).origin).toBe(ORIGIN)
})

test('A27: nothing that comes through leads off our origin or ends a header line', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '//',
    ':',
    '@',
    '.',
    '%2f',
    '%5c',
    '\t',
    '\n',
    '?',
    '#',
    'evil.test',
    'http:',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
      const target = safePathOrRoot(`/${pieces.join('')}`)
      expect(new URL(target, ORIGIN).origin).toBe(ORIGIN)
      expect(target).toMatch(/^[\x21-\x7e]+$/)
    }),
  )
})

test('A27: a request’s own target can stand in a header, whatever bytes it had', () => {
  expect(headerSafePath('/a?b=c')).toBe('/a?b=c')
  expect(headerSafePath('/\u00fc\\ "')).toBe('/%fc%5c%20"')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(headerSafePath(text)).toMatch(/^[\x21-\x7e]*$/)
    }),
  )
})

test('C08: a bind token is taken out of a query, and everything else stays byte for byte', () => {
  expect(takeBindToken(`/a?x=%20+&bst=${TOKEN}&y=`)).toEqual({ token: TOKEN, path: '/a?x=%20+&y=' })
  expect(takeBindToken(`/a?bst=${TOKEN}`)).toEqual({ token: TOKEN, path: '/a' })
  expect(takeBindToken(`/a?bst=${TOKEN}&bst=${'U'.repeat(43)}`)).toEqual({ token: 'U'.repeat(43), path: '/a' })
  for (const path of ['/a', '/a?', '/a?bst=short', '/a?abst=x', `/bst=${TOKEN}`, '/a?x=1&&y']) {
    expect(takeBindToken(path)).toEqual({ token: null, path })
  }
})

test('C08: adding a bind token and taking it gives the path back', () => {
  for (const path of ['/', '/a', '/a?b', '/a?b=c&d', '/a?b=%26']) {
    expect(takeBindToken(withBindToken(path, TOKEN))).toEqual({ token: TOKEN, path })
  }
})
