import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Apps } from '../../apps/apps.ts'
import { AppError, ERRORS, type ErrorCode, type ErrorData } from '../../contract/errors.ts'
import type { User } from '../../contract/models.ts'
import type { PageApp, PageModel } from '../../contract/pages.ts'
import type { Clock } from '../../core/clock.ts'
import type { RandomBytes } from '../../core/ids.ts'
import type { Logger } from '../../core/logger.ts'
import type { GatewayPort } from '../../gateway/types.ts'
import { clientName } from '../../identity/client-name.ts'
import type { Identity } from '../../identity/identity.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import type { Recorder } from '../../traffic/recorder.ts'
import { type Addresses, HOST_LABEL } from '../addresses.ts'
import { cookieValues, SESSION_COOKIE } from '../cookies.ts'
import type { LiveConnections } from '../live.ts'
import { foreignOrigin } from '../origin.ts'
import type { RateClass, Rates } from '../rates.ts'
import { pageApp, type RefusalPages } from '../refusal.ts'
import type { Replays } from '../replays.ts'
import type { Shares } from '../shares.ts'
import type { SocketBudget } from '../socket-budget.ts'
import type { Pages } from './pages.ts'

/** What the host's own pages and its gateway are made of. */
export interface HostContext {
  identity: Identity
  apps: Apps
  gateway: GatewayPort
  recorder: Recorder
  clock: Clock
  random: RandomBytes
  logger: Logger
  addresses: Addresses
  refusals: RefusalPages
  live: LiveConnections
  pages: Pages
  rates: Rates
  /** What one person, or their apps, may have open of everything. */
  requestShares: Shares
  webSocketShares: Shares
  /** Calls at the gateway that are under way. */
  calls: SocketBudget
  replays: Replays
}

export type HostCaller = NonNullable<ReturnType<Identity['sessions']['verify']>>

/** The person behind the host's session cookie; `ambiguous` when the browser sent two (A24). */
export function hostCaller(identity: Identity, rawHeaders: readonly string[]): HostCaller | null | 'ambiguous' {
  const cookies = cookieValues(rawHeaders, SESSION_COOKIE)
  if (cookies.length > 1) return 'ambiguous'
  const cookie = cookies[0]
  return cookie === undefined ? null : identity.sessions.verify(cookie)
}

/** As `hostCaller`; two cookies count as none, for pages that end in the sign-in page anyway. */
export function signedIn(context: HostContext, request: FastifyRequest): HostCaller | null {
  const caller = hostCaller(context.identity, request.raw.rawHeaders)
  return caller === 'ambiguous' ? null : caller
}

/** Why a state-changing request does not come from the page that it should, or null (C25, A25). */
export function foreignRequest(request: FastifyRequest): string | null {
  return foreignOrigin(request.raw.rawHeaders, `http://${(request.headers.host ?? '').toLowerCase()}`)
}

/** Counts a request to the host and throws RATE_LIMITED when there were too many (C26). `who`: see Rates.over. */
export function checkRate(context: HostContext, name: RateClass, who: string | null, address: string): void {
  const over = context.rates.over(name, who, address)
  if (over === null) return
  const details = { reason: over.reason, retryAfterSeconds: over.seconds }
  throw new AppError('RATE_LIMITED', over.message, details)
}

/** Tells the client when to come back, where the error knows. */
export function setRetryAfter(reply: FastifyReply, error: ErrorData): void {
  const seconds = error.details?.retryAfterSeconds
  if (typeof seconds === 'number') reply.header('retry-after', String(Math.ceil(seconds)))
}

/** Browser and system in words, for the list of sessions. */
export function clientOf(request: FastifyRequest): string {
  return clientName(request.headers['user-agent'])
}

export function appOnPage(context: HostContext, app: AppRecord): PageApp {
  return pageApp(app, context.apps.icon(app.key))
}

/**
 * Puts a refusal of the host's own into the record (C21), with the code's own status unless told. Without the query: what it holds may be another address with
 * secrets of its own (C51).
 */
export function recordRefusal(
  context: HostContext,
  request: FastifyRequest,
  refusal: { code: ErrorCode; reason: string; app?: AppRecord; user?: User; status?: number },
): void {
  const { code, reason, app, user, status = ERRORS[code].status } = refusal
  const { rawHeaders, url = '', method = '' } = request.raw
  const exchange = context.recorder.begin({
    kind: 'http',
    appKey: app?.key ?? null,
    appId: app?.id ?? HOST_LABEL,
    method,
    path: url.split('?', 1)[0] ?? '',
    requestHeaders: rawHeaders,
  })
  if (user !== undefined) {
    exchange.caller({ userKey: user.key, username: user.username, serviceKey: null, serviceId: null })
  }
  exchange.refuse(code, reason, status)
  exchange.end()
}

/** The exact words of an error where it has some, otherwise those for everybody. */
export function exactReason(error: ErrorData): string {
  const reason = error.details?.reason
  return typeof reason === 'string' ? reason : error.message
}

export async function sendPage(
  context: HostContext,
  reply: FastifyReply,
  model: PageModel,
  status = 200,
): Promise<FastifyReply> {
  const html = await context.pages.render(model)
  return reply.code(status).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html)
}

/** 303 to an address of ours: never kept, and not told to the page that it leads to (C08, C15). */
export function redirect(reply: FastifyReply, to: string): FastifyReply {
  return reply
    .code(303)
    .header('location', to)
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .send()
}
