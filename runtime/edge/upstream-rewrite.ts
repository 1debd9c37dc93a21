import { hasOddSegments, type Upstream } from '../apps/upstream/upstream-url.ts'
import type { AuthHeaderLine } from '../contract/models.ts'

/** How a request to an app that lives elsewhere differs from one to an app here (C23). */
export interface UpstreamRewrite {
  upstream: Upstream
  /** The app's address as the caller knows it, `http://wiki.localhost:8420`. */
  address: string
  /** This host's name in Via. */
  via: string
}

/**
 * The target below the app's own path there.
 * @returns null when it would lead out of that path (C45)
 */
export function upstreamPath({ base }: Upstream, path: string): string | null {
  if (base === '') return path
  const question = path.indexOf('?')
  return hasOddSegments(question === -1 ? path : path.slice(0, question)) ? null : base + path
}

/**
 * The headers of a request as the app there gets them: under its own name, so that it finds the site that is meant, and
 * with Via, by which a request that comes round is known (RFC 9110, 7.6.3).
 */
export function toUpstream(headers: readonly string[], { upstream, address, via }: UpstreamRewrite): string[] {
  const sent: string[] = ['Host', upstream.authority]
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const value = headers[i + 1] ?? ''
    const lower = name.toLowerCase()
    if (lower === 'host') continue
    // Its own pages' requests must look to it as such: many apps compare Origin with Host.
    if (lower === 'origin' && value.toLowerCase() === address) sent.push(name, upstream.origin)
    else sent.push(name, value)
  }
  sent.push('Via', `1.1 ${via}`)
  return sent
}

/** What `toUpstream` does, line by line, for the record. */
export function upstreamLines(lines: AuthHeaderLine[], { upstream, address, via }: UpstreamRewrite): AuthHeaderLine[] {
  const told = lines.map((line): AuthHeaderLine => {
    const lower = line.name.toLowerCase()
    if (line.received === null) return line
    if (lower === 'host') {
      const reason = 'The app there is asked under its own name.'
      return { ...line, received: upstream.authority, action: 'replaced', reason }
    }
    if (lower !== 'origin' || line.received.toLowerCase() !== address) return line
    const reason = 'A request of its own page has to look to it as such.'
    return { ...line, received: upstream.origin, action: 'replaced', reason }
  })
  const reason = 'A request that comes round is known by it.'
  told.push({ name: 'Via', sent: null, received: `1.1 ${via}`, action: 'injected', reason, label: null })
  return told
}

/** The headers of its answer as the caller gets them: addresses and cookie paths of its own become those of the app here. */
export function fromUpstream(headers: readonly string[], { upstream, address }: UpstreamRewrite): string[] {
  return headers.map((value, i) => {
    if (i % 2 === 0) return value
    switch ((headers[i - 1] ?? '').toLowerCase()) {
      case 'location':
      case 'content-location':
        return ownAddress(value, upstream, address)
      case 'set-cookie':
        return upstream.base === '' ? value : withoutBase(value, upstream.base)
      default:
        return value
    }
  })
}

/** An address of the app's own there, as its address here. Any other one is left as it is. */
function ownAddress(location: string, { origin, authority, base }: Upstream, address: string): string {
  const absolute = /^([a-z][a-z0-9+.-]*:)?\/\//i.test(location)
  if (!absolute) {
    return location.startsWith('/') && isBelow(location, base) ? location.slice(base.length) || '/' : location
  }
  // `//host/path` has the scheme of the request, which there is that of its address.
  const text = location.startsWith('//') ? `${origin.split('//')[0]}${location}` : location
  if (!URL.canParse(text)) return location
  const url = new URL(text)
  // Behind TLS of their own many apps believe that they are asked over http: the same name with the other scheme.
  if (url.origin !== origin && url.host !== authority) return location
  const path = `${url.pathname}${url.search}${url.hash}`
  return isBelow(path, base) ? `${address}${path.slice(base.length) || '/'}` : location
}

function isBelow(path: string, base: string): boolean {
  return base === '' || (path.startsWith(base) && /^(?:[/?#]|$)/.test(path.slice(base.length)))
}

const PATH_ATTRIBUTE = /^(\s*path\s*=\s*)(\S*)\s*$/i

function withoutBase(cookie: string, base: string): string {
  return cookie
    .split(';')
    .map((part, i) => {
      const match = i === 0 ? null : PATH_ATTRIBUTE.exec(part)
      const path = match?.[2]
      if (match === null || path === undefined || !isBelow(path, base)) return part
      return `${match[1]}${path.slice(base.length) || '/'}`
    })
    .join(';')
}

/** Whether a request has been through this host before (C23). */
export function cameRound(rawHeaders: readonly string[], via: string): boolean {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length === 3 && name.toLowerCase() === 'via' && (rawHeaders[i + 1] ?? '').includes(via)) return true
  }
  return false
}
