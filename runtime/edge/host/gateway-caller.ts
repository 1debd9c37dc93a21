import type { IncomingMessage } from 'node:http'
import { AppError } from '../../contract/errors.ts'
import type { GatewayCaller, PresentedBearer, Principal } from '../../gateway/types.ts'
import type { Exchange } from '../../traffic/exchange.ts'
import { foreignOrigin } from '../origin.ts'
import { headerValue } from '../raw-headers.ts'
import { acceptBearer } from './bearer.ts'
import { type HostContext, hostCaller } from './context.ts'

/** Who makes a call over HTTP, once the signature of the token was looked at. Throws FORBIDDEN, FOREIGN_ORIGIN. */
export function callerBy(context: HostContext, req: IncomingMessage, bearer: PresentedBearer | null): GatewayCaller {
  const { rawHeaders } = req
  const principal = acceptBearer(context.gateway.bearers, 'gateway', bearer)
  return gatewayCaller(context, principal, rawHeaders, () => {
    const host = headerValue(rawHeaders, 'host') ?? ''
    return foreignOrigin(rawHeaders, `http://${host.toLowerCase()}`)
  })
}

/**
 * Who calls the gateway. A bearer token that is taken there comes first; otherwise the session cookie, which counts
 * only from our own pages and from clients that are no browser (A25): a browser adds it to a foreign page's call, too.
 * Throws FOREIGN_ORIGIN.
 */
export function gatewayCaller(
  context: HostContext,
  principal: Principal | null,
  rawHeaders: readonly string[],
  foreign: () => string | null,
): GatewayCaller {
  if (principal !== null) return callerOf(principal)
  const reason = foreign()
  if (reason !== null) throw new AppError('FOREIGN_ORIGIN', 'This call comes from a page of another site.', { reason })
  const caller = hostCaller(context.identity, rawHeaders)
  if (caller === null || caller === 'ambiguous') return { kind: 'none' }
  return { kind: 'user', user: caller.user, sessionId: caller.session.id }
}

function callerOf(principal: Principal): GatewayCaller {
  switch (principal.type) {
    case 'app':
      return { kind: 'app', appKey: principal.appKey, ownerKey: principal.ownerKey }
    case 'system':
      return { kind: 'system' }
    case 'user':
      return { kind: 'user', user: principal.user, sessionId: principal.tokenId, byToken: true }
    case 'device':
    case 'agent':
      // Not taken at the gateway, which is decided before (BEARERS_TAKEN).
      return { kind: 'none' }
  }
}

/** Whom the gateway's rate limits count: the person, the app, or nobody. */
export function callerKey(caller: GatewayCaller): string | null {
  switch (caller.kind) {
    case 'none':
      return null
    case 'system':
      return 'system'
    case 'user':
      return caller.user.key
    case 'app':
      return caller.appKey
  }
}

/** @param rawHeaders in which an app may say what it makes the call for */
export function recordCaller(
  context: HostContext,
  exchange: Exchange,
  caller: GatewayCaller,
  rawHeaders: readonly string[],
): void {
  if (caller.kind === 'none') return
  if (caller.kind === 'user') {
    const { key: userKey, username } = caller.user
    exchange.caller({ userKey, username, serviceKey: null, serviceId: null })
  } else if (caller.kind === 'system') {
    exchange.caller({ userKey: 'system', username: null, serviceKey: null, serviceId: null })
  } else {
    const username =
      caller.ownerKey === 'system' ? null : (context.identity.users.get(caller.ownerKey)?.username ?? null)
    const serviceId = context.apps.get(caller.appKey)?.id ?? null
    exchange.caller({ userKey: caller.ownerKey, username, serviceKey: caller.appKey, serviceId })
    context.recorder.linkCause(exchange, caller.appKey, rawHeaders)
  }
}
