import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { Logger } from '../core/logger.ts'
import type { RequestHandler } from './request-handler.ts'

const ADDRESSES = ['127.0.0.1', '::1'] as const
/** Ports above a taken one that are tried before any free one is taken. */
const NEXT_PORTS = 50

/** The sockets that the host listens on: loopback only, IPv4 and IPv6, strict parsing. */
export class Listener {
  readonly #handler: RequestHandler
  readonly #logger: Logger
  #servers: Server[] = []
  /** The answer that is being given on a connection. */
  readonly #answering = new WeakMap<Duplex, ServerResponse>()
  /** Connections over LIMITS.connections that nothing made room for. */
  readonly #surplus = new WeakSet<Socket>()
  /** Answers that wait behind another on their connection. */
  readonly #waiting = new WeakMap<Duplex, Set<ServerResponse>>()

  constructor(deps: { handler: RequestHandler; logger: Logger }) {
    this.#handler = deps.handler
    this.#logger = deps.logger
  }

  /** @returns the port */
  async listen(port: number): Promise<number> {
    const candidates = port === 0 ? [] : Array.from({ length: NEXT_PORTS + 1 }, (_, i) => port + i)
    for (const candidate of [...candidates.filter((number) => number <= 65_535), 0, 0, 0]) {
      const found = await this.#tryPort(candidate)
      if (found !== null) return found
    }
    throw new AppError('INTERNAL', 'No free port was found on this computer.')
  }

  async close(): Promise<void> {
    const servers = this.#servers
    this.#servers = []
    await Promise.all(servers.map(close))
  }

  async #tryPort(port: number): Promise<number | null> {
    const servers: Server[] = []
    let bound = port
    for (const address of ADDRESSES) {
      const server = this.#create()
      const outcome = await bind(server, address, bound)
      if (typeof outcome === 'number') {
        bound = outcome
        servers.push(server)
      } else if (outcome === 'no-such-address' && servers.length > 0) {
        this.#logger.info(`This computer has no ${address}; listening without it.`)
      } else {
        await Promise.all(servers.map(close))
        return null
      }
    }
    this.#servers = servers
    return bound
  }

  #create(): Server {
    const server = createServer({
      // Strict, whatever NODE_OPTIONS says: leniency in parsing is what request smuggling lives on (A11).
      insecureHTTPParser: false,
      // Checked by the router, together with everything else about the name.
      requireHostHeader: false,
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersTimeout,
      requestTimeout: LIMITS.requestTimeout,
      keepAliveTimeout: LIMITS.keepAliveTimeout,
      connectionsCheckingInterval: LIMITS.connectionCheckEvery,
      noDelay: true,
    })
    // 0 = none: node:http enforces this limit by leaving headers out, so the handler counts for itself.
    server.maxHeadersCount = 0
    const connections = new Set<Socket>()
    const handle = (req: IncomingMessage, res: ServerResponse) => {
      this.#answering.set(req.socket, res)
      if (connections.size > LIMITS.connections && this.#surplus.has(req.socket)) {
        this.#handler.tooBusy(req, res)
        return
      }
      if (res.socket === null) this.#wait(req.socket, res)
      this.#handler.request(req, res)
    }
    server.on('request', handle)
    server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
      // Asked before the body is sent. Whoever reads the body answers this; who refuses never gets it.
      req.once('resume', () => {
        if (!res.headersSent && !res.destroyed) res.writeContinue()
      })
      handle(req, res)
    })
    server.on('connection', (socket: Socket) => this.#connected(socket, connections))
    // Counted no more: whoever holds an upgraded connection is known, and bounded in another way.
    server.on('upgrade', (req, socket, head) => {
      connections.delete(req.socket)
      if (this.#isAnswering(socket)) this.#handler.outOfTurn(req, socket)
      else this.#handler.upgrade(req, socket, head)
    })
    server.on('connect', (req, socket) => {
      connections.delete(req.socket)
      if (this.#isAnswering(socket)) this.#handler.outOfTurn(req, socket)
      else this.#handler.connect(req, socket)
    })
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#clientError(error, socket))
    return server
  }

  /**
   * Any program of this computer can open connections and say nothing, until the host has no file left to open (A45).
   * The oldest one that can be done without makes room, so that whoever has something to ask still can.
   */
  #connected(socket: Socket, connections: Set<Socket>): void {
    connections.add(socket)
    socket.once('close', () => {
      connections.delete(socket)
      this.#leave(socket)
    })
    if (connections.size <= LIMITS.connections) return
    const idle = this.#longestIdle(connections, socket)
    if (idle === null) {
      // Answers are being given on all of them, and none is broken off for a new one: what this one asks is refused.
      this.#surplus.add(socket)
      return
    }
    connections.delete(idle)
    idle.destroy()
  }

  /**
   * Of those that have never asked anything, or else of those between two requests, or else of those on which a call of
   * the host itself does not come to its end: what is sent there byte by byte is asked by nobody that is known yet. All
   * come from one address.
   */
  #longestIdle(connections: Set<Socket>, newest: Socket): Socket | null {
    let between: Socket | null = null
    let unfinished: Socket | null = null
    for (const socket of connections) {
      if (socket === newest) continue
      const answering = this.#answering.get(socket)
      if (answering === undefined) return socket
      if (!this.#isAnswering(socket)) between ??= socket
      else if (!answering.headersSent && this.#handler.isUnfinished(answering.req)) unfinished ??= socket
    }
    return between ?? unfinished
  }

  #isAnswering(socket: Duplex): boolean {
    const answering = this.#answering.get(socket)
    return answering !== undefined && !answering.writableFinished && !answering.destroyed
  }

  #wait(socket: Duplex, res: ServerResponse): void {
    let waiting = this.#waiting.get(socket)
    if (waiting === undefined) {
      waiting = new Set()
      this.#waiting.set(socket, waiting)
    }
    const set = waiting
    set.add(res)
    res.once('socket', () => set.delete(res))
  }

  /**
   * node:http tells only the answer that is being written that its connection is gone. Those behind it would wait for
   * ever, and each would hold a connection to its app, until the app had none left (A45).
   */
  #leave(socket: Duplex): void {
    for (const res of this.#waiting.get(socket) ?? []) {
      res.destroy()
      res.emit('close')
    }
    this.#waiting.delete(socket)
  }

  #clientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    const answering = this.#answering.get(socket)
    // In the middle of an answer, or before an earlier one, another would be read as a part of it.
    const busy =
      answering !== undefined && !answering.writableFinished && (answering.headersSent || answering.socket !== socket)
    if (socket.destroyed || !socket.writable || busy || error.code === 'ECONNRESET' || error.code === 'EPIPE') {
      socket.destroy()
      return
    }
    if (answering?.writableEnded && !answering.req.complete) {
      // The fault is in the body of a request that has its answer already: no second one.
      socket.end()
      return
    }
    socket.on('error', () => socket.destroy())
    const reason = `The request could not be read (${error.code ?? 'unknown'}).`
    if (error.code === 'HPE_HEADER_OVERFLOW') this.#handler.unreadable('HEADERS_TOO_LARGE', 431, socket, reason)
    else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') this.#handler.unreadable('BAD_REQUEST', 408, socket, reason)
    else this.#handler.unreadable('BAD_REQUEST', 400, socket, reason)
  }
}

type BindOutcome = number | 'taken' | 'no-such-address'

function bind(server: Server, host: string, port: number): Promise<BindOutcome> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      // EACCES: a port that this user may not take is as good as taken.
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve('taken')
      else if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve('no-such-address')
      else reject(error)
    }
    server.once('error', onError)
    server.listen({ host, port, ipv6Only: host.includes(':') }, () => {
      server.off('error', onError)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
