import fc from 'fast-check'
import type { FilterNode, FilterRow } from '../ast.ts'
import { IS_TERMS, NUMBER_FIELDS, TEXT_FIELDS } from '../fields.ts'

/** A row that nothing is special about. */
export function row(part: Partial<FilterRow> = {}): FilterRow {
  return {
    kind: 'http',
    appId: 'hello',
    caller: null,
    method: 'GET',
    path: '/',
    status: 200,
    state: 'done',
    durationMs: 5,
    bytesOut: 100,
    refused: null,
    ...part,
  }
}

const name = () => fc.constantFrom('notes', 'tasks', 'Notes', 'a b', 'Ä', 'x"y\\z', '=a', '100%', '_')
const text = () =>
  fc.oneof(name(), fc.string({ minLength: 1, maxLength: 6 }), fc.string({ minLength: 1, unit: 'binary' }))

/** A filter as the parser makes it: nothing nested in its own kind, no double negation. */
export function anyNode(): fc.Arbitrary<FilterNode> {
  const leaf: fc.Arbitrary<FilterNode> = fc.oneof(
    text().map((value): FilterNode => ({ type: 'word', text: value })),
    fc
      .record({ field: fc.constantFrom(...TEXT_FIELDS), exact: fc.boolean(), value: text() })
      .map((part): FilterNode => ({ type: 'text', ...part, exact: part.exact || part.field === 'method' })),
    fc
      .record({
        field: fc.constantFrom(...TEXT_FIELDS),
        source: fc.constantFrom('^/a', 'a|b', '[a-c]+$', 'a"b', '\\d'),
      })
      .map((part): FilterNode => ({ type: 'pattern', ...part })),
    fc
      .record({
        field: fc.constantFrom(...NUMBER_FIELDS),
        operator: fc.constantFrom('=', '>', '>=', '<', '<='),
        value: fc.integer({ min: 100, max: 599 }),
      })
      .map((part) => ({ type: 'number', ...part }) as FilterNode),
    fc.integer({ min: 1, max: 5 }).map((hundreds): FilterNode => ({ type: 'status-class', hundreds })),
    fc.constantFrom(...IS_TERMS).map((value): FilterNode => ({ type: 'is', value })),
    fc.constantFrom('accept', 'x-a b', 'atek-auth-user').map((value): FilterNode => ({ type: 'header', name: value })),
  )
  return fc.letrec<{ node: FilterNode }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      tie('node').map((part): FilterNode => (part.type === 'not' ? part.part : { type: 'not', part })),
      fc.array(tie('node'), { minLength: 2, maxLength: 4 }).map((parts) => flat('and', parts)),
      fc.array(tie('node'), { minLength: 2, maxLength: 4 }).map((parts) => flat('or', parts)),
    ),
  })).node
}

function flat(type: 'and' | 'or', parts: FilterNode[]): FilterNode {
  return { type, parts: parts.flatMap((part) => (part.type === type ? part.parts : [part])) }
}

export function anyRow(): fc.Arbitrary<FilterRow> {
  const caller = fc.record({
    userKey: name(),
    username: fc.option(name()),
    serviceKey: fc.option(name()),
    serviceId: fc.option(name()),
  })
  return fc.record({
    kind: fc.constantFrom('http', 'websocket', 'gateway'),
    appId: name(),
    caller: fc.option(caller),
    method: fc.constantFrom('GET', 'POST', 'post'),
    path: fc.oneof(fc.constantFrom('/', '/api/x', '/100%', '/a_b', '/Ä'), text()),
    status: fc.option(fc.integer({ min: 100, max: 599 })),
    state: fc.constantFrom('open', 'done', 'aborted'),
    durationMs: fc.option(fc.integer({ min: 0, max: 1000 })),
    bytesOut: fc.integer({ min: 0, max: 1000 }),
    refused: fc.option(fc.constantFrom('FORBIDDEN', 'NOT_SIGNED_IN')),
    headers: fc.subarray(['accept', 'x-a b', 'atek-auth-user']),
    replayOf: fc.option(fc.nat()),
  })
}
