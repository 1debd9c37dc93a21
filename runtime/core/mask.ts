/**
 * Secrets are masked before they reach a log or a record (C51). Here are the forms that can be told by themselves;
 * values known to be secret (an app's bearer token) are masked by whoever knows them.
 */
const QUERY_SECRETS = /([?&](?:bst|ticket|token|password|secret|code|nonce)=)[^&#\s"']*/gi
/** The same inside a parameter of another address (`redirect=%2F%3Ftoken%3D…`), percent-encoded once or more often. */
const NESTED_SECRETS =
  /(%(?:25)*(?:3f|26)(?:bst|ticket|token|password|secret|code|nonce)%(?:25)*3d)(?:(?!%(?:25)*(?:26|23))[^&#\s"'])*/gi
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]+/gi

export const MASK = '•••'

/** A path with query: values of parameters that carry one-time or other secrets are masked. */
export function maskPath(path: string): string {
  const masked = path.replace(QUERY_SECRETS, `$1${MASK}`)
  return masked.includes('%') ? masked.replace(NESTED_SECRETS, `$1${MASK}`) : masked
}

/** Free text, such as a line of a log. */
export function maskText(text: string): string {
  return maskPath(text).replace(BEARER, `$1 ${MASK}`)
}

const SECRET_HEADERS = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-auth-token',
  'x-csrf-token',
])

/** A header's value as it may be recorded. Cookies keep their names, so that one still sees which were there. */
export function maskHeader(name: string, value: string): string {
  const lower = name.toLowerCase()
  if (lower === 'referer' || lower === 'location') return maskPath(value)
  if (!SECRET_HEADERS.has(lower)) return value
  if (lower === 'cookie') return value.replace(/=[^;]*/g, `=${MASK}`)
  if (lower === 'set-cookie') return value.replace(/^([^=;]*)=[^;]*/, `$1=${MASK}`)
  const scheme = /^\S+(?=\s)/.exec(value)?.[0]
  return scheme ? `${scheme} ${MASK}` : MASK
}
