import type { AuthHeaderLine } from '../contract/models.ts'
import { MASK } from '../core/mask.ts'
import type { RequestAccount, RequestTeller } from '../traffic/header-account.ts'
import type { GatewayCaller } from './types.ts'

export interface ProviderAuth {
  user: string
  userLabel: string | null
  service: string
  serviceLabel: string | null
}

/**
 * The auth headers of calls as the record shows them, told when somebody looks: making the lines takes longer than
 * reading a call. One for all calls of the same caller to the same provider.
 */
export class CallAccount implements RequestAccount, RequestTeller {
  readonly own = ''
  /** It is held once, and not by each record. */
  readonly size = 0
  readonly heldBytes = 0
  readonly provider: ProviderAuth
  readonly #caller: GatewayCaller

  constructor(caller: GatewayCaller, provider: ProviderAuth) {
    this.#caller = caller
    this.provider = provider
  }

  get teller(): RequestTeller {
    return this
  }

  lines(raw: readonly string[]): AuthHeaderLine[] {
    return authHeaderLines(this.#caller, raw, this.provider)
  }

  auth(raw: readonly string[]): AuthHeaderLine[] {
    return this.lines(raw)
  }
}

const MOST_ACCOUNTS = 500

export class CallAccounts {
  readonly #known = new Map<string, CallAccount>()

  of(caller: GatewayCaller, auth: ProviderAuth): CallAccount {
    const how = caller.kind === 'user' && caller.byToken ? 'token' : caller.kind
    const key = `${how} ${auth.user} ${auth.service}`
    const known = this.#known.get(key)
    // People are renamed, and apps get other titles.
    if (known?.provider.userLabel === auth.userLabel && known.provider.serviceLabel === auth.serviceLabel) return known
    if (this.#known.size >= MOST_ACCOUNTS) this.#known.clear()
    const account = new CallAccount(caller, auth)
    this.#known.set(key, account)
    return account
  }
}

/**
 * The auth headers of a call as the record shows them: what the caller sent, what the provider gets. The provider's
 * request is made from nothing, so no header of the caller's reaches it, whatever its spelling (A01, A02).
 * @param sent as node:http gives them: name, value, name, value …
 */
export function authHeaderLines(caller: GatewayCaller, sent: readonly string[], auth: ProviderAuth): AuthHeaderLine[] {
  const lines = [
    injected('Atek-Auth-User', sent, auth.user, auth.userLabel, userReason(caller)),
    injected('Atek-Auth-Service', sent, auth.service, auth.serviceLabel, serviceReason(caller)),
  ]
  if (caller.kind === 'app' || caller.kind === 'system' || (caller.kind === 'user' && caller.byToken)) {
    lines.push(stripped('Authorization', `Bearer ${MASK}`, 'Read by the host to know the caller; never passed on.'))
  } else if (caller.kind === 'user') {
    lines.push(stripped('Cookie', MASK, "Read by the host to know the caller; the host's cookies are never passed on."))
  }
  for (let i = 0; i + 1 < sent.length; i += 2) {
    const name = sent[i] ?? ''
    const same = name.toLowerCase().replace(/[^a-z0-9-]/g, '-')
    if (!same.startsWith('atek-') || /^atek-auth-(user|service)$/i.test(name)) continue
    const reason = same === 'atek-request-id' && caller.kind === 'app' ? CAUSE : 'Only the host sets such headers.'
    lines.push(stripped(name.slice(0, 256), (sent[i + 1] ?? '').slice(0, 256), reason))
    if (lines.length >= MOST_LINES) break
  }
  return lines
}

const CAUSE = 'Names the request that the call is made for. Read by the host; the provider gets a name of its own.'

/** Keeps one call from filling its record. */
const MOST_LINES = 40

function injected(
  name: string,
  sent: readonly string[],
  received: string,
  label: string | null,
  what: string,
): AuthHeaderLine {
  const at = sent.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name.toLowerCase())
  if (at < 0) return { name, sent: null, received, action: 'injected', reason: `${what} Set by the host.`, label }
  const reason = `${what} The host replaced what the caller sent: only the host says so.`
  return { name, sent: (sent[at + 1] ?? '').slice(0, 256), received, action: 'replaced', reason, label }
}

function stripped(name: string, sent: string, reason: string): AuthHeaderLine {
  return { name, sent, received: null, action: 'stripped', reason, label: null }
}

function userReason(caller: GatewayCaller): string {
  if (caller.kind === 'user') return 'The signed-in user.'
  return caller.kind === 'app' ? 'The owner of the calling app.' : 'The host itself.'
}

function serviceReason(caller: GatewayCaller): string {
  if (caller.kind === 'user') return "A person calls directly, so it is the provider's own key."
  return caller.kind === 'app' ? 'The calling app.' : 'The host itself.'
}
