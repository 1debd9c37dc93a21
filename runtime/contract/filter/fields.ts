/**
 * The filter language of the Traffic screen, `traffic.search` and saved filters:
 *
 *     notes alice                  words: in path, app, user, method or refusal; side by side means "and"
 *     app:notes user:alice         terms; app:=notes is the whole name
 *     status:404 status:4xx        status:>=400 took:>100ms size:<=2kb
 *     is:refused header:atek-auth-user
 *     path~^/api/(notes|tags)      a pattern, as in pattern/
 *     a b or not (c -d)            and, or, not, "-", parentheses; quotes keep blanks together
 *
 * Here are its words. No Node and no schema library: the panel runs the same code in a worker.
 */

export const TEXT_FIELDS = ['app', 'to', 'from', 'user', 'method', 'path'] as const
export type TextField = (typeof TEXT_FIELDS)[number]

export const NUMBER_FIELDS = ['status', 'took', 'size'] as const
export type NumberField = (typeof NUMBER_FIELDS)[number]

export const FIELDS = [...TEXT_FIELDS, ...NUMBER_FIELDS, 'is', 'header'] as const
export type FilterField = (typeof FIELDS)[number]

export const IS_TERMS = ['refused', 'error', 'websocket', 'gateway', 'app-to-app', 'open', 'aborted', 'replay'] as const
export type IsTerm = (typeof IS_TERMS)[number]

/** In plain words, for completion and help. */
export const FIELD_WORDS: Record<FilterField, string> = {
  app: 'called app or calling app',
  to: 'the app that was called',
  from: 'the app that called',
  user: 'the person',
  method: 'GET, POST, …',
  path: 'path and query; path~ takes a pattern',
  status: '404, 4xx, >=400, <300',
  took: 'time taken: >100ms, <2s',
  size: 'size of the answer: >1mb',
  is: 'what kind of request',
  header: 'name of a header that the caller sent',
}

export const IS_WORDS: Record<IsTerm, string> = {
  refused: 'refused by Atek',
  error: 'refused, broken off, or status 500 and up',
  websocket: 'WebSocket connections',
  gateway: 'calls through the gateway',
  'app-to-app': 'made by an app',
  open: 'not finished yet',
  aborted: 'broken off before the end',
  replay: 'sent again from the record',
}

/** How long a filter may be, in characters, and how deep its parentheses and negations may stand in each other. */
export const FILTER_LENGTH = 2000
export const FILTER_DEPTH = 50

export function isField(name: string): name is FilterField {
  return (FIELDS as readonly string[]).includes(name)
}

export function isTextField(name: FilterField): name is TextField {
  return (TEXT_FIELDS as readonly string[]).includes(name)
}

export function isNumberField(name: FilterField): name is NumberField {
  return (NUMBER_FIELDS as readonly string[]).includes(name)
}

export function isIsTerm(value: string): value is IsTerm {
  return (IS_TERMS as readonly string[]).includes(value)
}
