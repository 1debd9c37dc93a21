import { type FilterField, isField } from './fields.ts'

/** A piece of a filter's text. `from` and `to` are places in it. */
export type Token = { from: number; to: number } & (
  | { type: '(' | ')' | '-' | 'and' | 'or' | 'not' }
  | { type: 'word'; text: string; quoted: boolean; closed: boolean }
  | {
      type: 'term'
      field: FilterField
      /** `field~value` instead of `field:value`. */
      pattern: boolean
      /** `field:=value`. */
      exact: boolean
      value: string
      quoted: boolean
      closed: boolean
      /** Where the value begins, after colon, "=" and opening quote. */
      valueFrom: number
    }
  /** `name:value` with a name that is no field. */
  | { type: 'unknown-field'; name: string }
)

const BLANK = /\s/
const NAME = /([a-z][a-z-]{0,19})([:~])/iy

/** One pass from left to right; each character is looked at a bounded number of times, and nothing throws. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const char = text[at] as string
    if (BLANK.test(char)) at += 1
    else if (char === '(' || char === ')') tokens.push({ type: char, from: at, to: ++at })
    else if (char === '-') tokens.push({ type: '-', from: at, to: ++at })
    else {
      const token = readTerm(text, at) ?? readWord(text, at)
      tokens.push(token)
      at = token.to
    }
  }
  return tokens
}

function readTerm(text: string, from: number): Token | null {
  NAME.lastIndex = from
  const found = NAME.exec(text)
  if (found === null) return null
  const name = (found[1] as string).toLowerCase()
  const pattern = found[2] === '~'
  const begin = from + found[0].length
  if (!isField(name)) {
    // `http://…` is an address, and `~` in a word is a home folder; only `name:value` looks like a field.
    if (pattern || text.startsWith('//', begin)) return null
    return { type: 'unknown-field', name, from, to: readBare(text, begin).to }
  }
  const exact = !pattern && text[begin] === '='
  const valueAt = exact ? begin + 1 : begin
  const value = text[valueAt] === '"' ? readQuoted(text, valueAt, pattern) : readBare(text, valueAt, pattern)
  return { type: 'term', field: name, pattern, exact, from, ...value }
}

function readWord(text: string, from: number): Token {
  if (text[from] === '"') {
    const { value, to, closed } = readQuoted(text, from, false)
    return { type: 'word', text: value, quoted: true, closed, from, to }
  }
  const { value, to } = readBare(text, from)
  const lower = value.toLowerCase()
  if (lower === 'and' || lower === 'or' || lower === 'not') return { type: lower, from, to }
  return { type: 'word', text: value, quoted: false, closed: true, from, to }
}

interface Value {
  value: string
  quoted: boolean
  closed: boolean
  valueFrom: number
  to: number
}

/**
 * Up to a blank or a parenthesis. A pattern has parentheses of its own: it ends before one that it did not open, so
 * that `(path~^/(a|b))` is read as meant.
 */
function readBare(text: string, from: number, pattern = false): Value {
  let to = from
  let depth = 0
  let set = false
  for (; to < text.length; to += 1) {
    const char = text[to] as string
    if (BLANK.test(char)) break
    if (!pattern) {
      if (char === '(' || char === ')') break
    } else if (char === '\\') to += to + 1 < text.length && !BLANK.test(text[to + 1] as string) ? 1 : 0
    else if (set) set = char !== ']'
    else if (char === '[') set = true
    else if (char === '(') depth += 1
    else if (char === ')' && --depth < 0) break
  }
  const raw = text.slice(from, to)
  return { value: pattern ? plainQuotes(raw) : raw, quoted: false, closed: true, valueFrom: from, to }
}

/** Text: \" and \\ stand for the second character. Patterns keep their backslashes, as they mean something there. */
function readQuoted(text: string, from: number, pattern: boolean): Value {
  let to = from + 1
  let value = ''
  let begun = to
  while (to < text.length && text[to] !== '"') {
    if (text[to] !== '\\' || to + 1 >= text.length) {
      to += 1
      continue
    }
    if (text[to + 1] === '"' || (text[to + 1] === '\\' && !pattern)) {
      value += text.slice(begun, to)
      begun = to + 1
    }
    to += 2
  }
  value += text.slice(begun, to)
  const closed = to < text.length
  return { value, quoted: true, closed, valueFrom: from + 1, to: closed ? to + 1 : to }
}

/** `\"` means `"` in a pattern; written one way only, a pattern is the same after it was printed and read again. */
function plainQuotes(pattern: string): string {
  return pattern.includes('\\"') ? pattern.replace(/\\(.)/gs, (pair, char) => (char === '"' ? '"' : pair)) : pattern
}
