import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Apps } from '../apps/apps.ts'
import type { TrafficCaller, User } from '../contract/models.ts'
import { newKey } from '../core/ids.ts'
import type { GatewayPort } from '../gateway/types.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import type { Exchange } from '../traffic/exchange.ts'
import type { Recorder } from '../traffic/recorder.ts'
import { type Admission, type Admitted, type AppCaller, isRefusal } from './admission.ts'
import type { AnswerRefusal } from './answer.ts'
import type { Binding } from './bind.ts'
import { hasBody } from './body-relay.ts'
import { callerHeaders } from './caller-headers.ts'
import { forwardHttp } from './forward-http.ts'
import { forwardWebSocket, type WebSocketPorts } from './forward-websocket.ts'
import type { LiveConnections } from './live.ts'
import { foreignChange, foreignOrigin, isPageLoad } from './origin.ts'
import { headerValue } from './raw-headers.ts'
import { takeBindToken } from './redirect.ts'
import type { Refusal } from './refusal.ts'
import type { Replays } from './replays.ts'
import { type LineRewrite, UNFORWARDED } from './request-account.ts'
import { RequestHeaders } from './request-headers.ts'
import type { Shares } from './shares.ts'
import type { NoPlace, SocketBudget } from './socket-budget.ts'
import { cameRound, fromUpstream, toUpstream, upstreamLines, upstreamPath } from './upstream-rewrite.ts'
import { Visit } from './visit.ts'
import { WebSocketVisit } from './websocket/visit.ts'

export interface EntranceDeps extends WebSocketPorts {
  apps: Apps
  gateway: GatewayPort
  recorder: Recorder
  live: LiveConnections
  budget: SocketBudget
  requestShares: Shares
  webSocketShares: Shares
  admission: Admission
  binding: Binding
  replays: Replays
  answer: AnswerRefusal
}

/** As the router found it: the label, the Host header in lower case, and the target in origin form. */
interface Target {
  label: string
  host: string
  path: string
}

/**
 * Everything that is asked of an app's own address: host name -> app -> session -> access -> running -> headers ->
 * forward. A request that does not get through every step never reaches the app (C21).
 */
export class AppEntrance {
  readonly #d: EntranceDeps
  /** This host's name in Via, which no other has. */
  readonly #via: string
  readonly #isHostBearer: (token: string) => boolean

  constructor(deps: EntranceDeps) {
    this.#d = deps
    this.#isHostBearer = (token) => deps.gateway.bearers.isHosts(token)
    this.#via = `atek-${newKey(deps.random).slice(0, 16)}`
  }

  http(req: IncomingMessage, res: ServerResponse, target: Target): void {
    const { admission, answer, apps, binding, budget, client, live, replays, requestShares } = this.#d
    const app = apps.byId(target.label)
    const exchange = this.#begin('http', req, target, app)
    const visit = new Visit(res, exchange, live)

    const { token, path } = takeBindToken(target.path)
    const again = replays.take(exchange, req.rawHeaders)
    const caller = again?.kind === 'user' ? again : admission.caller(req.rawHeaders, app)
    const over = this.#overRate(exchange, req, caller)
    if (over !== null) {
      answer.http(req, res, exchange, over)
      return
    }
    if (app !== null && caller !== 'ambiguous' && isPageLoad(req.method, headerValue(req.rawHeaders, 'accept'))) {
      if (token !== null) {
        binding.redeem({ req, res, exchange, app, token, path, signedIn: caller !== null })
        return
      }
      if (caller === null) {
        exchange.requestHeaders(UNFORWARDED)
        binding.begin({ req, res, exchange, app, path })
        return
      }
    }
    const admitted = this.#admit(exchange, target, app, caller, path)
    // After the session: only what comes with the person's cookie can ride on it.
    const foreign = isRefusal(admitted) ? null : foreignChange(req.method, req.rawHeaders, `http://${target.host}`)
    if (foreign !== null) {
      exchange.requestHeaders(UNFORWARDED)
      answer.http(req, res, exchange, fromForeignPage(foreign))
      return
    }
    if (isRefusal(admitted)) {
      exchange.requestHeaders(UNFORWARDED)
      answer.http(req, res, exchange, admitted)
      return
    }

    const noPlace = (why: NoPlace) => {
      exchange.requestHeaders(UNFORWARDED)
      answer.http(req, res, exchange, admission.noPlace(admitted, why))
    }
    // Before anything is waited for: a session that ends meanwhile takes this request along (C09).
    const noShare = visit.open(admitted.user.key, admitted.sessionId, admitted.app.key, requestShares)
    if (noShare !== null) {
      noPlace(noShare)
      return
    }
    const forward = () => {
      if (res.destroyed) return
      visit.enter(budget, goSafely, noPlace)
    }
    // It may run when another request leaves, and what goes wrong for this one is not that one's.
    const goSafely = () => {
      try {
        go()
      } catch (error) {
        answer.http(req, res, exchange, admission.notRunning(admitted, error))
      }
    }
    const go = () => {
      const onward = this.#onward(exchange, req, target, admitted, false)
      if (isRefusal(onward)) {
        answer.http(req, res, exchange, onward)
        return
      }
      exchange.requestHeaders(onward.account)
      const failed = (error: Parameters<Admission['failed']>[1]) =>
        answer.http(req, res, exchange, admission.failed(admitted, error))
      visit.forwarding(forwardHttp({ client, exchange, req, res, appKey: admitted.app.key, ...onward, failed }))
    }
    if (client.reachable(admitted.app.key)) forward()
    else {
      apps
        .ensureRunning(admitted.app.key, visit.signal())
        .then(forward)
        .catch((error) => answer.http(req, res, exchange, admission.notRunning(admitted, error)))
    }
  }

  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, target: Target): void {
    const { admission, answer, apps, budget, client, clock, random, live, webSocketShares } = this.#d
    const app = apps.byId(target.label)
    const exchange = this.#begin('websocket', req, target, app)
    const visit = new WebSocketVisit(socket, exchange, live)

    const caller = admission.caller(req.rawHeaders, app)
    const over = this.#overRate(exchange, req, caller)
    if (over !== null) {
      answer.socket(socket, exchange, over)
      return
    }
    // A WebSocket is not held back by SameSite or CORS: its Origin is all that tells a foreign page (A21).
    const foreign = foreignOrigin(req.rawHeaders, `http://${target.host}`)
    if (foreign !== null) {
      exchange.requestHeaders(UNFORWARDED)
      answer.socket(socket, exchange, fromForeignPage(foreign))
      return
    }
    const { path } = takeBindToken(target.path)
    const admitted = this.#admit(exchange, target, app, caller, path)
    if (isRefusal(admitted)) {
      exchange.requestHeaders(UNFORWARDED)
      answer.socket(socket, exchange, admitted)
      return
    }

    const appKey = admitted.app.key
    const noPlace = (why: NoPlace) => {
      exchange.requestHeaders(UNFORWARDED)
      answer.socket(socket, exchange, admission.noPlace(admitted, why))
    }
    const noShare = visit.takeShare(webSocketShares, webSocketShares.enterPerson(admitted.user.key))
    if (noShare !== null) {
      noPlace(noShare)
      return
    }
    visit.open({ userKey: admitted.user.key, sessionId: admitted.sessionId, appKey })
    const forward = async () => {
      if (socket.destroyed) return
      const why = visit.enter(budget, appKey, admitted.user.key)
      if (why !== null) {
        noPlace(why)
        return
      }
      const onward = this.#onward(exchange, req, target, admitted, true)
      if (isRefusal(onward)) {
        answer.socket(socket, exchange, onward)
        return
      }
      exchange.requestHeaders(onward.account)
      const failed = (error: Parameters<Admission['failed']>[1]) =>
        answer.socket(socket, exchange, admission.failed(admitted, error))
      const ports = { client, clock, random }
      await forwardWebSocket({ ...ports, exchange, visit, socket, head, appKey, ...onward, failed })
    }
    const running = client.reachable(appKey) ? Promise.resolve() : apps.ensureRunning(appKey, visit.signal)
    running.then(forward).catch((error) => answer.socket(socket, exchange, admission.notRunning(admitted, error)))
  }

  #begin(kind: 'http' | 'websocket', req: IncomingMessage, target: Target, app: AppRecord | null): Exchange {
    return this.#d.recorder.begin({
      kind,
      appKey: app?.key ?? null,
      appId: target.label,
      method: req.method ?? '',
      path: target.path,
      requestHeaders: req.rawHeaders,
    })
  }

  /** Before anything is done for the request (C26). */
  #overRate(exchange: Exchange, req: IncomingMessage, caller: AppCaller): Refusal | null {
    const over = this.#d.admission.overRate(caller, req.socket.remoteAddress)
    if (over === null) return null
    nameCaller(exchange, caller)
    exchange.requestHeaders(UNFORWARDED)
    return over
  }

  #admit(
    exchange: Exchange,
    target: Target,
    app: AppRecord | null,
    caller: AppCaller,
    path: string,
  ): ReturnType<Admission['admit']> {
    nameCaller(exchange, caller)
    return this.#d.admission.admit(target.label, app, caller, path)
  }

  /** What goes to the app: the same for every app, and then as an app that lives elsewhere needs it (C23). */
  #onward(
    exchange: Exchange,
    req: IncomingMessage,
    target: Target,
    admitted: Admitted,
    websocket: boolean,
  ): Onward | Refusal {
    const upstream = this.#d.apps.upstream(admitted.app.key)
    if (upstream === null) {
      const account = this.#headers(exchange, req, target, admitted, websocket, null)
      return { path: admitted.path, headers: account.forward(req.rawHeaders), account, answerHeaders: null }
    }
    // An address that this host did not know for its own; each round would ask the next one, without end.
    if (cameRound(req.rawHeaders, this.#via)) return LOOP
    const path = upstreamPath(upstream, admitted.path)
    if (path === null) return OUT_OF_BASE
    const rewrite = { upstream, address: `http://${target.host}`, via: this.#via }
    const account = this.#headers(exchange, req, target, admitted, websocket, (lines) => upstreamLines(lines, rewrite))
    return {
      path,
      headers: toUpstream(account.forward(req.rawHeaders), rewrite),
      account,
      answerHeaders: (answered) => fromUpstream(answered, rewrite),
    }
  }

  #headers(
    exchange: Exchange,
    req: IncomingMessage,
    target: Target,
    { app, user }: Admitted,
    websocket: boolean,
    rewrite: LineRewrite | null,
  ): RequestHeaders {
    const input = {
      caller: callerHeaders(app, user),
      address: req.socket.remoteAddress ?? '',
      host: target.host,
      scheme: 'http' as const,
      isHostBearer: this.#isHostBearer,
      websocket,
      requestId: exchange.requestId,
      body: !websocket && hasBody(req),
    }
    return new RequestHeaders(input, rewrite)
  }
}

interface Onward {
  path: string
  headers: string[]
  account: RequestHeaders
  answerHeaders: ((headers: string[]) => string[]) | null
}

const LOOP: Refusal = {
  code: 'LOOP',
  status: 508,
  reason: 'The request has come back from the app’s address: that address leads to this host again.',
  message: 'The address of this app leads back to Atek. Correct it in its settings.',
  page: null,
}

const OUT_OF_BASE: Refusal = {
  code: 'BAD_REQUEST',
  status: 400,
  reason: 'The path has segments that would lead out of the path at which the app lives.',
  message: 'This address cannot be passed on to the app.',
  page: null,
}

function fromForeignPage(reason: string): Refusal {
  const message = 'This request comes from a page of another site.'
  return { code: 'FOREIGN_ORIGIN', status: 403, reason, message, page: null }
}

function nameCaller(exchange: Exchange, caller: AppCaller): void {
  if (caller === null || caller === 'ambiguous') return
  const { user } = caller
  let known = callers.get(user)
  if (known === undefined) {
    known = { userKey: user.key, username: user.username, serviceKey: null, serviceId: null }
    callers.set(user, known)
  }
  exchange.caller(known)
}

/** One for all requests of a person, which the record holds on to. */
const callers = new WeakMap<User, TrafficCaller>()
