import type { IdentityHeader } from '../../runtime/contract/identity-headers.ts'
import { toCallError } from '../api.ts'

/** What the host found wrong with one of the identity headers, or with all of them (`index` null). */
export interface HeaderProblem {
  index: number | null
  part: 'name' | 'domain'
  message: string
}

/** Null when an error is about something else. A form has many headers: the sentence says which one it is. */
export function headerProblem(error: unknown, headers: readonly IdentityHeader[]): HeaderProblem | null {
  if (error === null || error === undefined) return null
  const { details, message } = toCallError(error)
  const found = /^identityHeaders(?:\.(\d+)(?:\.(\w+))?)?$/.exec(String(details.field))
  if (found === null) return null
  const [, at, field] = found
  if (at === undefined) return { index: null, part: 'name', message }
  const index = Number(at)
  const name = headers[index]?.name ?? ''
  return {
    index,
    part: field === 'domain' ? 'domain' : 'name',
    message: `Header ${index + 1}${name === '' ? '' : ` (${name})`}: ${message}`,
  }
}
