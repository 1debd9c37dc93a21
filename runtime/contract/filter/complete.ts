import { FIELD_WORDS, FIELDS, type FilterField, IS_TERMS, IS_WORDS } from './fields.ts'
import { printValue } from './print.ts'
import { type Token, tokenize } from './tokens.ts'

/** What was seen in the traffic, the most frequent first. */
export interface SeenValues {
  apps: readonly string[]
  users: readonly string[]
  methods: readonly string[]
  statuses: readonly number[]
  headers: readonly string[]
}

export interface Suggestion {
  /** Replaces the characters of the completion's range. */
  insert: string
  label: string
  detail: string
}

export interface Completion {
  from: number
  to: number
  /** Something is typed already that the first suggestion goes on with. */
  begun: boolean
  suggestions: Suggestion[]
}

const MOST = 10

/** What may stand where the caret is. Never throws. */
export function completeFilter(text: string, caret: number, seen: SeenValues): Completion {
  const before = text.slice(0, caret)
  const token = tokenize(before).at(-1)
  const begun = token !== undefined && token.to === before.length ? token : null
  const to = begun === null ? caret : endOf(text, begun, caret)
  if (begun?.type === 'term') {
    if (begun.pattern) return { from: caret, to, begun: false, suggestions: [] }
    const from = begun.from + begun.field.length + 1 + (begun.exact ? 1 : 0)
    const suggestions = rank(valuesOf(begun.field, seen), begun.value)
    return { from, to, begun: begun.value !== '', suggestions }
  }
  const word = begun?.type === 'word' && !begun.quoted ? begun.text : begun !== null && isWord(begun) ? begun.type : ''
  if (word !== '') {
    const from = begun?.from ?? caret
    return { from, to, begun: true, suggestions: rank(everything(seen), word) }
  }
  // A closed quote or an unknown name is nothing to go on with.
  const open = begun === null || begun.type === '(' || begun.type === '-'
  return { from: caret, to: caret, begun: false, suggestions: open ? FIELDS.map(fieldSuggestion) : [] }
}

/** With the suggestion in place: the text, and where the caret stands then. */
export function acceptSuggestion(text: string, completion: Completion, suggestion: Suggestion) {
  const before = text.slice(0, completion.from) + suggestion.insert
  const after = text.slice(completion.to)
  // After a field its value is typed, after a value the next term.
  const blank = suggestion.insert.endsWith(':') || /^\s/.test(after) ? '' : ' '
  return { text: before + blank + after, caret: before.length + (blank === '' && /^\s/.test(after) ? 1 : blank.length) }
}

/** A caret inside a token replaces the whole of it. */
function endOf(text: string, begun: Token, caret: number): number {
  const whole = tokenize(text).find((token) => token.from === begun.from)
  return Math.max(caret, whole?.to ?? caret)
}

function isWord(token: Token): boolean {
  return token.type === 'and' || token.type === 'or' || token.type === 'not'
}

function fieldSuggestion(field: FilterField): Suggestion {
  return { insert: `${field}:`, label: `${field}:`, detail: FIELD_WORDS[field] }
}

function valuesOf(field: FilterField, seen: SeenValues): Suggestion[] {
  switch (field) {
    case 'app':
    case 'to':
    case 'from':
      return seen.apps.map((app) => value(app, 'app'))
    case 'user':
      return seen.users.map((user) => value(user, 'person'))
    case 'method':
      return seen.methods.map((method) => value(method.toLowerCase(), ''))
    case 'header':
      return seen.headers.map((header) => value(header, ''))
    case 'is':
      return IS_TERMS.map((term) => value(term, IS_WORDS[term]))
    case 'status':
      return [
        { insert: '>=400', label: '>=400', detail: 'every error' },
        ...['2xx', '3xx', '4xx', '5xx'].map((word) => ({
          insert: word,
          label: word,
          detail: STATUS_WORDS[word] ?? '',
        })),
        ...seen.statuses.map((status) => value(String(status), '')),
      ]
    case 'took':
      return ['>10ms', '>100ms', '>1s'].map((text) => ({ insert: text, label: text, detail: 'slower than that' }))
    case 'size':
      return ['>10kb', '>100kb', '>1mb'].map((text) => ({ insert: text, label: text, detail: 'larger than that' }))
    case 'path':
      return []
  }
}

const STATUS_WORDS: Record<string, string> = {
  '2xx': 'went well',
  '3xx': 'sent elsewhere',
  '4xx': 'the caller was wrong',
  '5xx': 'the app failed',
}

function value(text: string, detail: string): Suggestion {
  return { insert: printValue(text), label: text, detail }
}

/** For a word: fields, and values that it could be the beginning of, as whole terms. */
function everything(seen: SeenValues): Suggestion[] {
  const term = (name: string, text: string, detail: string): Suggestion => {
    const insert = `${name}:${printValue(text)}`
    return { insert, label: insert, detail }
  }
  return [
    ...FIELDS.map(fieldSuggestion),
    ...IS_TERMS.map((word) => term('is', word, IS_WORDS[word])),
    ...seen.apps.map((app) => term('app', app, 'app')),
    ...seen.users.map((user) => term('user', user, 'person')),
    ...seen.methods.map((method) => term('method', method.toLowerCase(), '')),
    ...seen.statuses.map((status) => term('status', String(status), '')),
  ]
}

/** Those that begin with what is typed, then those that have it in them. What is typed already is no suggestion. */
function rank(suggestions: Suggestion[], typed: string): Suggestion[] {
  const wanted = typed.toLowerCase()
  const begin: Suggestion[] = []
  const inside: Suggestion[] = []
  for (const suggestion of suggestions) {
    const label = suggestion.label.toLowerCase()
    const name = label.slice(label.indexOf(':') + 1)
    if (label === wanted) continue
    if (label.startsWith(wanted) || (name !== '' && name.startsWith(wanted))) begin.push(suggestion)
    else if (wanted.length > 1 && name.includes(wanted)) inside.push(suggestion)
  }
  return [...begin, ...inside].slice(0, MOST)
}
