import type { IsTerm, NumberField, TextField } from './fields.ts'

export type NumberOperator = '=' | '>' | '>=' | '<' | '<='

/**
 * A filter as a tree. What each node means is said by evaluate.ts, and whoever compiles it to something else (SQL)
 * must mean the same: A–Z is the same as a–z and other letters are compared as they are, as SQLite's LIKE does it; a
 * comparison with something that is not there yet (status, time taken) is false, so that its negation is true.
 */
export type FilterNode =
  | { type: 'and'; parts: FilterNode[] }
  | { type: 'or'; parts: FilterNode[] }
  | { type: 'not'; part: FilterNode }
  /** In path, names, method or refusal; or the status, when it is a number. */
  | { type: 'word'; text: string }
  | { type: 'text'; field: TextField; exact: boolean; value: string }
  /** `source` has been read by pattern/compile.ts without a problem. */
  | { type: 'pattern'; field: TextField; source: string }
  /** Milliseconds for `took`, bytes for `size`. */
  | { type: 'number'; field: NumberField; operator: NumberOperator; value: number }
  /** `4xx`: hundreds 4. */
  | { type: 'status-class'; hundreds: number }
  | { type: 'is'; value: IsTerm }
  /** In lower case. */
  | { type: 'header'; name: string }

export interface FilterProblem {
  /** Characters of the text that it is about. */
  from: number
  to: number
  /** A sentence in plain words. */
  message: string
  /** The person has not finished typing: nothing to complain about yet. */
  unfinished: boolean
}

export interface ParsedFilter {
  /** null lets everything through. Terms with a problem are left out of it. */
  node: FilterNode | null
  problems: FilterProblem[]
}

/** What a filter looks at: a TrafficRow is one. */
export interface FilterRow {
  kind: string
  appId: string
  caller: { userKey: string; username: string | null; serviceId: string | null; serviceKey: string | null } | null
  method: string
  path: string
  status: number | null
  state: string
  durationMs: number | null
  bytesOut: number
  refused: string | null
  /** Names of the headers that the caller sent, in lower case. */
  headers?: readonly string[]
  /** The request that it repeats. */
  replayOf?: number | null
}
