import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError, type ErrorData, toErrorData } from '../../contract/errors.ts'
import type { GatewayCaller, GatewayRoute } from '../../gateway/types.ts'
import type { Exchange } from '../../traffic/exchange.ts'
import type { AnswerRefusal } from '../answer.ts'
import { forwardWebSocket, type WebSocketPorts } from '../forward-websocket.ts'
import { chosenHeaders, SYSTEM } from '../identity-headers.ts'
import type { LiveEntry } from '../live.ts'
import { foreignOrigin } from '../origin.ts'
import { RequestHeaders } from '../request-headers.ts'
import type { NoPlace, SocketBudget } from '../socket-budget.ts'
import { WebSocketVisit } from '../websocket/visit.ts'
import { acceptBearer, presentedBearer } from './bearer.ts'
import { shareOf } from './call-place.ts'
import { checkRate, exactReason, type HostContext } from './context.ts'
import { callerKey, gatewayCaller, recordCaller } from './gateway-caller.ts'

/** The gateway's `proxy` transport: a WebSocket joined to one at the provider's path (PROTOCOL). */
export class GatewayWebSockets {
  readonly #context: HostContext
  readonly #ports: WebSocketPorts
  readonly #answer: AnswerRefusal
  readonly #budget: SocketBudget

  constructor(deps: { context: HostContext; ports: WebSocketPorts; answer: AnswerRefusal; budget: SocketBudget }) {
    this.#context = deps.context
    this.#ports = deps.ports
    this.#answer = deps.answer
    this.#budget = deps.budget
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
    const visit = new WebSocketVisit(socket, exchange, this.#context.live)
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
      recordCaller(this.#context, exchange, caller, rawHeaders)
      checkRate(this.#context, 'gateway', callerKey(caller), req.socket.remoteAddress ?? '')
      const { webSocketShares } = this.#context
      const share = shareOf(webSocketShares, caller)
      refuse(share === null ? null : visit.takeShare(webSocketShares, share))
      // Before anything is waited for: what ends meanwhile takes this along (C09).
      visit.open(this.#under(caller))
      const api = new URL(target.path, 'http://host.invalid').searchParams.get('api') ?? ''
      const call = { caller, api, exchange, signal: visit.signal }
      const route = await this.#context.gateway.route(call)
      if (socket.destroyed) return
      visit.appKey = route.appKey
      refuse(visit.enter(this.#budget, route.appKey, callerKey(caller) ?? 'nobody'))
      await forwardWebSocket({
        ...this.#ports,
        exchange,
        visit,
        socket,
        head,
        appKey: route.appKey,
        path: route.path,
        headers: this.#headers(exchange, req, target.host, route),
        failed: fail,
      })
    }
    run().catch(fail)
  }

  /** What its right to be open hangs on: a person's session, or the token of an app's present run. */
  #under(caller: GatewayCaller): Partial<LiveEntry> {
    if (caller.kind === 'user') return { userKey: caller.user.key, sessionId: caller.sessionId }
    if (caller.kind !== 'app') return {}
    const token = this.#context.identity.serviceTokens.current(caller.appKey)
    return token === null ? {} : { caller: { appKey: caller.appKey, token } }
  }

  #headers(exchange: Exchange, req: IncomingMessage, host: string, route: GatewayRoute): string[] {
    const { apps, gateway, identity } = this.#context
    const app = apps.get(route.appKey)
    return new RequestHeaders({
      caller: {
        chosen: app === null ? null : chosenHeaders(app, identity.users.get(route.authUser) ?? SYSTEM),
        auth: { user: route.authUser, userLabel: null, service: route.authService, serviceLabel: null },
      },
      address: req.socket.remoteAddress ?? '',
      host,
      scheme: 'http',
      isHostBearer: (token) => gateway.bearers.isHosts(token),
      websocket: true,
      requestId: exchange.requestId,
      body: false,
    }).forward(req.rawHeaders)
  }
}

function refuse(why: NoPlace | null): void {
  if (why !== null) throw new AppError(why.code, why.message, { reason: why.reason, retryAfterSeconds: 10 })
}

function retryAfter({ details }: ErrorData): string[] {
  const seconds = details?.retryAfterSeconds
  return typeof seconds === 'number' ? ['Retry-After', String(seconds)] : []
}
