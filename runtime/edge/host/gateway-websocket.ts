import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AppClient } from '../../apps/client/app-client.ts'
import { AppError, type ErrorData, toErrorData } from '../../contract/errors.ts'
import type { GatewayCaller, GatewayRoute } from '../../gateway/types.ts'
import type { AnswerRefusal } from '../answer.ts'
import { forwardWebSocket } from '../forward-websocket.ts'
import { appRequestHeaders } from '../headers.ts'
import type { LiveEntry } from '../live.ts'
import { foreignOrigin } from '../origin.ts'
import { acceptBearer, presentedBearer } from './bearer.ts'
import { checkRate, exactReason, type HostContext } from './context.ts'
import { callerKey, gatewayCaller, recordCaller } from './gateway-routes.ts'

/** The gateway's `proxy` transport: a WebSocket joined to one at the provider's path (PROTOCOL). */
export class GatewayWebSockets {
  readonly #context: HostContext
  readonly #client: AppClient
  readonly #answer: AnswerRefusal

  constructor(deps: { context: HostContext; client: AppClient; answer: AnswerRefusal }) {
    this.#context = deps.context
    this.#client = deps.client
    this.#answer = deps.answer
  }

  /** @param target the Host header in lower case, and the target in origin form */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, target: { host: string; path: string }): void {
    const exchange = this.#context.recorder.begin({
      kind: 'websocket',
      appKey: null,
      appId: 'atek',
      method: req.method ?? '',
      path: target.path,
      requestHeaders: req.rawHeaders,
    })
    const gone = new AbortController()
    socket.once('close', () => {
      gone.abort()
      exchange.end()
    })
    const fail = (error: unknown) => {
      const data = toErrorData(error)
      if (data.code === 'INTERNAL') this.#context.logger.error('a gateway WebSocket failed', { error })
      const status = error instanceof AppError ? error.status : 500
      const reason = exactReason(error instanceof AppError ? error : data)
      const headers = retryAfter(data)
      this.#answer.socket(socket, exchange, { ...data, status, reason, page: null, headers })
    }
    const run = async () => {
      const { rawHeaders } = req
      const { bearers } = this.#context.gateway
      const principal = acceptBearer(bearers, 'gateway-websocket', await presentedBearer(bearers, rawHeaders))
      if (socket.destroyed) return
      const caller = gatewayCaller(this.#context, principal, rawHeaders, () =>
        foreignOrigin(rawHeaders, `http://${target.host}`),
      )
      recordCaller(this.#context, exchange, caller)
      checkRate(this.#context, 'gateway', callerKey(caller), req.socket.remoteAddress ?? '')
      this.#watch(caller, socket, (reason) => exchange.abort(reason))
      const api = new URL(target.path, 'http://host.invalid').searchParams.get('api') ?? ''
      const call = { caller, api, exchange, signal: gone.signal, headers: rawHeaders }
      const route = await this.#context.gateway.route(call)
      if (socket.destroyed) return
      await forwardWebSocket({
        client: this.#client,
        exchange,
        socket,
        head,
        appKey: route.appKey,
        path: route.path,
        headers: this.#headers(req, target.host, route),
        signal: gone.signal,
        failed: fail,
      })
    }
    run().catch(fail)
  }

  /** Ends with the person's session (C09); an app's own connection has none, and ends with its process. */
  #watch(caller: GatewayCaller, socket: Duplex, note: (reason: string) => void): void {
    const [userKey, sessionId] = caller.kind === 'user' ? [caller.user.key, caller.sessionId] : [null, null]
    const entry: LiveEntry = {
      userKey,
      sessionId,
      close(reason) {
        note(reason)
        socket.destroy()
      },
    }
    this.#context.live.add(entry)
    socket.once('close', () => this.#context.live.remove(entry))
  }

  #headers(req: IncomingMessage, host: string, route: GatewayRoute): string[] {
    const { gateway } = this.#context
    const { headers } = appRequestHeaders({
      raw: req.rawHeaders,
      auth: { user: route.authUser, userLabel: null, service: route.authService, serviceLabel: null },
      address: req.socket.remoteAddress ?? '',
      host,
      scheme: 'http',
      isHostBearer: (token) => gateway.bearers.isHosts(token),
      websocket: true,
      body: false,
    })
    return headers
  }
}

function retryAfter({ details }: ErrorData): string[] {
  const seconds = details?.retryAfterSeconds
  return typeof seconds === 'number' ? ['Retry-After', String(seconds)] : []
}
