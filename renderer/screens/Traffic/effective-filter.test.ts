import { expect, test } from 'vitest'
import { parseFilter } from '../../../runtime/contract/filter/parse.ts'
import { printFilter } from '../../../runtime/contract/filter/print.ts'
import { effectiveFilter } from './effective-filter.ts'

test.each([
  ['', [], null],
  ['a b', [], 'a b'],
  ['', ['refused'], 'is:refused'],
  ['', ['refused', 'error'], 'is:refused or is:error'],
  ['a', ['refused', 'error'], 'a (is:refused or is:error)'],
  ['a b', ['refused'], 'a b is:refused'],
  ['a or b', ['refused'], '(a or b) is:refused'],
] as const)('%s with chips %j', (text, chips, expected) => {
  const node = effectiveFilter(parseFilter(text).node, chips)
  expect(node === null ? null : printFilter(node)).toBe(expected)
})
