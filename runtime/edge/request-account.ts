import type { AuthHeaderLine, HeaderAction } from '../contract/models.ts'
import { MASK, maskHeader } from '../core/mask.ts'
import type { RequestAccount, RequestTeller } from '../traffic/header-account.ts'
import { withoutHostCookies } from './cookies.ts'
import { type NameFacts, nameFacts } from './header-names.ts'
import { verdictOf } from './header-verdict.ts'
import { connectionNamed } from './hop-by-hop.ts'
import type { ChosenHeaders } from './identity-headers.ts'

/** Who the app is told the request is from, and what the record calls them. */
export interface AuthHeaders {
  user: string
  userLabel: string | null
  service: string
  serviceLabel: string | null
}

/** What is the same for all requests of a person to an app: one object for them, which the record holds on to. */
export interface CallerHeaders {
  auth: AuthHeaders
  /** Headers of the app's choosing; null when it has none (C23). */
  chosen: ChosenHeaders | null
}

/** What is one request's own among what its headers are changed by. */
export interface OwnFacts {
  /** Of the client's socket. */
  address: string
  /** The Host header, checked by the router. */
  host: string
  scheme: 'http' | 'https'
  websocket: boolean
  /** What the app may call the request when it makes calls for it; null for nothing. */
  requestId?: string | null
  /** False: the request has no body, and no header may say that it has. */
  body: boolean
}

/** Changes to what an app that lives elsewhere is sent, line by line (C23). */
export type LineRewrite = (lines: AuthHeaderLine[]) => AuthHeaderLine[]

/** Keeps the lines about who calls readable; more than this many are counted, not shown. */
const MOST_LINES = 40
const LONGEST_VALUE = 256

/**
 * What is one request's own among what the headers were changed by, as text: beside the headers themselves and who
 * called, this is all that it takes to tell of them. None of it can hold a line end: it has been in headers.
 * @param hostBearers places of the Authorization headers that held a token of the host's
 */
export function ownFacts(facts: OwnFacts, hostBearers: readonly number[] | null): string {
  const flags = (facts.websocket ? 'w' : '') + (facts.body ? 'b' : '')
  const { scheme, address, host, requestId = null } = facts
  return `${flags}\n${scheme}\n${address}\n${host}\n${requestId ?? ''}\n${hostBearers === null ? '' : hostBearers.join()}`
}

/** What `ownFacts` noted. */
function readOwn(own: string) {
  const [flags = '', scheme = '', address = '', host = '', requestId = '', bearers = ''] = own.split('\n')
  return {
    websocket: flags.includes('w'),
    body: flags.includes('b'),
    scheme,
    address,
    host,
    requestId: requestId === '' ? null : requestId,
    hostBearers: bearers === '' ? [] : bearers.split(',').map(Number),
  }
}

const REWRITE_BYTES = 300

/** Tells what became of the headers of a person's requests to an app. */
export class HeaderTeller implements RequestTeller {
  readonly heldBytes: number
  readonly #caller: CallerHeaders
  readonly #rewrite: LineRewrite | null

  /** @param rewrite what was done to them after `forward` */
  constructor(caller: CallerHeaders, rewrite: LineRewrite | null) {
    this.#caller = caller
    this.#rewrite = rewrite
    // With a rewriting of its own it is made for one request.
    this.heldBytes = rewrite === null ? 0 : REWRITE_BYTES
  }

  lines(raw: readonly string[], own: string): AuthHeaderLine[] {
    const { told, injected } = this.#tell(raw, own)
    const lines = [...told.map(({ line }) => line), ...injected]
    return this.#rewrite === null ? lines : this.#rewrite(lines)
  }

  auth(raw: readonly string[], own: string): AuthHeaderLine[] {
    const { told, own: hosts } = this.#tell(raw, own)
    const about = told.filter(({ identity, line }) => identity && !hosts.includes(line)).map(({ line }) => line)
    const shown = about.slice(0, MOST_LINES)
    const lines = [...hosts, ...shown].map(shortened)
    if (about.length > shown.length) {
      lines.push(made('…', `${about.length - shown.length} more`, null, 'stripped', 'More headers of these kinds.'))
    }
    return lines
  }

  /** Every line in the order in which it came; `own`: those that say who calls; `injected`: what nobody sent. */
  #tell(raw: readonly string[], noted: string): { told: Told[]; own: AuthHeaderLine[]; injected: AuthHeaderLine[] } {
    const { auth, chosen } = this.#caller
    const { websocket, body, scheme, address, host, requestId, hostBearers } = readOwn(noted)
    const named = connectionNamed(raw)
    /** By lower-case name: the lines of the host's that answer what the caller said about itself. */
    const hosts = new Map<string, AuthHeaderLine>()
    const told: Told[] = []
    const stated = (name: string, value: string, label: string | null, what: string) =>
      hosts.set(name.toLowerCase(), made(name, null, value, 'injected', `${what} Set by the host.`, label))
    stated('Atek-Auth-User', auth.user, auth.userLabel, 'The signed-in user.')
    stated('Atek-Auth-Service', auth.service, auth.serviceLabel, 'The service that the call comes from.')
    for (const { name, value, what } of chosen?.list ?? []) stated(name, value, null, what)

    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i] ?? ''
      const value = raw[i + 1] ?? ''
      const facts = nameFacts(name)
      const host = hosts.get(facts.lower)
      const identity = (line: AuthHeaderLine) => told.push({ line, identity: true })
      const other = (line: AuthHeaderLine) => told.push({ line, identity: false })
      switch (verdictOf(facts, chosen, named)) {
        case 'atek':
        case 'chosen':
          if (host?.action === 'injected') {
            host.sent = value
            host.action = 'replaced'
            const what = host.reason.replace(/ Set by the host\.$/, '')
            host.reason = `${what} The host replaced what the caller sent: only the host says so.`
            identity(host)
          } else identity(made(name, value, null, 'stripped', onlyTheHost(facts)))
          break
        case 'spelling':
          identity(
            // `Content_Length`: an app that maps _ to - would take it for the header that is meant (A02).
            made(
              name,
              value,
              null,
              'stripped',
              `Another spelling of ${facts.canonical}, which a server could read as that header.`,
            ),
          )
          break
        case 'forwarding':
          identity(
            made(
              name,
              value,
              null,
              'stripped',
              'What the client says about where it comes from, or what it asked for, is replaced by what the host sees.',
            ),
          )
          break
        case 'hop':
          other(made(name, value, null, 'stripped', 'It concerns the connection between client and host only.'))
          break
        case 'named':
          other(
            made(name, value, null, 'stripped', 'The client’s Connection header says that it is for the host only.'),
          )
          break
        case 'cookie':
          for (const line of cookieLines(name, value)) told.push(line)
          break
        case 'authorization':
          if (hostBearers.includes(i)) {
            // The host's own are never told whole, not even on asking (C51).
            const reason =
              'It holds a token for the host, which an app could use in the caller’s name, or too much to look through.'
            identity(made(name, maskHeader(name, value), null, 'stripped', reason))
          } else identity(made(name, value, value, 'kept', 'Not the host’s: it is for the app.'))
          break
        case 'length':
          if (body) other(kept(name, value))
          else other(made(name, value, null, 'stripped', 'The request has no body.'))
          break
        default:
          other(kept(name, value))
      }
    }

    const seen = 'Where the request comes from, as the host sees it.'
    const injected = [
      ['X-Forwarded-For', address],
      ['X-Real-IP', address],
      ['X-Forwarded-Host', host],
      ['X-Forwarded-Proto', scheme],
    ].map(([name = '', value = '']) => made(name, null, value, 'injected', seen))
    const own = [...hosts.values()]
    injected.push(...own.filter((line) => line.action === 'injected'))
    if (requestId !== null) {
      const reason = 'What the app may call this request when it calls the gateway for it.'
      injected.push(made('Atek-Request-Id', null, requestId, 'injected', reason))
    }
    if (websocket) {
      const reason = 'The host asks the app for the WebSocket itself.'
      injected.push(made('Connection', null, 'Upgrade', 'injected', reason))
      injected.push(made('Upgrade', null, 'websocket', 'injected', reason))
    }
    return { told, own, injected }
  }
}

interface Told {
  line: AuthHeaderLine
  /** It says, or pretends to say, who calls. */
  identity: boolean
}

/**
 * For the record of a request that was not passed on: what its caller said about who it is. Nothing of it was received
 * by an app.
 */
class UnforwardedHeaders implements RequestAccount, RequestTeller {
  readonly size = 0
  readonly heldBytes = 0
  readonly own = ''

  get teller(): RequestTeller {
    return this
  }

  lines(): AuthHeaderLine[] {
    return []
  }

  auth(raw: readonly string[]): AuthHeaderLine[] {
    const lines: AuthHeaderLine[] = []
    for (let i = 0; i + 1 < raw.length && lines.length < MOST_LINES; i += 2) {
      const name = raw[i] ?? ''
      const { request } = nameFacts(name)
      if (request !== 'atek' && request !== 'authorization') continue
      const sent = maskHeader(name, raw[i + 1] ?? '')
      const reason = 'The request was not passed on, so no app received this.'
      lines.push(shortened(made(name, sent, null, 'stripped', reason)))
    }
    return lines
  }
}
export const UNFORWARDED = new UnforwardedHeaders()

function onlyTheHost({ canonical, request }: NameFacts): string {
  return request === 'atek'
    ? 'Only the host sets headers that read as Atek-…'
    : `Reads as ${canonical}, which only the host sets for this app.`
}

/** One line for what went on, and one for what did not: it is the cookies that are kept or stripped. */
function cookieLines(name: string, value: string): Told[] {
  const { kept: rest, stripped } = withoutHostCookies(value)
  const told: Told[] = []
  if (rest !== null) told.push({ line: kept(name, rest), identity: false })
  if (stripped.length > 0) {
    const sent = stripped.map((cookie) => `${cookie}=${MASK}`).join('; ')
    told.push({
      line: made(name, sent, null, 'stripped', 'The host’s own cookies never reach an app.'),
      identity: true,
    })
  }
  return told
}

function kept(name: string, value: string): AuthHeaderLine {
  return made(name, value, value, 'kept', 'It is for the app.')
}

function made(
  name: string,
  sent: string | null,
  received: string | null,
  action: HeaderAction,
  reason: string,
  label: string | null = null,
): AuthHeaderLine {
  return { name, sent, received, action, reason, label }
}

function shortened(line: AuthHeaderLine): AuthHeaderLine {
  const received = line.received === null ? null : cut(line.received)
  return {
    ...line,
    name: line.name.slice(0, LONGEST_VALUE),
    sent: line.sent === null ? null : cut(line.sent),
    received,
  }
}

function cut(value: string): string {
  return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value
}
