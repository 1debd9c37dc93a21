import type { FilterNode, FilterRow, NumberOperator } from './ast.ts'
import type { IsTerm, NumberField, TextField } from './fields.ts'
import { compilePattern } from './pattern/compile.ts'

export type FilterTest = (row: FilterRow) => boolean

/** A filter as a test of rows. What each node means is defined here. */
export function filterTest(node: FilterNode | null): FilterTest {
  if (node === null) return () => true
  switch (node.type) {
    case 'and': {
      const tests = node.parts.map(filterTest)
      return (row) => tests.every((test) => test(row))
    }
    case 'or': {
      const tests = node.parts.map(filterTest)
      return (row) => tests.some((test) => test(row))
    }
    case 'not': {
      const test = filterTest(node.part)
      return (row) => !test(row)
    }
    case 'word':
      return wordTest(node.text)
    case 'text':
      return textTest(node.field, node.value, node.exact)
    case 'pattern': {
      const pattern = compilePattern(node.source)
      // A tree that did not come from the parser: what cannot be read matches nothing.
      if ('problem' in pattern) return () => false
      return anyOf(node.field, (text) => pattern.test(text))
    }
    case 'number': {
      const { field, value } = node
      const compare = COMPARE[node.operator]
      return (row) => {
        const actual = numberOf(row, field)
        return actual !== null && compare(actual, value)
      }
    }
    case 'status-class':
      return (row) => row.status !== null && Math.floor(row.status / 100) === node.hundreds
    case 'is':
      return IS[node.value]
    case 'header':
      return (row) => row.headers?.includes(node.name) ?? false
  }
}

/** A–Z become a–z, and nothing else, so that every place where a filter runs agrees (SQLite's LIKE does the same). */
export function fold(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase()) : text
}

export const IS: Record<IsTerm, FilterTest> = {
  refused: (row) => row.refused !== null,
  error: (row) => row.refused !== null || row.state === 'aborted' || (row.status ?? 0) >= 500,
  websocket: (row) => row.kind === 'websocket',
  gateway: (row) => row.kind === 'gateway',
  'app-to-app': (row) => (row.caller?.serviceKey ?? null) !== null,
  open: (row) => row.state === 'open',
  aborted: (row) => row.state === 'aborted',
  replay: (row) => (row.replayOf ?? null) !== null,
}

function wordTest(text: string): FilterTest {
  const wanted = fold(text)
  // Three digits are a status as well as a part of a path.
  const status = /^[1-5]\d\d$/.test(wanted) ? Number(wanted) : null
  return (row) =>
    has(row.path, wanted) ||
    has(row.appId, wanted) ||
    has(row.caller?.username, wanted) ||
    has(row.caller?.serviceId, wanted) ||
    has(row.method, wanted) ||
    has(row.refused, wanted) ||
    (status !== null && row.status === status)
}

function has(text: string | null | undefined, wanted: string): boolean {
  return text !== null && text !== undefined && fold(text).includes(wanted)
}

function textTest(field: TextField, value: string, exact: boolean): FilterTest {
  const wanted = fold(value)
  const test = anyOf(field, exact ? (text) => fold(text) === wanted : (text) => fold(text).includes(wanted))
  // A deleted user has no name any more, but still a key.
  return field === 'user' ? (row) => row.caller?.userKey === value || test(row) : test
}

/** The texts of a field; `app` has two. */
function anyOf(field: TextField, test: (text: string) => boolean): FilterTest {
  const from = (row: FilterRow) => {
    const id = row.caller?.serviceId ?? null
    return id !== null && test(id)
  }
  switch (field) {
    case 'app':
      return (row) => test(row.appId) || from(row)
    case 'to':
      return (row) => test(row.appId)
    case 'from':
      return from
    case 'user':
      return (row) => {
        const name = row.caller?.username ?? null
        return name !== null && test(name)
      }
    case 'method':
      return (row) => test(row.method)
    case 'path':
      return (row) => test(row.path)
  }
}

function numberOf(row: FilterRow, field: NumberField): number | null {
  if (field === 'status') return row.status
  return field === 'took' ? row.durationMs : row.bytesOut
}

const COMPARE: Record<NumberOperator, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
}

/** Whether a filter looks at headers, which live rows may not carry. */
export function looksAtHeaders(node: FilterNode | null): boolean {
  if (node === null) return false
  if (node.type === 'and' || node.type === 'or') return node.parts.some(looksAtHeaders)
  return node.type === 'not' ? looksAtHeaders(node.part) : node.type === 'header'
}
