import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import type { GatewayCaller } from '../../gateway/types.ts'
import { hasBody } from '../body-relay.ts'
import { presentedBearer } from './bearer.ts'
import type { HostContext } from './context.ts'
import { callerBy } from './gateway-caller.ts'
import { GatewayVisit } from './gateway-visit.ts'
import { isShortCall } from './short-body.ts'

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
  app.post(GATEWAY_PATH, { onRequest }, (request, reply) => {
    reply.hijack()
    void new GatewayVisit(context, request.raw, reply.raw).run()
  })
}

/**
 * Answers a call at once where nothing of what the route does before it would find anything: most calls are short and
 * say so. What fastify and helmet do around a route takes as long as all the rest of a call.
 * @returns false when it is for the route
 */
export function answerShortCall(context: HostContext, req: IncomingMessage, res: ServerResponse): boolean {
  const { method, url = '' } = req
  if (method !== 'POST' || !url.startsWith(GATEWAY_PATH)) return false
  if (url.length > GATEWAY_PATH.length && url.charCodeAt(GATEWAY_PATH.length) !== QUESTION_MARK) return false
  if (!isShortCall(req)) return false
  void new GatewayVisit(context, req, res).run()
  return true
}

const QUESTION_MARK = 0x3f

/** Throws TOO_LARGE for a call that says beforehand that it is longer than any may be. */
function refuseTooLarge({ raw }: FastifyRequest): void {
  if (!(Number(raw.headers['content-length']) > LIMITS.rpcBodyBytes)) return
  throw new AppError('TOO_LARGE', `A call has at most ${LIMITS.rpcBodyBytes / 1024 / 1024} MB.`)
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
  const { raw } = request
  return callerBy(context, raw, await presentedBearer(context.gateway.bearers, raw.rawHeaders))
}
