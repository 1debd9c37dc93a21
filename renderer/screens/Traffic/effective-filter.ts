import type { FilterNode } from '../../../runtime/contract/filter/ast.ts'

export const CHIPS = [
  { value: 'refused', label: 'Refused' },
  { value: 'error', label: 'Errors' },
  { value: 'websocket', label: 'WebSocket' },
  { value: 'app-to-app', label: 'App-to-app' },
] as const
export type Chip = (typeof CHIPS)[number]['value']

/** What is typed, and any of the chips that are set. */
export function effectiveFilter(typed: FilterNode | null, chips: readonly Chip[]): FilterNode | null {
  const terms = chips.map((value): FilterNode => ({ type: 'is', value }))
  const [first] = terms
  if (first === undefined) return typed
  const any: FilterNode = terms.length === 1 ? first : { type: 'or', parts: terms }
  if (typed === null) return any
  return { type: 'and', parts: typed.type === 'and' ? [...typed.parts, any] : [typed, any] }
}
