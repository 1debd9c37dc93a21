import type { TrafficRow } from '../../runtime/contract/models.ts'

/**
 * The filter of the Traffic screen. Words and terms are joined by "and":
 *
 *     notes alice                words: in path, app, user, method or refusal
 *     app:notes user:alice       terms; `-app:notes` turns a term or word around
 *     method:post status:4xx     status: 404, 4xx, >=400, <300
 *     path:/api "two words"      quotes keep blanks together
 *     is:refused is:error is:websocket is:gateway is:app-to-app is:open
 */
export interface TrafficFilter {
  matches(row: TrafficRow): boolean
  /** Terms that mean nothing, each as a sentence. */
  problems: string[]
  /** Whether it lets everything through. */
  empty: boolean
}

type Test = (row: TrafficRow) => boolean

export const IS_TERMS = ['refused', 'error', 'websocket', 'gateway', 'app-to-app', 'open'] as const
export type IsTerm = (typeof IS_TERMS)[number]

export const IS: Record<IsTerm, Test> = {
  refused: (row) => row.refused !== null,
  error: (row) => row.refused !== null || row.state === 'aborted' || (row.status ?? 0) >= 500,
  websocket: (row) => row.kind === 'websocket',
  gateway: (row) => row.kind === 'gateway',
  'app-to-app': (row) => (row.caller?.serviceKey ?? null) !== null,
  open: (row) => row.state === 'open',
}

export function parseTrafficFilter(text: string): TrafficFilter {
  const tests: Test[] = []
  const problems: string[] = []
  for (const { key, value, not } of terms(text)) {
    const test = key === null ? word(value) : termTest(key, value)
    if (typeof test === 'string') problems.push(test)
    else if (test !== null) tests.push(not ? (row) => !test(row) : test)
  }
  return { matches: (row) => tests.every((test) => test(row)), problems, empty: tests.length === 0 }
}

interface Term {
  key: string | null
  value: string
  not: boolean
}

const KEYS = new Set(['app', 'user', 'method', 'status', 'path', 'is'])
const TOKEN = /(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/gi

function* terms(text: string): Generator<Term> {
  for (const [whole, minus = '', name, quoted, bare] of text.matchAll(TOKEN)) {
    if (whole === '-') continue
    const begun = /^([a-z]+):$/i.exec(bare ?? '')?.[1]?.toLowerCase()
    // Half-typed, such as "app:": it must not hide everything meanwhile.
    if (name === undefined && begun !== undefined && KEYS.has(begun)) continue
    const key = name?.toLowerCase() ?? null
    // `http://…` looks like a term and is a word.
    if (key !== null && !KEYS.has(key)) yield { key: null, value: whole.slice(minus.length), not: minus !== '' }
    else yield { key, value: quoted ?? bare ?? '', not: minus !== '' }
  }
}

/** A test, or null while the term's value is still to be typed, or a sentence on what is wrong with it. */
function termTest(key: string, value: string): Test | null | string {
  if (value === '') return null
  const wanted = value.toLowerCase()
  switch (key) {
    case 'app':
      return (row) => has(row.appId, wanted) || has(row.caller?.serviceId, wanted)
    case 'user':
      return (row) => has(row.caller?.username, wanted) || row.caller?.userKey === wanted
    case 'method':
      return (row) => row.method.toLowerCase() === wanted
    case 'path':
      return (row) => has(row.path, wanted)
    case 'status':
      return statusTest(wanted) ?? `"${value}" is no status. Try 404, 4xx, >=400 or <300.`
    default:
      return isTerm(wanted)
        ? IS[wanted]
        : `"is:${value}" is not known. Try ${IS_TERMS.map((t) => `is:${t}`).join(', ')}.`
  }
}

function isTerm(value: string): value is IsTerm {
  return (IS_TERMS as readonly string[]).includes(value)
}

function statusTest(value: string): Test | null {
  const parts = /^(>=|<=|>|<|)([1-5])(\d\d|xx)$/.exec(value)
  if (parts === null) return null
  const [, sign, hundreds = '', rest = ''] = parts
  const low = Number(hundreds) * 100 + (rest === 'xx' ? 0 : Number(rest))
  const high = rest === 'xx' ? low + 99 : low
  const compare = (status: number): boolean => {
    if (sign === '>=') return status >= low
    if (sign === '<=') return status <= high
    if (sign === '>') return status > high
    if (sign === '<') return status < low
    return status >= low && status <= high
  }
  return (row) => row.status !== null && compare(row.status)
}

function word(value: string): Test | null {
  const wanted = value.toLowerCase()
  if (wanted === '') return null
  return (row) =>
    has(row.path, wanted) ||
    has(row.appId, wanted) ||
    has(row.caller?.username, wanted) ||
    has(row.caller?.serviceId, wanted) ||
    has(row.method, wanted) ||
    has(row.refused, wanted) ||
    row.status === Number(wanted)
}

function has(text: string | null | undefined, wanted: string): boolean {
  return text?.toLowerCase().includes(wanted) ?? false
}
