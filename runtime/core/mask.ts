import { REFRESH_TOKEN } from './ids.ts'

/**
 * Secrets are masked before they reach a log or a record (C51). Here are the forms that can be told by themselves;
 * values known to be secret (an app's bearer token) are masked by whoever knows them.
 */
const PARAMETER = /[?&#]([^=&#?\s"']{1,128})=/g
const VALUE = /[^&#\s"']*/y
/** The same inside a parameter of another address (`redirect=%2F%3Ftoken%3D…`), percent-encoded once or more often. */
const NESTED_PARAMETER = /%(?:25)*(?:3f|26|23)([\w.-]{1,128}?)%(?:25)*3d/gi
const NESTED_VALUE = /(?:(?!%(?:25)*(?:26|23))[^&#\s"'])*/iy

/** The host's own one-time tokens, and what others call theirs: `access_token`, `user[password]`, `apiKey`. */
const SECRET_PARAMETER =
  /^(?:bst|ticket|code|nonce|sig|signature|jwt|otp|pwd)$|token|secret|passw(?:or)?d|passphrase|api[-_.]?key|credential|session[-_.]?id/i

const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]+/gi

/**
 * Tokens that are known by their form wherever they stand: JWTs, as access tokens of the host and of others are, and the
 * host's refresh tokens. What comes before is looked at, so that no run of characters is read more than once.
 */
const JWT = /(?:(?<![\w-])|(?<=%[0-9a-fA-F]{2}))eyJ[\w-]+\.[\w-]+\.[\w-]*/g
const REFRESH = /atekr_[\w-]+/g

export const MASK = '•••'

/** A path with query: values of parameters that carry one-time or other secrets are masked. */
export function maskPath(path: string): string {
  const masked = maskValues(path, PARAMETER, VALUE)
  return maskTokens(masked.includes('%') ? maskValues(masked, NESTED_PARAMETER, NESTED_VALUE) : masked)
}

function maskTokens(text: string): string {
  const masked = text.includes('eyJ') ? text.replace(JWT, MASK) : text
  return masked.includes(REFRESH_TOKEN.prefix) ? masked.replace(REFRESH, MASK) : masked
}

/** By hand and not in one expression: that would take a time that grows with the square of what a caller sends. */
function maskValues(text: string, parameter: RegExp, value: RegExp): string {
  let result = ''
  let done = 0
  parameter.lastIndex = 0
  for (let found = parameter.exec(text); found !== null; found = parameter.exec(text)) {
    if (!isSecretParameter(found[1] ?? '')) continue
    value.lastIndex = parameter.lastIndex
    value.exec(text)
    result += `${text.slice(done, parameter.lastIndex)}${MASK}`
    done = Math.max(value.lastIndex, parameter.lastIndex)
    parameter.lastIndex = done
  }
  return done === 0 ? text : result + text.slice(done)
}

function isSecretParameter(name: string): boolean {
  if (!name.includes('%')) return SECRET_PARAMETER.test(name)
  try {
    return SECRET_PARAMETER.test(decodeURIComponent(name))
  } catch {
    return SECRET_PARAMETER.test(name)
  }
}

/** Free text, such as a line of a log. */
export function maskText(text: string): string {
  return maskPath(text).replace(BEARER, `$1 ${MASK}`)
}

/** By the words in a name, since everybody calls theirs otherwise: `X-Vault-Token`, `X-Goog-Api-Key`, `Cookie2`. */
const SECRET_HEADER =
  /(?:^|[-_])(?:authorization|cookie2?|tokens?|secret|password|api[-_]?key|auth[-_]key|session(?:[-_]id)?|jwt|signature)$/i

/** A header's value as it may be recorded. Cookies keep their names, so that one still sees which were there. */
export function maskHeader(name: string, value: string): string {
  const lower = name.toLowerCase()
  // Not only Referer and Location hold addresses.
  if (!SECRET_HEADER.test(name)) return value.includes('=') ? maskPath(value) : maskTokens(value)
  if (lower === 'cookie') return value.replace(/=[^;]*/g, `=${MASK}`)
  if (lower === 'set-cookie') return value.replace(/^([^=;]*)=[^;]*/, `$1=${MASK}`)
  const scheme = /^\S+(?=\s)/.exec(value)?.[0]
  return scheme ? `${scheme} ${MASK}` : MASK
}
