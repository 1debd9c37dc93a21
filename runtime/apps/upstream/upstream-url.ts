import { isIPv4 } from 'node:net'
import { AppError } from '../../contract/errors.ts'

/** Before the address, where an app's source is written: `upstream:http://127.0.0.1:3000/base`. */
const SCHEME = 'upstream:'

/** The address of an app that lives elsewhere (C23). */
export interface Upstream {
  /** As it is kept and shown, without the scheme `upstream:` and without a slash at its end. */
  href: string
  /** `http://127.0.0.1:3000` */
  origin: string
  /** For the Host header. */
  authority: string
  /** The path below which the app is, without a slash at its end; empty for the root. */
  base: string
}

/** Throws SOURCE_INVALID in a sentence that says what a right address looks like. */
export function parseUpstream(text: string): Upstream {
  const address = text.trim().replace(/^upstream:/i, '')
  const url = /^https?:\/\//i.test(address) && URL.canParse(address) ? new URL(address) : null
  if (url === null || url.hostname === '') {
    throw invalid('Write the whole address of the app, beginning with http:// or https://.')
  }
  if (url.username !== '' || url.password !== '') {
    // They would lie readable in the database and on screen (C51).
    throw invalid('Leave the user name and password out of the address; Atek cannot sign in there.')
  }
  if (url.search !== '' || url.hash !== '') throw invalid('Leave out what stands behind ? or # in the address.')
  const base = url.pathname.replace(/\/+$/, '')
  if (hasOddSegments(base)) throw invalid('The path in the address has parts that a server may read in two ways.')
  return { href: `${url.origin}${base}`, origin: url.origin, authority: url.host, base }
}

export function upstreamSource(href: string): string {
  return `${SCHEME}${href}`
}

/**
 * Whether an address leads back to this host: a request to it would come in again, and so on (C23). A name that only
 * its name server knows to be this computer is found when a request comes round; see edge/via.ts.
 */
export function leadsToHost(href: string, host: { domain: string; port: number }): boolean {
  const url = new URL(href)
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  if (port !== host.port) return false
  // A dot at the end says the same name (RFC 1034, 3.1).
  const name = url.hostname.toLowerCase().replace(/\.$/, '')
  const { domain } = host
  if (name === domain || name.endsWith(`.${domain}`) || name === 'localhost' || name.endsWith('.localhost')) return true
  if (isIPv4(name)) return name.startsWith('127.') || name === '0.0.0.0'
  return ['[::1]', '[::]'].includes(name) || /^\[::ffff:(7f|0:0\])/.test(name)
}

/** `..`, plain or encoded, and what some servers take for a slash: with these a path could leave the base (C45). */
export function hasOddSegments(path: string): boolean {
  return /(?:^|\/|\\|%2f|%5c)(?:\.|%2e){1,2}(?:\/|\\|%2f|%5c|$)|%2f|%5c|\\/i.test(path)
}

function invalid(message: string): AppError {
  return new AppError('SOURCE_INVALID', message)
}
