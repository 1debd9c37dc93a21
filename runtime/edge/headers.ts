import type { AuthHeaderLine } from '../contract/models.ts'
import { MASK, maskHeader } from '../core/mask.ts'
import { hostOnlyCookie, isHostCookie, setCookieName, withoutHostCookies } from './cookies.ts'
import { connectionNamed, isHopByHop } from './hop-by-hop.ts'
import type { ChosenHeaders } from './identity-headers.ts'

/** Who the app is told the request is from, and what the record calls them. */
export interface AuthHeaders {
  user: string
  userLabel: string | null
  service: string
  serviceLabel: string | null
}

export interface RequestHeadersInput {
  /** As node:http gives them: name, value, name, value … */
  raw: readonly string[]
  auth: AuthHeaders
  /** Headers of the app's choosing; null when it has none (C23). */
  chosen: ChosenHeaders | null
  /** Of the client's socket. */
  address: string
  /** The Host header, checked by the router. */
  host: string
  scheme: 'http' | 'https'
  /** Whether the host itself would accept this bearer token. */
  isHostBearer(token: string): boolean
  websocket: boolean
  /** False: the request has no body, and no header may say that it has. */
  body: boolean
}

/** Keeps one request from filling its record; more than this many lines are counted, not kept. */
const MOST_LINES = 40
const LONGEST_VALUE = 256

/**
 * The headers that an app gets: those of the client without what is the host's to say, then the host's own. The
 * names are compared on raw headers in every spelling that a server could read as the same name (C20, A01, A02).
 */
export function appRequestHeaders(input: RequestHeadersInput): { headers: string[]; lines: AuthHeaderLine[] } {
  const { raw, auth, chosen } = input
  const named = connectionNamed(raw)
  const headers: string[] = []
  const stripped: AuthHeaderLine[] = []
  let sentUser: string | null = null
  let sentService: string | null = null
  const sentChosen = chosen === null ? null : new Map<string, string>()
  let dropped = 0
  const strip = (name: string, value: string, reason: string) => {
    if (stripped.length < MOST_LINES) stripped.push(line(name, value, null, 'stripped', reason))
    else dropped++
  }

  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const value = raw[i + 1] ?? ''
    const lower = name.toLowerCase()
    const canonical = ODD.test(lower) ? lower.replace(ODD_ALL, '-') : lower

    if (canonical.startsWith('atek-')) {
      if (lower === 'atek-auth-user' && sentUser === null) sentUser = value
      else if (lower === 'atek-auth-service' && sentService === null) sentService = value
      else strip(name, value, 'Only the host sets headers that read as Atek-…')
      continue
    }
    if (chosen?.names.has(canonical)) {
      // An app believes these as it believes Atek-Auth-User, so no spelling of them may come from the caller (C23).
      if (canonical === lower && sentChosen?.has(lower) === false) sentChosen.set(lower, value)
      else strip(name, value, `Reads as ${canonical}, which only the host sets for this app.`)
      continue
    }
    if (canonical !== lower && HOST_READS.has(canonical)) {
      // `X_Real_IP`, `Content_Length`: an app that maps _ to - would take it for the header that the host sets (A02).
      strip(name, value, `Another spelling of ${canonical}, which a server could read as that header.`)
      continue
    }
    if (canonical.startsWith('x-forwarded-') || FORWARDING.has(canonical)) {
      strip(name, value, 'What the client says about where it comes from is replaced by what the host sees.')
      continue
    }
    // Named by Connection: the client's own only. What the host sets comes after and cannot be named away (A04).
    if (isHopByHop(lower) || named?.has(lower)) continue
    if (lower === 'cookie') {
      const cookies = withoutHostCookies(value)
      if (cookies.kept !== null) headers.push(name, cookies.kept)
      if (cookies.stripped.length > 0) {
        const sent = cookies.stripped.map((cookie) => `${cookie}=${MASK}`).join('; ')
        strip(name, sent, 'The host’s own cookies never reach an app.')
      }
      continue
    }
    if (lower === 'authorization') {
      if (holdsHostBearer(value, input.isHostBearer)) {
        strip(name, value, 'This token is for the host; an app could use it in the caller’s name.')
        continue
      }
      stripped.push(line(name, value, maskHeader(name, value), 'kept', 'Not the host’s: it is for the app.'))
    } else if (lower === 'content-length' && !input.body) {
      continue
    }
    headers.push(name, value)
  }

  headers.push('X-Forwarded-For', input.address, 'X-Real-IP', input.address)
  headers.push('X-Forwarded-Host', input.host, 'X-Forwarded-Proto', input.scheme)
  headers.push('Atek-Auth-User', auth.user, 'Atek-Auth-Service', auth.service)
  if (chosen !== null) for (const { name, value } of chosen.list) headers.push(name, value)
  if (input.websocket) headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket')

  const lines = [
    authLine('Atek-Auth-User', sentUser, auth.user, auth.userLabel, 'The signed-in user.'),
    authLine(
      'Atek-Auth-Service',
      sentService,
      auth.service,
      auth.serviceLabel,
      'The service that the call comes from.',
    ),
  ]
  if (chosen !== null) {
    for (const { name, value, what } of chosen.list) {
      lines.push(authLine(name, sentChosen?.get(name.toLowerCase()) ?? null, value, null, what))
    }
  }
  lines.push(...stripped)
  if (dropped > 0) lines.push(line('…', `${dropped} more`, null, 'stripped', 'More headers of these kinds.'))
  return { headers, lines }
}

/**
 * For the record of a request that was not passed on: what its caller said about who it is. Nothing of it was received
 * by an app.
 */
export function unforwardedAuthLines(raw: readonly string[]): AuthHeaderLine[] {
  const lines: AuthHeaderLine[] = []
  for (let i = 0; i + 1 < raw.length && lines.length < MOST_LINES; i += 2) {
    const name = raw[i] ?? ''
    const canonical = name.toLowerCase().replace(ODD_ALL, '-')
    if (!canonical.startsWith('atek-') && canonical !== 'authorization') continue
    lines.push(
      line(name, raw[i + 1] ?? '', null, 'stripped', 'The request was not passed on, so no app received this.'),
    )
  }
  return lines
}

/**
 * The headers of an app's answer as the client gets them: without those of the one hop, without Set-Cookie lines that
 * would overwrite the host's cookies on the app's name or set cookies on other names, and without Alt-Svc.
 */
export function clientAnswerHeaders(raw: readonly string[], options: { websocket: boolean }): string[] {
  const named = connectionNamed(raw)
  const headers: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const value = raw[i + 1] ?? ''
    const lower = name.toLowerCase()
    if (isHopByHop(lower) || named?.has(lower)) continue
    if (lower === 'set-cookie') {
      if (!isHostCookie(setCookieName(value))) headers.push(name, hostOnlyCookie(value))
      continue
    }
    // Where else this name is served is the host's to say: the app's words would lead browsers past it (C21).
    if (lower === 'alt-svc') continue
    headers.push(name, value)
  }
  if (options.websocket) headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
  return headers
}

/** Anything that is no letter, digit or hyphen: CGI, WSGI, PHP and others read `_` and `.` as `-`. */
const ODD = /[^a-z0-9-]/
const ODD_ALL = /[^a-z0-9-]/g

/** Names that the host sets or reads on the way; a second spelling of one is never passed on. */
const HOST_READS = new Set([
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'host',
  'transfer-encoding',
  'upgrade',
])

/** Said by proxies about the client; ours are the only ones that an app may believe (A05). */
const FORWARDING = new Set([
  'forwarded',
  'forwarded-for',
  'x-forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-original-host',
  'true-client-ip',
  // Becomes HTTP_PROXY where headers become variables (CVE-2016-5385).
  'proxy',
])

const BETWEEN_TOKENS = /[\s,;="']+/

/** Looked for in every part of the value, whatever the scheme: an app must not see it. */
function holdsHostBearer(value: string, isHostBearer: (token: string) => boolean): boolean {
  return value.split(BETWEEN_TOKENS).some((part) => part !== '' && isHostBearer(part))
}

function authLine(
  name: string,
  sent: string | null,
  received: string,
  label: string | null,
  what: string,
): AuthHeaderLine {
  const reason =
    sent === null
      ? `${what} Set by the host.`
      : `${what} The host replaced what the caller sent: only the host says so.`
  return { name, sent: cut(sent), received, action: sent === null ? 'injected' : 'replaced', reason, label }
}

function line(
  name: string,
  sent: string,
  received: string | null,
  action: AuthHeaderLine['action'],
  reason: string,
): AuthHeaderLine {
  const masked = maskHeader(name, sent)
  return { name: name.slice(0, LONGEST_VALUE), sent: cut(masked), received: cut(received), action, reason, label: null }
}

function cut<T extends string | null>(value: T): T | string {
  return value !== null && value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value
}
