/** Characters by their UTF-16 numbers: pairs of first and last, ascending, apart from each other. */
export type CharSet = readonly (readonly [from: number, to: number])[]

export type PatternNode =
  | { type: 'char'; set: CharSet }
  | { type: 'start' | 'end' }
  | { type: 'all'; parts: PatternNode[] }
  | { type: 'any'; parts: PatternNode[] }
  | { type: 'repeat'; part: PatternNode; least: number; most: number | null }

const LAST = 0xffff
const DIGITS: CharSet = [[0x30, 0x39]]
const WORD: CharSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
/** As ECMAScript has it for \s. */
const BLANK: CharSet = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]
const LINE_ENDS: CharSet = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]
const CLASSES: Record<string, CharSet> = {
  d: DIGITS,
  w: WORD,
  s: BLANK,
  D: without(DIGITS),
  W: without(WORD),
  S: without(BLANK),
}
const CONTROLS: Record<string, number> = { t: 0x09, n: 0x0a, r: 0x0d }

/** Deeper than this is no pattern of a person (CWE-674). */
const DEPTH = 20
const MOST_REPEATS = 100

/** What is wrong with a pattern, as a sentence. */
export class PatternProblem extends Error {}

/**
 * Reads the part of regular expressions that can be matched in a time that grows with the text only: characters,
 * `.`, sets, \d \w \s, groups, `|`, `* + ? {2,5}`, `^` and `$`. What needs going back and trying again, look-around
 * and references to groups, is refused (CWE-1333).
 */
export function readPattern(source: string): PatternNode {
  const reader = new Reader(source)
  const node = reader.alternatives(0)
  if (!reader.done) throw new PatternProblem('A ")" in the pattern closes nothing.')
  return node
}

class Reader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  get done(): boolean {
    return this.#at >= this.#source.length
  }

  alternatives(depth: number): PatternNode {
    if (depth > DEPTH) throw new PatternProblem('The groups of the pattern are too deep inside each other.')
    const parts = [this.#sequence(depth)]
    while (this.#take('|')) parts.push(this.#sequence(depth))
    return parts.length === 1 ? (parts[0] as PatternNode) : { type: 'any', parts }
  }

  #sequence(depth: number): PatternNode {
    const parts: PatternNode[] = []
    while (!this.done && this.#peek() !== '|' && this.#peek() !== ')') parts.push(this.#repeated(depth))
    return { type: 'all', parts }
  }

  #repeated(depth: number): PatternNode {
    const part = this.#atom(depth)
    const bounds = this.#bounds()
    if (bounds === null) return part
    if (part.type === 'start' || part.type === 'end') {
      throw new PatternProblem('"^" and "$" stand for a place and cannot be repeated.')
    }
    // Whether as few or as many as possible: it matches or it does not.
    this.#take('?')
    if (this.#bounds() !== null) throw new PatternProblem('The pattern repeats a repetition. Put it in a group.')
    return { type: 'repeat', part, ...bounds }
  }

  #bounds(): { least: number; most: number | null } | null {
    if (this.#take('*')) return { least: 0, most: null }
    if (this.#take('+')) return { least: 1, most: null }
    if (this.#take('?')) return { least: 0, most: 1 }
    const counted = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.#source.slice(this.#at, this.#at + 12))
    if (counted === null) return null
    this.#at += counted[0].length
    const least = Number(counted[1])
    const most = counted[2] === undefined ? least : counted[3] === undefined ? null : Number(counted[3])
    if (Math.max(least, most ?? 0) > MOST_REPEATS) {
      throw new PatternProblem(`The pattern repeats something more than ${MOST_REPEATS} times.`)
    }
    if (most !== null && most < least) throw new PatternProblem('In the pattern "{…}" the second number is smaller.')
    return { least, most }
  }

  #atom(depth: number): PatternNode {
    const char = this.#next()
    switch (char) {
      case '^':
        return { type: 'start' }
      case '$':
        return { type: 'end' }
      case '.':
        return { type: 'char', set: without(LINE_ENDS) }
      case '[':
        return { type: 'char', set: this.#set() }
      case '(':
        return this.#group(depth)
      case '\\':
        return { type: 'char', set: this.#escape() }
      case '*':
      case '+':
      case '?':
        throw new PatternProblem(`In the pattern there is nothing before "${char}" to repeat.`)
      default:
        return { type: 'char', set: only(char) }
    }
  }

  #group(depth: number): PatternNode {
    if (this.#take('?') && !this.#take(':')) {
      throw new PatternProblem('Patterns here cannot look ahead or behind, nor name groups.')
    }
    const node = this.alternatives(depth + 1)
    if (!this.#take(')')) throw new PatternProblem('A "(" in the pattern is not closed.')
    return node
  }

  #escape(): CharSet {
    if (this.done) throw new PatternProblem('The pattern ends with a lone "\\".')
    const char = this.#next()
    if (Object.hasOwn(CLASSES, char)) return CLASSES[char] as CharSet
    if (Object.hasOwn(CONTROLS, char)) return [[CONTROLS[char] as number, CONTROLS[char] as number]]
    if (/[1-9]/.test(char)) throw new PatternProblem('Patterns here cannot refer to an earlier group.')
    if (/[a-z0-9]/i.test(char)) throw new PatternProblem(`"\\${char}" means nothing in a pattern here.`)
    return only(char)
  }

  #set(): CharSet {
    const not = this.#take('^')
    const ranges: [number, number][] = []
    while (!this.#take(']')) {
      if (this.done) throw new PatternProblem('A "[" in the pattern is not closed.')
      const first = this.#member()
      const single = first.length === 1 && first[0]?.[0] === first[0]?.[1] ? first[0]?.[0] : undefined
      if (single === undefined || this.#peek() !== '-' || this.#source[this.#at + 1] === ']') {
        for (const [from, to] of first) ranges.push([from, to])
        continue
      }
      this.#at += 1
      if (this.done) throw new PatternProblem('A "[" in the pattern is not closed.')
      const last = this.#member()
      const end = last.length === 1 && last[0]?.[0] === last[0]?.[1] ? last[0]?.[0] : undefined
      if (end === undefined || end < single) throw new PatternProblem('A range in "[…]" runs backwards.')
      ranges.push([single, end])
    }
    return not ? without(ordered(ranges)) : ordered(ranges)
  }

  #member(): CharSet {
    const char = this.#next()
    return char === '\\' ? this.#escape() : only(char)
  }

  #peek(): string | undefined {
    return this.#source[this.#at]
  }

  #next(): string {
    return this.#source[this.#at++] ?? ''
  }

  #take(char: string): boolean {
    if (this.#source[this.#at] !== char) return false
    this.#at += 1
    return true
  }
}

function only(char: string): CharSet {
  const code = char.charCodeAt(0)
  return [[code, code]]
}

function ordered(ranges: [number, number][]): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0])
  const result: [number, number][] = []
  for (const [from, to] of sorted) {
    const last = result.at(-1)
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else result.push([from, to])
  }
  return result
}

/** Every other character; `set` is ascending. */
function without(set: CharSet): CharSet {
  const result: [number, number][] = []
  let next = 0
  for (const [from, to] of set) {
    if (from > next) result.push([next, from - 1])
    next = to + 1
  }
  if (next <= LAST) result.push([next, LAST])
  return result
}
