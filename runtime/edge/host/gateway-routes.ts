import type { FastifyInstance } from 'fastify'
import { AppError, ERRORS, toErrorData } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import type { GatewayCaller } from '../../gateway/types.ts'
import type { Exchange } from '../../traffic/exchange.ts'
import { refusalBody } from '../answer.ts'
import { clearCookie, SESSION_COOKIE } from '../cookies.ts'
import { clientOf, exactReason, foreignRequest, type HostContext, hostCaller } from './context.ts'
import { query, setSession } from './sign-in-routes.ts'

export const GATEWAY_PATH = '/_atek/gateway'

/** `POST /_atek/gateway?api=…`: JSON-RPC from apps, browsers and scripts (PROTOCOL). */
export function gatewayRoutes(app: FastifyInstance, context: HostContext): void {
  app.post(GATEWAY_PATH, { bodyLimit: LIMITS.rpcBodyBytes }, async (request, reply) => {
    const { raw } = request
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const exchange = context.recorder.begin({
      kind: 'gateway',
      appKey: null,
      appId: 'atek',
      method: 'POST',
      path: raw.url ?? '',
      requestHeaders: raw.rawHeaders,
    })
    exchange.bytes(body.length, 0)
    const gone = new AbortController()
    reply.raw.once('close', () => {
      if (reply.raw.writableFinished) exchange.end()
      else {
        gone.abort()
        exchange.abort('The caller left before the answer was whole.')
      }
    })

    try {
      const caller = gatewayCaller(context, raw.rawHeaders, () => foreignRequest(request))
      recordCaller(context, exchange, caller)
      const answer = await context.gateway.handle({
        caller,
        api: query(request).get('api') ?? '',
        body,
        exchange,
        signal: gone.signal,
        address: request.ip,
        client: clientOf(request),
        headers: raw.rawHeaders,
      })
      // On the name that was called (DESIGN, "Addresses and cookies").
      if (answer.session === 'clear') reply.header('set-cookie', clearCookie(SESSION_COOKIE, { secure: false }))
      else if (answer.session !== null) setSession(reply, answer.session.set)
      const text = JSON.stringify(answer.response)
      exchange.head(200, ['Content-Type', 'application/json'])
      exchange.bytes(0, Buffer.byteLength(text))
      return reply.type('application/json; charset=utf-8').send(text)
    } catch (error) {
      // Of the gateway's own only NOT_SIGNED_IN comes here; clients expect that as HTTP (PROTOCOL).
      const data = toErrorData(error)
      const { status } = ERRORS[data.code]
      if (data.code === 'INTERNAL') context.logger.error('the gateway failed', { error })
      exchange.refuse(data.code, error instanceof AppError ? exactReason(error) : 'The gateway failed.', status)
      exchange.head(status, ['Content-Type', 'application/json'])
      return reply.code(status).send(refusalBody(data))
    }
  })
}

/**
 * Who calls the gateway. A bearer token that the host gave out comes first; otherwise the session cookie, which counts
 * only from our own pages and from clients that are no browser (A25): a browser adds it to a foreign page's call, too.
 * Throws FOREIGN_ORIGIN.
 */
export function gatewayCaller(
  context: HostContext,
  rawHeaders: readonly string[],
  foreign: () => string | null,
): GatewayCaller {
  const token = bearerToken(rawHeaders)
  const byToken = token === null ? null : context.gateway.bearer(token)
  if (byToken !== null) return byToken
  const reason = foreign()
  if (reason !== null) throw new AppError('FOREIGN_ORIGIN', 'This call comes from a page of another site.', { reason })
  const caller = hostCaller(context.identity, rawHeaders)
  if (caller === null || caller === 'ambiguous') return { kind: 'none' }
  return { kind: 'user', user: caller.user, sessionId: caller.session.id }
}

/** The token of the one Authorization header; null when there is none, or two. */
function bearerToken(rawHeaders: readonly string[]): string | null {
  let found: string | null = null
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if ((rawHeaders[i] ?? '').toLowerCase() !== 'authorization') continue
    if (found !== null) return null
    found = rawHeaders[i + 1] ?? ''
  }
  return found === null ? null : (/^bearer +(\S+)$/i.exec(found)?.[1] ?? null)
}

export function recordCaller(context: HostContext, exchange: Exchange, caller: GatewayCaller): void {
  if (caller.kind === 'none') return
  if (caller.kind === 'user') {
    const { key: userKey, username } = caller.user
    exchange.caller({ userKey, username, serviceKey: null, serviceId: null })
  } else if (caller.kind === 'system') {
    exchange.caller({ userKey: 'system', username: null, serviceKey: null, serviceId: null })
  } else {
    const username = context.identity.users.get(caller.ownerKey)?.username ?? null
    const serviceId = context.apps.get(caller.appKey)?.id ?? null
    exchange.caller({ userKey: caller.ownerKey, username, serviceKey: caller.appKey, serviceId })
  }
}
