import type { ErrorCode } from '../../contract/errors.ts'
import { AppError } from '../../contract/errors.ts'
import type { User } from '../../contract/models.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import { APP_COOKIE, cookieValues } from '../cookies.ts'
import { foreignChange } from '../origin.ts'
import { acceptBearer, presentedBearer } from './bearer.ts'
import { exactReason, type HostContext, hostCaller } from './context.ts'

/** A request that another proxy asks about, as it describes it (C24). */
export interface AskedRequest {
  /** null where the proxy does not say. */
  method: string | null
  /** `https://wiki.example.org`, as the proxy says; null where it does not. Believed only when it is in a list. */
  origin: string | null
  /** Path and query as the caller sent them; null where the proxy does not say. */
  uri: string | null
}

/** Why somebody is not let in: in general words for the caller, in exact ones for the record. */
export interface NotAllowed {
  code: ErrorCode
  status: 401 | 403
  message: string
  reason: string
}

export function askedRequest(rawHeaders: readonly string[]): AskedRequest {
  const one = (name: string) => {
    const at = rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name)
    return at === -1 ? null : (rawHeaders[at + 1] ?? null)
  }
  const host = one('x-forwarded-host')?.toLowerCase() ?? null
  const proto = one('x-forwarded-proto')?.toLowerCase() ?? null
  // The default port is left out, as browsers do in an origin.
  const address = host === null || proto === null ? '' : `${proto}://${host}`
  const origin = URL.canParse(address) ? new URL(address).origin : null
  return { method: one('x-forwarded-method')?.toUpperCase() ?? null, origin, uri: one('x-forwarded-uri') }
}

/**
 * Who is behind the credentials that came with the request: a person's API token (C06), else a cookie. On the name of
 * an app that is the app's own; cookies do not know ports, so another proxy on that name is sent it, too.
 */
export async function forwardAuthCaller(
  context: HostContext,
  rawHeaders: readonly string[],
  app: AppRecord | null,
  asked: AskedRequest,
): Promise<User | NotAllowed> {
  const { bearers } = context.gateway
  try {
    const principal = acceptBearer(bearers, 'validate', await presentedBearer(bearers, rawHeaders))
    if (principal?.type === 'user') return principal.user
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { code: 'FORBIDDEN', status: 403, message: error.message, reason: exactReason(error) }
  }
  const user = byCookie(context, rawHeaders, app)
  if (user === 'ambiguous') {
    // Nothing tells which of the two is ours (A24). Not 401: signing in again would end here again.
    const reason = 'The request carries two different session cookies.'
    return { code: 'BAD_REQUEST', status: 403, message: 'Your browser sent two sessions. Clear its cookies.', reason }
  }
  if (user === null) {
    const reason = 'There is no session cookie, or it is not valid any more.'
    return { code: 'NOT_SIGNED_IN', status: 401, message: 'You are not signed in.', reason }
  }
  const foreign = fromForeignPage(context, rawHeaders, app, asked.method)
  if (foreign !== null) {
    return {
      code: 'FOREIGN_ORIGIN',
      status: 403,
      message: 'This request comes from a page of another site.',
      reason: foreign,
    }
  }
  return user
}

function byCookie(
  context: HostContext,
  rawHeaders: readonly string[],
  app: AppRecord | null,
): User | null | 'ambiguous' {
  const { identity } = context
  if (app !== null) {
    const [cookie, ...others] = cookieValues(rawHeaders, APP_COOKIE)
    if (others.length > 0) return 'ambiguous'
    const found = cookie === undefined ? null : identity.appSessions.verify(cookie, app.key)
    if (found !== null) return found.user
  }
  const caller = hostCaller(identity, rawHeaders)
  return caller === null || caller === 'ambiguous' ? caller : caller.user
}

/**
 * A browser adds the cookie to what pages of other origins send, too (A21, A22). What changes something must come from
 * an origin of the app's own (C25); of everything else, WebSockets say their Origin, and page loads have none.
 */
function fromForeignPage(
  { addresses }: HostContext,
  rawHeaders: readonly string[],
  app: AppRecord | null,
  method: string | null,
): string | null {
  const at = rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === 'origin')
  const origin = at === -1 ? null : (rawHeaders[at + 1] ?? '').toLowerCase()
  const own = app === null ? [addresses.host] : [...app.externalOrigins, addresses.app(app.id)]
  // Without an app the proxy serves the host's own name on another port; its cookie goes nowhere else.
  const named = app === null && origin !== null && URL.canParse(origin) ? new URL(origin) : null
  if (origin !== null && named?.hostname === new URL(addresses.host).hostname) own.push(origin)
  const ownOrigin = own.find((known) => known === origin) ?? own[0] ?? ''
  if (method !== null && method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS') {
    return foreignChange(method, rawHeaders, ownOrigin)
  }
  return origin === null || origin === ownOrigin ? null : 'The Origin is not an address of the app.'
}
