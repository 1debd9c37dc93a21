import type { FilterNode, FilterProblem, ParsedFilter } from './ast.ts'
import { FILTER_DEPTH, FILTER_LENGTH } from './fields.ts'
import { readTermValue, type TermToken, unknownField } from './terms.ts'
import { type Token, tokenize } from './tokens.ts'

/**
 * Reads a filter. Never throws, takes a time that grows with the length of the text, and leaves out what it does not
 * understand, so that a half-typed filter does not hide everything.
 */
export function parseFilter(text: string): ParsedFilter {
  if (text.length > FILTER_LENGTH) {
    const message = `The filter is too long. It may have ${FILTER_LENGTH.toLocaleString('en')} characters.`
    return { node: null, problems: [{ from: FILTER_LENGTH, to: text.length, message, unfinished: false }] }
  }
  const parser = new Parser(tokenize(text), text.length)
  const node = parser.whole()
  return { node, problems: parser.problems }
}

class Parser {
  readonly problems: FilterProblem[] = []
  readonly #tokens: readonly Token[]
  readonly #end: number
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens
    this.#end = end
  }

  whole(): FilterNode | null {
    const parts: FilterNode[] = []
    while (this.#at < this.#tokens.length) {
      const node = this.#or()
      if (node !== null) parts.push(node)
      const token = this.#tokens[this.#at]
      if (token === undefined) break
      // Only a parenthesis that nothing opened ends an expression before the text ends.
      this.#problem(token, 'This parenthesis closes nothing.')
      this.#at += 1
    }
    return joined('and', parts)
  }

  #or(): FilterNode | null {
    const parts: FilterNode[] = []
    let expected: Token | null = null
    for (;;) {
      const part = this.#and()
      if (part !== null) {
        parts.push(part)
        expected = null
      }
      const token = this.#tokens[this.#at]
      if (token?.type !== 'or') break
      if (part === null && expected === null) this.#problem(token, 'Something is missing before "or".', true)
      expected = token
      this.#at += 1
    }
    if (expected !== null) this.#problem(expected, 'Something is missing after "or".', true)
    return joined('or', parts)
  }

  #and(): FilterNode | null {
    const parts: FilterNode[] = []
    let expected: Token | null = null
    for (;;) {
      const token = this.#tokens[this.#at]
      if (token === undefined || token.type === 'or' || token.type === ')') break
      if (token.type === 'and') {
        if (parts.length === 0 && expected === null) this.#problem(token, 'Something is missing before "and".', true)
        expected = token
        this.#at += 1
        continue
      }
      const part = this.#unary()
      if (part !== null) parts.push(part)
      expected = null
    }
    if (expected !== null) this.#problem(expected, 'Something is missing after "and".', true)
    return joined('and', parts)
  }

  /** Negations are counted and not nested: a thousand of them are no thousand calls deep. */
  #unary(): FilterNode | null {
    let negated = false
    let last: Token | null = null
    for (;;) {
      const token = this.#tokens[this.#at]
      if (token?.type !== 'not' && token?.type !== '-') break
      negated = !negated
      last = token
      this.#at += 1
    }
    const token = this.#tokens[this.#at]
    if (token === undefined || token.type === 'and' || token.type === 'or' || token.type === ')') {
      if (last !== null) this.#problem(last, 'Something is missing after the negation.', true)
      return null
    }
    const node = this.#primary(token)
    if (node === null || !negated) return node
    return node.type === 'not' ? node.part : { type: 'not', part: node }
  }

  #primary(token: Token): FilterNode | null {
    this.#at += 1
    switch (token.type) {
      case '(':
        return this.#group(token)
      case 'word':
        if (!token.closed) this.#problem(token, 'The quote is not closed.', true)
        return token.text === '' ? null : { type: 'word', text: token.text }
      case 'term':
        return this.#term(token)
      case 'unknown-field':
        this.#problem(token, unknownField(token.name))
        return null
      default:
        return null
    }
  }

  #group(open: Token): FilterNode | null {
    // Beyond this depth a call would follow a call until there is no room left (CWE-674).
    if (this.#depth >= FILTER_DEPTH) {
      this.#problem(open, `There are more than ${FILTER_DEPTH} parentheses inside each other.`)
      this.#at = this.#tokens.length
      return null
    }
    this.#depth += 1
    const node = this.#or()
    this.#depth -= 1
    const close = this.#tokens[this.#at]
    if (close === undefined) {
      if (this.problems.every((problem) => problem.unfinished)) {
        this.#problem(open, 'This parenthesis is not closed.', true)
      }
      return node
    }
    this.#at += 1
    if (node === null) this.#problem({ from: open.from, to: close.to }, 'There is nothing in the parentheses.', true)
    return node
  }

  #term(token: TermToken): FilterNode | null {
    if (!token.closed) this.#problem(token, 'The quote is not closed.', true)
    if (token.value === '') {
      this.#problem(token, `What "${token.field}" should be is missing.`, true)
      return null
    }
    const read = readTermValue(token)
    if (typeof read !== 'string') return read
    this.#problem({ from: token.from, to: token.to }, read)
    return null
  }

  #problem(place: { from: number; to: number }, message: string, unfinished = false): void {
    this.problems.push({ from: place.from, to: Math.min(place.to, this.#end), message, unfinished })
  }
}

/** One part stands for itself, and parts of the same kind are not nested: `a (b c)` is `a b c`. */
function joined(type: 'and' | 'or', parts: FilterNode[]): FilterNode | null {
  if (parts.length === 0) return null
  if (parts.length === 1) return parts[0] ?? null
  return { type, parts: parts.flatMap((part) => (part.type === type ? part.parts : [part])) }
}
