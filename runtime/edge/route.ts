import { type Addresses, HOST_LABEL } from './addresses.ts'

/** Where a request goes. `host` is the Host header in lower case, `path` the target in origin form. */
export type Route =
  | { to: 'host' | 'bare'; host: string; path: string }
  | { to: 'app'; label: string; host: string; path: string }
  /** Answered 421 (400 for a target that names no path); the reason is for the record. */
  | { to: 'nowhere'; code: 'MISDIRECTED' | 'BAD_REQUEST'; reason: string }

const LABEL = /^[a-z0-9-]{1,63}$/

/**
 * Host header and target -> destination. Everything that is not exactly one of our names is refused before anything
 * else is looked at: that is what stops DNS rebinding (A20), where a foreign name is made to lead to this machine.
 *
 * @param rawHeaders name, value, name, value … as node:http gives them
 */
export function route(rawHeaders: readonly string[], target: string, addresses: Addresses): Route {
  const host = hostHeader(rawHeaders)
  if (host === null) return misdirected('The request has no Host header, or more than one.')
  const path = originForm(target, host)
  if (path === null) {
    return target === '*'
      ? { to: 'nowhere', code: 'BAD_REQUEST', reason: 'The target "*" names no path.' }
      : misdirected('The target is an address of another host, or none.')
  }

  const colon = host.indexOf(':')
  if (colon !== -1 && host.slice(colon + 1) !== String(addresses.port)) {
    return misdirected('The Host header names another port, or an address.')
  }
  const name = colon === -1 ? host : host.slice(0, colon)
  const { domain } = addresses
  if (name === domain) return { to: 'bare', host, path }
  // `a.b.localhost`, `localhost.`, `127.0.0.1`, `evil.test` all end here (A12, A20).
  if (!name.endsWith(`.${domain}`)) return misdirected('The Host header is none of our names.')
  const label = name.slice(0, -domain.length - 1)
  if (!LABEL.test(label)) return misdirected('The Host header is none of our names.')
  return label === HOST_LABEL ? { to: 'host', host, path } : { to: 'app', label, host, path }
}

function misdirected(reason: string): Route {
  return { to: 'nowhere', code: 'MISDIRECTED', reason }
}

/** The one Host header in lower case; null when there is none, or two (RFC 9112, 3.2). */
function hostHeader(rawHeaders: readonly string[]): string | null {
  let found: string | null = null
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue
    if (found !== null) return null
    found = rawHeaders[i + 1] ?? ''
  }
  return found === null || found === '' ? null : found.toLowerCase()
}

/**
 * The target as path and query. A server has to take the absolute form, too (RFC 9112, 3.2.2); it is taken when it
 * names the same host as the Host header, so that nobody behind us can be told another one than we looked at (A12).
 */
function originForm(target: string, host: string): string | null {
  if (target.startsWith('/')) return target
  const scheme = 'http://'
  if (target.slice(0, scheme.length).toLowerCase() !== scheme) return null
  const rest = target.slice(scheme.length)
  const end = rest.search(/[/?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  if (authority.toLowerCase() !== host) return null
  const path = end === -1 ? '' : rest.slice(end)
  return path.startsWith('/') ? path : `/${path}`
}
