import type { IncomingMessage, ServerResponse } from 'node:http'
import helmet from '@fastify/helmet'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { AppError, ERRORS, type ErrorCode, type ErrorData, toErrorData } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import type { PageModel } from '../../contract/pages.ts'
import { APPS_PATH } from '../addresses.ts'
import { refusalBody } from '../answer.ts'
import { isPageLoad } from '../origin.ts'
import { jsonHeaders } from '../raw-answer.ts'
import {
  checkRate,
  exactReason,
  type HostContext,
  recordRefusal,
  sendPage,
  setRetryAfter,
  signedIn,
} from './context.ts'
import { forwardAuthRoutes, VALIDATE_PATH } from './forward-auth-routes.ts'
import { answerShortCall, GATEWAY_PATH, gatewayRoutes } from './gateway-routes.ts'
import { homeRoutes } from './home-routes.ts'
import { openRoutes } from './open-routes.ts'
import { PERMISSIONS_POLICY, securityHeaders } from './security-headers.ts'
import { signInRoutes } from './sign-in-routes.ts'
import { REVOKE_PATH, TOKEN_PATH, tokenRoutes } from './token-routes.ts'

type MessagePage = Extract<PageModel, { page: 'message' }>

/** Where pages that stand in for an app are rendered; asked for from within only. */
const STAND_IN = '/_atek/stand-in'

/** The gateway, forward auth and the token routes know other callers; stand-ins were counted at the app's address. */
const COUNTED_ELSEWHERE = new Set([GATEWAY_PATH, TOKEN_PATH, REVOKE_PATH, VALIDATE_PATH, STAND_IN])

/** The host's own pages and gateway, on the listener that the apps are on, too. */
export class HostApp {
  readonly #context: HostContext
  readonly #fastify: FastifyInstance
  readonly #standIns = new WeakMap<IncomingMessage, { page: MessagePage; status: number }>()

  constructor(context: HostContext) {
    this.#context = context
    this.#fastify = fastify({
      logger: false,
      bodyLimit: LIMITS.hostFormBytes,
      // The router takes paths as they are: no second spelling of a route.
      frameworkErrors: (_error, _request, reply) => this.#unroutable(reply),
      routerOptions: { ignoreTrailingSlash: false, ignoreDuplicateSlashes: false, caseSensitive: true },
    })
  }

  async ready(): Promise<void> {
    const app = this.#fastify
    const context = this.#context
    await app.register(helmet, securityHeaders(context.addresses))
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('permissions-policy', PERMISSIONS_POLICY)
      reply.header('cache-control', 'no-store')
    })
    app.addHook('onRequest', async (request) => this.#checkRate(request))
    // Bodies are read as bytes, whatever the client calls them: the routes know what they expect.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    app.setNotFoundHandler((request, reply) => this.#notFound(request, reply))
    app.setErrorHandler((error: FastifyError, request, reply) => this.#failed(error, request, reply))
    signInRoutes(app, context)
    openRoutes(app, context)
    forwardAuthRoutes(app, context)
    homeRoutes(app, context)
    gatewayRoutes(app, context)
    tokenRoutes(app, context)
    app.get(STAND_IN, (request, reply) => {
      const standIn = this.#standIns.get(request.raw)
      if (standIn === undefined) return this.#notFound(request, reply)
      return sendPage(context, reply, standIn.page, standIn.status)
    })
    await app.ready()
  }

  handle(req: IncomingMessage, res: ServerResponse): void {
    if (answerShortCall(this.#context, req, res)) return
    this.#fastify.routing(req, res)
  }

  /** Answers a page load on an app's address with one of our pages; headers that were set on `res` stay. */
  page(req: IncomingMessage, res: ServerResponse, page: MessagePage, status: number): void {
    this.#standIns.set(req, { page, status })
    req.url = STAND_IN
    this.#fastify.routing(req, res)
  }

  async close(): Promise<void> {
    await this.#fastify.close()
  }

  /**
   * An address that the router cannot read, before any route and any hook: without this, fastify answers by itself,
   * with the address in the answer and without the security headers (C27).
   */
  #unroutable(reply: FastifyReply): void {
    const body = JSON.stringify(refusalBody({ code: 'BAD_REQUEST', message: 'This request cannot be understood.' }))
    reply.hijack()
    reply.raw.writeHead(ERRORS.BAD_REQUEST.status, jsonHeaders(Buffer.byteLength(body)))
    reply.raw.end(body)
  }

  /** Pages count by whose session comes with them. */
  #checkRate(request: FastifyRequest): void {
    const path = request.routeOptions.url
    if (path !== undefined && COUNTED_ELSEWHERE.has(path)) return
    const caller = signedIn(this.#context, request)
    checkRate(this.#context, 'page', caller?.user.key ?? null, request.ip)
  }

  #notFound(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const error = { code: 'NOT_FOUND', message: 'There is nothing at this address.' } as const
    return this.#answer(request, reply, error, 'Not found')
  }

  #failed(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const data = errorOf(error)
    if (data.code === 'INTERNAL') this.#context.logger.error('a page of the host failed', { error })
    setRetryAfter(reply, data)
    recordRefusal(this.#context, request, { code: data.code, reason: exactReason(data) })
    return this.#answer(request, reply, data, 'That did not work')
  }

  async #answer(request: FastifyRequest, reply: FastifyReply, error: ErrorData, title: string): Promise<FastifyReply> {
    const { status } = ERRORS[error.code]
    if (!isPageLoad('GET', request.headers.accept)) return reply.code(status).send(refusalBody(error))
    const page = error.code === 'RATE_LIMITED' ? this.#context.refusals.tooMany() : messagePage(error, title)
    try {
      return await sendPage(this.#context, reply, page, status)
    } catch (cause) {
      // The pages themselves cannot be loaded: in plain words then.
      this.#context.logger.error('the host’s pages cannot be loaded', { error: cause })
      return reply.code(status).type('text/plain; charset=utf-8').send(`${title}. ${error.message}`)
    }
  }
}

function messagePage(error: ErrorData, title: string): MessagePage {
  const kind = ERRORS[error.code].status === 404 ? 'not-found' : 'bad-request'
  const actions = [{ label: 'Your apps', href: APPS_PATH }]
  return { page: 'message', kind, title, text: error.message, app: null, details: [], actions }
}

/** Errors of fastify's own (a body that is too long, a URL that cannot be decoded) in our words. */
function errorOf(error: FastifyError): ErrorData {
  if (error instanceof AppError) return error.toData()
  const { statusCode } = error
  if (statusCode === 413) return { code: 'TOO_LARGE', message: 'This is more than Atek takes in one request.' }
  if (statusCode === 404) return { code: 'NOT_FOUND', message: 'There is nothing at this address.' }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const code: ErrorCode = 'BAD_REQUEST'
    return { code, message: 'This request cannot be understood.' }
  }
  return toErrorData(error)
}
