/** Longer targets are dropped for `/`; LIMITS.headerBytes bounds what can come in anyway. */
const LONGEST = 16 * 1024

/**
 * A target for a redirect within one origin, or null when it could lead elsewhere (A27). What passes is a path with
 * query in printable ASCII that begins with exactly one slash:
 * - `//evil` and `/\evil` name another host (browsers read `\` as `/`);
 * - tabs and line ends are dropped by browsers before they read an address, so that `/<tab>/evil` becomes `//evil`,
 *   and a line end in a header would begin the next header;
 * - a backslash or anything else that is not printable ASCII has to come percent-encoded, which browsers keep as it is.
 */
export function safePath(text: string | null | undefined): string | null {
  if (text === null || text === undefined || text.length > LONGEST) return null
  if (!SAFE.test(text)) return null
  // Not to be reached by anything that the pattern lets through; it asks the very parser that browsers have.
  const parsed = URL.canParse(text, BASE) ? new URL(text, BASE) : null
  if (parsed === null || parsed.origin !== BASE) return null
  return text
}
const BASE = 'http://base.invalid'
const SAFE = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/

/** `safePath`, or `/`. */
export function safePathOrRoot(text: string | null | undefined): string {
  return safePath(text) ?? '/'
}

/**
 * A request's own target as text that may stand in a header: bytes above ASCII come from node:http as latin1 and are
 * percent-encoded byte by byte; `\` as well, since browsers would read it as `/`.
 */
export function headerSafePath(target: string): string {
  return target.replace(/[^\x21-\x5b\x5d-\x7e]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

export const BIND_PARAMETER = 'bst'
const TOKEN_PAIR = /^bst=([A-Za-z0-9_-]{43})$/

/**
 * Takes a bind token out of a target. Everything else of the query stays byte for byte; a `bst` that has not the form
 * of a token is the app's own.
 * @returns `token` null when there is none; the last one when there are several
 */
export function takeBindToken(target: string): { token: string | null; path: string } {
  const question = target.indexOf('?')
  if (question === -1 || !target.includes('bst=', question)) return { token: null, path: target }
  let token: string | null = null
  const kept = target
    .slice(question + 1)
    .split('&')
    .filter((pair) => {
      const match = TOKEN_PAIR.exec(pair)
      if (match === null) return true
      token = match[1] ?? null
      return false
    })
  if (token === null) return { token: null, path: target }
  const path = target.slice(0, question)
  return { token, path: kept.length === 0 ? path : `${path}?${kept.join('&')}` }
}

/** Adds a bind token to a path. */
export function withBindToken(path: string, token: string): string {
  const hash = path.indexOf('#')
  const base = hash === -1 ? path : path.slice(0, hash)
  return `${base}${base.includes('?') ? '&' : '?'}${BIND_PARAMETER}=${token}`
}
