import { type IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ERRORS, type ErrorCode } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { Logger } from '../core/logger.ts'
import type { Recorder } from '../traffic/recorder.ts'
import { type Addresses, HOST_LABEL } from './addresses.ts'
import { refusalBody } from './answer.ts'
import type { AppEntrance } from './app-entrance.ts'
import { hasBody } from './body-relay.ts'
import { VALIDATE_PATH } from './host/forward-auth-routes.ts'
import { GATEWAY_PATH } from './host/gateway-routes.ts'
import type { GatewayWebSockets } from './host/gateway-websocket.ts'
import type { HostApp } from './host/host-app.ts'
import { REVOKE_PATH, TOKEN_PATH } from './host/token-routes.ts'
import { isPageLoad } from './origin.ts'
import { jsonHeaders, linger, rawJson } from './raw-answer.ts'
import { headerValue } from './raw-headers.ts'
import type { RefusalPages } from './refusal.ts'
import { type Route, route } from './route.ts'
import { handshakeFault } from './websocket/handshake.ts'

export interface HandlerDeps {
  addresses: Addresses
  recorder: Recorder
  logger: Logger
  host: HostApp
  entrance: AppEntrance
  webSockets: GatewayWebSockets
  pages: RefusalPages
}

interface Refused {
  code: ErrorCode
  reason: string
  message: string
  headers?: string[]
}

/** Every request that could be parsed: to the app or the host page that it is for, or to nobody. */
export class RequestHandler {
  readonly #d: HandlerDeps
  /** Requests to the host itself that were not whole when they were handed over. */
  readonly #begun = new WeakSet<IncomingMessage>()

  constructor(deps: HandlerDeps) {
    this.#d = deps
  }

  request(req: IncomingMessage, res: ServerResponse): void {
    try {
      this.#request(req, res)
    } catch (error) {
      // Whatever goes wrong for one request must not end the host for all.
      this.#d.logger.error('a request failed', { error })
      if (res.headersSent) res.destroy()
      else this.#answer(req, res, 'INTERNAL', 'Something went wrong inside Atek.')
    }
  }

  /** Whether it is a request to the host itself, and not to an app, and is still coming. */
  isUnfinished(req: IncomingMessage): boolean {
    return !req.complete && this.#begun.has(req)
  }

  /** More connections than the host has room for, and on all of them an answer is being given (A45). */
  tooBusy(req: IncomingMessage, res: ServerResponse): void {
    const reason = `All ${LIMITS.connections} connections are being answered on.`
    res.setHeader('Connection', 'close')
    res.setHeader('Retry-After', '10')
    const refused = { code: 'TOO_BUSY', reason, message: 'Atek is busy. Try again in a few seconds.' } as const
    // Under a name that is not ours nobody gets a page of ours (DNS rebinding).
    const ours = route(req.rawHeaders, req.url ?? '', this.#d.addresses).to !== 'nowhere'
    if (!ours || !isPageLoad(req.method, req.headers.accept)) {
      this.#refuse(req, res, refused)
      return
    }
    this.#record('http', req, refused)
    this.#d.host.page(req, res, this.#d.pages.busy(), ERRORS.TOO_BUSY.status)
  }

  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    try {
      this.#upgrade(req, socket, head)
    } catch (error) {
      this.#d.logger.error('an upgrade failed', { error })
      socket.destroy()
    }
  }

  /** CONNECT would make a tunnel of us; there is nothing to tunnel to. */
  connect(req: IncomingMessage, socket: Duplex): void {
    socket.on('error', () => socket.destroy())
    const refused: Refused = {
      code: 'BAD_REQUEST',
      reason: 'CONNECT is not served.',
      message: 'This server is no tunnel.',
    }
    this.#record('http', req, refused)
    rawJson(socket, ERRORS[refused.code].status, refusalBody(refused))
  }

  /**
   * An upgrade that was sent before the answer to the request before it: node:http has let go of the connection, and
   * whatever went out now would be taken for that answer. A client has to wait (RFC 6455, 4.1).
   */
  outOfTurn(req: IncomingMessage, socket: Duplex): void {
    const reason = 'The upgrade came before the answer to the request before it.'
    this.#record('websocket', req, { code: 'BAD_REQUEST', reason, message: '' })
    socket.on('error', () => {})
    socket.destroy()
  }

  /** Bytes that are no request, or not soon enough. */
  unreadable(code: 'BAD_REQUEST' | 'HEADERS_TOO_LARGE', status: number, socket: Duplex, reason: string): void {
    const refused: Refused = { code, reason, message: 'This is not a request that can be read.' }
    const entry = { kind: 'http', appKey: null, appId: '', method: '', path: '', requestHeaders: [] } as const
    const exchange = this.#d.recorder.begin(entry)
    exchange.refuse(code, reason, status)
    exchange.end()
    rawJson(socket, status, refusalBody(refused))
  }

  #request(req: IncomingMessage, res: ServerResponse): void {
    const refused = tooManyHeaders(req) ?? oddEncoding(req)
    if (refused !== null) {
      this.#refuse(req, res, refused)
      return
    }
    const to = route(req.rawHeaders, req.url ?? '', this.#d.addresses)
    if (to.to !== 'app' && !req.complete) this.#begun.add(req)
    switch (to.to) {
      case 'app':
        this.#d.entrance.http(req, res, to)
        break
      case 'host':
        req.url = to.path
        this.#d.host.handle(req, res)
        break
      case 'bare':
        this.#bare(req, res, to.path)
        break
      case 'nowhere':
        this.#refuse(req, res, nowhere(to))
        break
    }
  }

  #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const to = route(req.rawHeaders, req.url ?? '', this.#d.addresses)
    const refused = tooManyHeaders(req) ?? (to.to === 'nowhere' ? nowhere(to) : null) ?? notWebSocket(req)
    if (refused !== null || to.to === 'nowhere') {
      this.#refuseSocket(req, socket, refused ?? NOT_FOUND)
    } else if (to.to === 'app') this.#d.entrance.upgrade(req, socket, head, to)
    else if (pathname(to.path) === GATEWAY_PATH) this.#d.webSockets.upgrade(req, socket, head, to)
    else if (pathname(to.path) === VALIDATE_PATH && socket instanceof Socket) this.#validate(req, socket, to.path)
    else this.#refuseSocket(req, socket, NOT_FOUND)
  }

  /**
   * Another proxy asks about a WebSocket and hands on that it is one, as Caddy does (C24). It is a question like any
   * other, and answered as one; nothing is upgraded.
   */
  #validate(req: IncomingMessage, socket: Socket, path: string): void {
    const res = new ServerResponse(req)
    res.shouldKeepAlive = false
    res.assignSocket(socket)
    res.once('finish', () => {
      socket.end()
      linger(socket)
    })
    req.url = path
    this.#d.host.handle(req, res)
  }

  /**
   * The bare domain, whose cookies every server on this machine shares: it answers the gateway, which apps call there,
   * and gives scripts their tokens, where no cookie counts; and it sends page loads to the host's own name (DESIGN, "Addresses and cookies").
   */
  #bare(req: IncomingMessage, res: ServerResponse, path: string): void {
    if (BARE_PATHS.has(pathname(path))) {
      req.url = path
      this.#d.host.handle(req, res)
    } else if (isPageLoad(req.method, req.headers.accept)) {
      // To the root and not to the same path: what is asked for here may be of another server that had this port.
      const to =
        path === '/' || path.startsWith('/_atek/') ? `${this.#d.addresses.host}${path}` : this.#d.addresses.host
      res.writeHead(302, ['Location', to, 'Content-Length', '0', 'Cache-Control', 'no-store'])
      res.end()
    } else this.#answer(req, res, NOT_FOUND.code, NOT_FOUND.message)
  }

  #refuse(req: IncomingMessage, res: ServerResponse, refused: Refused): void {
    this.#record('http', req, refused)
    this.#answer(req, res, refused.code, refused.message)
  }

  #refuseSocket(req: IncomingMessage, socket: Duplex, refused: Refused): void {
    this.#record('websocket', req, refused)
    rawJson(socket, ERRORS[refused.code].status, refusalBody(refused), refused.headers)
  }

  #answer(req: IncomingMessage, res: ServerResponse, code: ErrorCode, message: string): void {
    const body = JSON.stringify(refusalBody({ code, message }))
    const headers = jsonHeaders(Buffer.byteLength(body))
    if (hasBody(req)) headers.push('Connection', 'close')
    res.writeHead(ERRORS[code].status, headers)
    res.end(body)
  }

  #record(kind: 'http' | 'websocket', req: IncomingMessage, refused: Refused): void {
    const exchange = this.#d.recorder.begin({
      kind,
      appKey: null,
      // What was called is not one of our names, so it is in the headers only.
      appId: refused.code === 'NOT_FOUND' ? HOST_LABEL : '',
      method: req.method ?? '',
      path: req.url ?? '',
      requestHeaders: req.rawHeaders,
    })
    exchange.refuse(refused.code, refused.reason, ERRORS[refused.code].status)
    exchange.end()
  }
}

/** What programs call that know the host as `localhost`: not every system resolves names below it. */
const BARE_PATHS = new Set([VALIDATE_PATH, GATEWAY_PATH, TOKEN_PATH, REVOKE_PATH])

const NOT_FOUND: Refused = {
  code: 'NOT_FOUND',
  reason: 'The host has nothing at this path.',
  message: 'There is nothing at this address.',
}

function nowhere(to: Extract<Route, { to: 'nowhere' }>): Refused {
  return { code: to.code, reason: to.reason, message: 'This server does not answer under this name.' }
}

/** node:http would cut the list off silently, and what is cut off would be neither checked nor passed on (A13). */
function tooManyHeaders(req: IncomingMessage): Refused | null {
  if (req.rawHeaders.length / 2 <= LIMITS.headerCount) return null
  const reason = `The request has ${req.rawHeaders.length / 2} headers.`
  return { code: 'HEADERS_TOO_LARGE', reason, message: 'The request has too many headers.' }
}

/**
 * node:http tells about an encoding that it cannot read only after it has handed the request over, and by then it
 * would be on its way to the app (A11).
 */
function oddEncoding(req: IncomingMessage): Refused | null {
  const encoding = headerValue(req.rawHeaders, 'transfer-encoding')
  if (encoding === undefined || encoding.trim().toLowerCase() === 'chunked') return null
  const reason = 'The Transfer-Encoding is not "chunked".'
  return { code: 'BAD_REQUEST', reason, message: 'The request has an encoding that is not served.' }
}

/** Whatever switches protocols leaves HTTP's rules behind, so only the one that we know may, and without a body. */
function notWebSocket(req: IncomingMessage): Refused | null {
  const message = 'Only WebSockets are served here.'
  const upgrade = req.headers.upgrade?.trim().toLowerCase()
  if (req.method !== 'GET' || upgrade !== 'websocket' || req.httpVersion !== '1.1') {
    return { code: 'BAD_REQUEST', reason: `The upgrade is ${req.method} to "${upgrade ?? ''}".`, message }
  }
  if (hasBody(req)) return { code: 'BAD_REQUEST', reason: 'The handshake has a body.', message }
  const fault = handshakeFault(req.rawHeaders)
  return fault === null ? null : { ...fault, message: 'This WebSocket handshake is not one that is served here.' }
}

function pathname(path: string): string {
  const end = path.search(/[?#]/)
  return end === -1 ? path : path.slice(0, end)
}
