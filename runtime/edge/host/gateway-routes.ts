import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, ERRORS, toErrorData } from '../../contract/errors.ts'
import { type RpcId, rpcError, rpcIdOf } from '../../contract/jsonrpc.ts'
import { LIMITS } from '../../contract/limits.ts'
import type { GatewayCaller, Principal } from '../../gateway/types.ts'
import type { Exchange } from '../../traffic/exchange.ts'
import { refusalBody } from '../answer.ts'
import { BodyRelay, hasBody } from '../body-relay.ts'
import { clearCookie, SESSION_COOKIE } from '../cookies.ts'
import type { LiveEntry } from '../live.ts'
import { whenClosed } from '../when-closed.ts'
import { acceptBearer, presentedBearer } from './bearer.ts'
import { callPlace, callShare } from './call-place.ts'
import {
  checkRate,
  clientOf,
  exactReason,
  foreignRequest,
  type HostContext,
  hostCaller,
  setRetryAfter,
} from './context.ts'
import { query, setSession } from './sign-in-routes.ts'

export const GATEWAY_PATH = '/_atek/gateway'

/** `POST /_atek/gateway?api=…`: JSON-RPC from apps, browsers and scripts (PROTOCOL). */
export function gatewayRoutes(app: FastifyInstance, context: HostContext): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // The gateway reads the body itself: a long one goes to its app while it comes.
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    gatewayRoute(scope, context)
  })
}

function gatewayRoute(app: FastifyInstance, context: HostContext): void {
  const onRequest = async (request: FastifyRequest) => {
    refuseTooLarge(request)
    await refuseLargeOfNobody(context, request)
  }
  app.post(GATEWAY_PATH, { onRequest }, async (request, reply) => {
    const { raw } = request
    const exchange = context.recorder.begin({
      kind: 'gateway',
      appKey: null,
      appId: 'atek',
      method: 'POST',
      path: raw.url ?? '',
      requestHeaders: raw.rawHeaders,
    })
    const body = hasBody(raw) ? new BodyRelay(raw, (chunk) => exchange.bytes(chunk.length, 0)) : Buffer.alloc(0)
    const gone = new AbortController()
    whenClosed(reply.raw, () => {
      if (reply.raw.writableFinished) exchange.end()
      else {
        gone.abort()
        exchange.abort('The caller left before the answer was whole.')
      }
    })

    try {
      const again = context.replays.take(exchange, raw.rawHeaders)
      const caller = again ?? (await presentedCaller(context, request))
      // Who left while that was looked at takes no place, and has nothing done for them.
      if (gone.signal.aborted) throw new AppError('CANCELLED', 'The call was cancelled.')
      recordCaller(context, exchange, caller, raw.rawHeaders)
      checkRate(context, 'gateway', callerKey(caller), request.ip)
      callShare(context.requestShares, caller, reply)
      if (caller.kind === 'user') endWithSession(context, caller, reply, gone)
      const who = callerKey(caller)
      const place = who === null ? null : callPlace(context.calls, who, reply)
      if (place !== null) await place
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
      exchange.head(200, ['Content-Type', 'application/json'])
      // What was not read (it is too long, or not wanted) is not waited for.
      if (!raw.complete) reply.header('connection', 'close')
      if ('stream' in answer)
        return reply.type('application/json; charset=utf-8').send(counted(answer.stream, exchange))
      const text = JSON.stringify(answer.response)
      exchange.bodyOut(Buffer.from(text))
      return reply.type('application/json; charset=utf-8').send(text)
    } catch (error) {
      // Of the gateway's own only NOT_SIGNED_IN comes here; clients expect that as HTTP (PROTOCOL).
      const data = toErrorData(error)
      const { status } = ERRORS[data.code]
      if (data.code === 'INTERNAL') context.logger.error('the gateway failed', { error })
      exchange.refuse(data.code, error instanceof AppError ? exactReason(error) : 'The gateway failed.', status)
      exchange.head(status, ['Content-Type', 'application/json'])
      setRetryAfter(reply, data)
      // What a JSON-RPC client can tell from other errors, and match with its call.
      const matched = data.code === 'RATE_LIMITED' || data.code === 'TOO_BUSY'
      const answer = matched ? rpcError(await idOf(raw, body), data) : refusalBody(data)
      return reply.code(status).send(answer)
    } finally {
      // The rest runs out unread, so that the connection can go on.
      if (!Buffer.isBuffer(body)) body.destroy()
    }
  })
}

/** The answer as it goes out, counted. It ends where the caller leaves, and is cut off where the app breaks off. */
function counted(answer: Readable, exchange: Exchange): Readable {
  answer.once('error', (error) => exchange.abort(`The app broke off: ${error.message}`))
  return answer.on('data', (piece: Buffer) => exchange.bodyOut(piece)).pause()
}

/** The id of a short call that is not looked at otherwise; of a long one it is not worth reading for. */
async function idOf(raw: IncomingMessage, body: BodyRelay | Buffer): Promise<RpcId> {
  if (Buffer.isBuffer(body) || !(Number(raw.headers['content-length']) <= LIMITS.rpcWholeBytes)) return null
  try {
    return rpcIdOf(Buffer.concat(await body.toArray()).toString('utf8'))
  } catch {
    return null
  }
}

/** Throws TOO_LARGE for a call that says beforehand that it is longer than any may be. */
function refuseTooLarge({ raw }: FastifyRequest): void {
  if (!(Number(raw.headers['content-length']) > LIMITS.rpcBodyBytes)) return
  throw new AppError('TOO_LARGE', `A call has at most ${LIMITS.rpcBodyBytes / 1024 / 1024} MB.`)
}

/**
 * A call ends with the session that it was made under (C09): what waits for an app is not passed on any more, and what
 * an app answers is not told. The connection stays, since the call may be the very one that signs its caller out.
 */
function endWithSession(
  { live }: HostContext,
  { user, sessionId }: Extract<GatewayCaller, { kind: 'user' }>,
  reply: FastifyReply,
  gone: AbortController,
): void {
  const entry: LiveEntry = {
    userKey: user.key,
    sessionId,
    appKey: null,
    caller: null,
    since: null,
    close: () => gone.abort(),
  }
  live.add(entry)
  whenClosed(reply.raw, () => live.remove(entry))
}

/**
 * Bodies are held in memory until they are whole, so whoever has no credentials gets as much of it as signing in
 * takes, and says beforehand how much (A13). Throws TOO_LARGE before anything is read.
 */
async function refuseLargeOfNobody(context: HostContext, request: FastifyRequest): Promise<void> {
  const { raw } = request
  if (!hasBody(raw) || Number(raw.headers['content-length']) <= LIMITS.hostFormBytes) return
  if (context.replays.expects(raw.rawHeaders)) return
  const caller = await presentedCaller(context, request)
  if (caller.kind !== 'none') return
  throw new AppError('TOO_LARGE', 'Without credentials a call has a Content-Length, of 16 kB at most. Sign in first.')
}

async function presentedCaller(context: HostContext, request: FastifyRequest): Promise<GatewayCaller> {
  const { rawHeaders } = request.raw
  const bearer = await presentedBearer(context.gateway.bearers, rawHeaders)
  const principal = acceptBearer(context.gateway.bearers, 'gateway', bearer)
  return gatewayCaller(context, principal, rawHeaders, () => foreignRequest(request))
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
    const username = context.identity.users.get(caller.ownerKey)?.username ?? null
    const serviceId = context.apps.get(caller.appKey)?.id ?? null
    exchange.caller({ userKey: caller.ownerKey, username, serviceKey: caller.appKey, serviceId })
    context.recorder.linkCause(exchange, caller.appKey, rawHeaders)
  }
}
