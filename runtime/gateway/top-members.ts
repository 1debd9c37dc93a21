import { LIMITS } from '../contract/limits.ts'

/** The members that were looked for, of one JSON object. Says nothing about whether it is JSON at all. */
export interface TopMembers {
  /** By name: the value's own text, byte for byte. */
  texts: Map<string, string>
  /** One of them that is there twice: two readers could differ about which one counts. */
  twice: string | null
  /** No other member is there, and all names are spelled without escapes. */
  plain: boolean
  /** No byte is above 0x7f, so that the text is the same in UTF-8. */
  ascii: boolean
}

/** Longest name that can be looked for, each of its letters written as an escape of six characters. */
const LONGEST_NAME = 7 * 6

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a

/**
 * Finds members of the object that a text is, so that their values can be passed on as they came. Reads no more than
 * brackets and strings, so that what it finds holds only for a text that JSON.parse takes, too.
 *
 * Asked before anything is made of the text: a few megabytes of brackets keep a parser busy for seconds, during which
 * the host answers nobody (A45).
 *
 * @param json the bytes as latin1: outside of strings JSON has only ASCII, and no byte of a longer UTF-8 sequence is one
 * @param wanted names of up to seven ASCII letters
 * @returns null when it is nested more deeply than LIMITS.rpcDepth
 */
export function topMembers(json: string, wanted: ReadonlySet<string>): TopMembers | null {
  const found: TopMembers = { texts: new Map(), twice: null, plain: true, ascii: true }
  const most = LIMITS.rpcDepth
  const end = json.length
  let all = 0
  let depth = 0
  let name: string | null = null
  /** Where the value of the member at hand begins; -1 while there is none. */
  let value = -1
  for (let i = 0; i < end; i++) {
    const c = json.charCodeAt(i)
    all |= c
    if (c === QUOTE) {
      const from = i + 1
      for (i = from; i < end; i++) {
        const s = json.charCodeAt(i)
        all |= s
        if (s === QUOTE) break
        // What follows may be a quote; a line that ends here is no JSON.
        if (s === BACKSLASH) all |= json.charCodeAt(++i)
      }
      if (depth === 1 && value === -1) name = nameOf(found, json, from, i, wanted)
    } else if (c === 0x5b || c === 0x7b) {
      if (++depth > most) return null
    } else if (c === 0x5d || c === 0x7d) {
      if (depth === 1) value = taken(found, json, name, value, i)
      depth--
    } else if (depth === 1) {
      if (c === COLON) value = i + 1
      else if (c === COMMA) value = taken(found, json, name, value, i)
    }
  }
  found.ascii = all < 0x80
  return found
}

/** @returns null for a name that nobody looks for; what is read of it is not kept, as there may be very many */
function nameOf(found: TopMembers, json: string, from: number, to: number, wanted: ReadonlySet<string>): string | null {
  if (to - from <= LONGEST_NAME) {
    const spelled = json.slice(from, to)
    if (wanted.has(spelled)) return spelled
    if (spelled.includes('\\')) {
      const read = unescaped(spelled)
      if (read !== null && wanted.has(read)) {
        found.plain = false
        return read
      }
    }
  }
  found.plain = false
  return null
}

function unescaped(spelled: string): string | null {
  try {
    return String(JSON.parse(`"${spelled}"`))
  } catch {
    return null
  }
}

function taken(found: TopMembers, json: string, name: string | null, from: number, to: number): -1 {
  if (from !== -1 && name !== null) {
    if (found.texts.has(name)) found.twice = name
    found.texts.set(name, json.slice(from, to).trim())
  }
  return -1
}
