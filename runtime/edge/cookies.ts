/** The host's session, on the host's own name. */
export const SESSION_COOKIE = 'atek_session'
/** A session with one app, on that app's name. Not the host's: an app that reads its cookies learns nothing (C08). */
export const APP_COOKIE = 'atek_app'
/** Proves that people signed in with this browser before (A26); it opens nothing. */
export const KNOWN_COOKIE = 'atek_known'
/** Ties a bind token to the browser that asked for it (A28). */
export const BIND_COOKIE = 'atek_bind'

/**
 * Names that belong to the host: never passed on to an app, never set by one. Also under the prefixes that browsers
 * give a meaning, and in any case, since some servers compare cookie names without it.
 */
export function isHostCookie(name: string): boolean {
  return HOST_COOKIE.test(name)
}
const HOST_COOKIE = /^(?:__(?:host|secure)-)?atek_/i

/**
 * The different values of a cookie, over all Cookie headers; two at most. More than one means that somebody else could
 * set one of them ("cookie tossing", A24), and nothing tells which is ours. What follows the second is not looked at:
 * 32 kB hold thousands, and comparing each with each takes longer than all else that is done for a request (A13).
 */
export function cookieValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i] ?? ''
    if (header.length !== 6 || header.toLowerCase() !== 'cookie') continue
    const text = rawHeaders[i + 1] ?? ''
    if (!text.includes(name)) continue
    for (let from = 0; from <= text.length; ) {
      let end = text.indexOf(';', from)
      if (end === -1) end = text.length
      const equals = text.indexOf('=', from)
      if (equals !== -1 && equals < end && text.slice(from, equals).trim() === name) {
        const value = text.slice(equals + 1, end).trim()
        if (!values.includes(value) && values.push(value) > 1) return values
      }
      from = end + 1
    }
  }
  return values
}

/**
 * A Cookie header's value without the host's cookies. Split in the same way as `cookieValues` reads, so that whatever
 * the host would accept is also what is taken out (A06).
 * @returns null for `kept` when nothing is left
 */
export function withoutHostCookies(value: string): { kept: string | null; stripped: string[] } {
  const stripped: string[] = []
  const kept: string[] = []
  for (const pair of value.includes(';') ? value.split(';') : [value]) {
    const equals = pair.indexOf('=')
    const name = (equals === -1 ? pair : pair.slice(0, equals)).trim()
    if (isHostCookie(name)) stripped.push(name)
    else kept.push(pair)
  }
  if (stripped.length === 0) return { kept: value, stripped }
  const rest = kept.join(';').trim()
  return { kept: rest === '' ? null : rest, stripped }
}

/** As `kept` of withoutHostCookies, for every request: most have one cookie, or none of the host's. */
export function keptCookies(value: string): string | null {
  if (!HOST_COOKIE_ANYWHERE.test(value)) return value
  return withoutHostCookies(value).kept
}
const HOST_COOKIE_ANYWHERE = /atek_/i

/**
 * The name under which a cookie that a Set-Cookie header sets comes back. One without a name comes back as its value
 * alone (RFC 6265bis, 5.8.3), so that `=atek_app=x` would come back as `atek_app=x`.
 */
export function setCookieName(value: string): string {
  const start = value.search(/[^=\s]/)
  const text = start === -1 ? '' : value.slice(start)
  const end = text.search(/[=;]/)
  return (end === -1 ? text : text.slice(0, end)).trim()
}

/**
 * A Set-Cookie value of an app, for the app's own name alone. With `Domain=example.org` an app at
 * `notes.example.org` would set cookies for its siblings and for the host ("cookie tossing", A24), with which another
 * app could be made to act in a session of this one's choosing. An app has one name only, so without Domain its own
 * cookies stay what they are.
 */
export function hostOnlyCookie(value: string): string {
  if (!DOMAIN.test(value)) return value
  return value
    .split(';')
    .filter((part, i) => i === 0 || !DOMAIN_ATTRIBUTE.test(part))
    .join(';')
}
const DOMAIN = /domain/i
const DOMAIN_ATTRIBUTE = /^\s*domain\s*(?:=|$)/i

/**
 * A Set-Cookie value as DESIGN says (C29): HttpOnly, SameSite=Lax, host-only (no Domain), Secure exactly over TLS.
 * @param maxAge seconds
 */
export function setCookie(name: string, value: string, options: { secure: boolean; maxAge: number }): string {
  const secure = options.secure ? '; Secure' : ''
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${options.maxAge}${secure}`
}

export function clearCookie(name: string, options: { secure: boolean }): string {
  return setCookie(name, '', { ...options, maxAge: 0 })
}
