import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern } from './compile.ts'

function matches(source: string, text: string): boolean | string {
  const pattern = compilePattern(source)
  return 'problem' in pattern ? pattern.problem : pattern.test(text)
}

test.each([
  ['^/api', '/api/x', true],
  ['^/api', '/x/api', false],
  ['\\.png$', '/a.png', true],
  ['\\.png$', '/a.png?x', false],
  ['', '', true],
  ['^$', '', true],
  ['$^', '', true],
  ['^$', 'a', false],
  ['a{2,3}b', 'aab', true],
  ['^a{2}$', 'aaa', false],
  ['/(notes|tasks)/\\d+', '/tasks/12', true],
  ['[^a-c]', 'abc', false],
  ['[\\d-]', '-', true],
  ['a{', 'a{', true],
  ['ü', 'grün', true],
])('%s in %s: %s', (source, text, expected) => {
  expect(matches(source, text)).toBe(expected)
})

test.each([
  '(?=a)',
  '(a',
  'a)',
  '[a',
  '\\1',
  '\\b',
  '*',
  'a**',
  '^*',
  'a{3,1}',
  'a{101}',
  '\\',
  '[z-a]',
  'a'.repeat(501),
])('%s is refused in plain words', (source) => {
  expect(matches(source, '')).toMatch(/^[A-Z"].*\.$/)
})

test('says the same as the engine of the language, for everything that it takes', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\s', '\\/', '^', '$', 'ab', '(?:a|b)')
  const source = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,}', '+?')).map(([a, b]) => `(${a})${b}`),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `${a}${b}`),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a}|${b})`),
    ),
  })).node
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '/', '\n', 'ü'), maxLength: 12 })
  fc.assert(
    fc.property(source, fc.array(text, { maxLength: 5 }), (pattern, texts) => {
      const ours = compilePattern(pattern)
      if ('problem' in ours) return
      const theirs = new RegExp(pattern)
      for (const one of texts) expect([pattern, one, ours.test(one)]).toEqual([pattern, one, theirs.test(one)])
    }),
    { numRuns: 1000 },
  )
})

test('any text is a pattern or refused; nothing throws', () => {
  const piece = fc.constantFrom('(', ')', '[', ']', '{', '}', '\\', '|', '*', '?', '^', '$', '-', ',', '1', 'a', ':')
  fc.assert(fc.property(fc.string({ unit: piece, maxLength: 30 }), (source) => void matches(source, 'aaa1')))
})

describe('CWE-1333: no pattern makes a text slow', () => {
  // Each takes an engine that goes back and tries again longer than the universe has been there.
  const evil = ['(a+)+$', '(a|a)*$', '(a*)*b', '^(a|aa)+$', 'a*a*a*a*a*a*a*b', '(.*a){25}', '(a|b)*a(a|b){60}']

  test.each(evil)('%s', (source) => {
    const pattern = compilePattern(source)
    if ('problem' in pattern) throw new Error(pattern.problem)
    const time = (length: number) => {
      const text = `${'ab'.repeat(length / 4)}${'a'.repeat(length / 2)}!`
      const before = performance.now()
      pattern.test(text)
      return performance.now() - before
    }
    time(4000)
    expect(time(16_000)).toBeLessThan(5000)
  })

  test('repetitions that multiply are refused', () => {
    expect(matches('((a{50}){50}){50}', 'a')).toBe('The pattern is too large: its repetitions multiply.')
  })
})
