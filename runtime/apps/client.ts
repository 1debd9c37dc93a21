import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import { type Dispatcher, Pool } from 'undici'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { answerError } from './client-errors.ts'

/** A request as the app gets it. `headers` are raw (name, value, name, value …) and without any that frame the body. */
export interface AppRequest {
  method: string
  /** Origin form: starts with `/`. */
  path: string
  headers: string[]
  /** With a stream, `Content-Length` in the headers says its length; without one it goes out chunked. */
  body: Readable | Buffer | null
}

/** Told of one answer: `head`, any number of `data`, then `end`; or `error` at any point, and nothing after it. */
export interface AnswerHandler {
  head(status: number, statusText: string, headers: string[]): void
  /** False pauses the answer until `AppCall.resume`. */
  data(chunk: Buffer): boolean
  end(): void
  /** APP_UNREACHABLE, APP_BAD_ANSWER, APP_TIMEOUT, BAD_REQUEST. */
  error(error: AppError): void
}

export interface AppCall {
  resume(): void
  /** Breaks the request off; the handler hears nothing more. */
  abort(): void
}

export type UpgradeAnswer =
  | { upgraded: true; headers: string[]; socket: Duplex; head: Buffer }
  /** The app did not switch protocols and answered like any request. */
  | { upgraded: false; status: number; statusText: string; headers: string[]; body: IncomingMessage }

/** Idle connections are let go before a Node app would close them (5 s), so that no request meets a closing one. */
const IDLE_CONNECTION = 4000

/**
 * Requests to apps, over their Unix sockets. One pool of connections per app; an app that was started anew listens on
 * a socket that may have another name, so the pool is bound to the path that it was made for.
 */
export class AppClient {
  readonly #socketPath: (appKey: string) => string | null
  readonly #pools = new Map<string, { path: string; pool: Pool }>()
  readonly #upgraded = new Map<string, Set<Duplex>>()

  constructor(deps: { socketPath(appKey: string): string | null }) {
    this.#socketPath = deps.socketPath
  }

  /** Whether the app runs, as far as its socket tells. */
  reachable(appKey: string): boolean {
    return this.#socketPath(appKey) !== null
  }

  /** Sends one request. Never throws: everything that goes wrong is told to the handler, later than this returns. */
  dispatch(appKey: string, request: AppRequest, handler: AnswerHandler): AppCall {
    let controller: Dispatcher.DispatchController | null = null
    let over = false
    const fail = (error: unknown) => {
      if (over) return
      over = true
      handler.error(answerError(error))
    }
    const pool = this.#pool(appKey)
    if (pool === null) {
      queueMicrotask(() => fail(notRunning()))
      return { resume() {}, abort: () => (over = true) }
    }
    try {
      pool.dispatch(
        {
          method: request.method as Dispatcher.HttpMethod,
          path: request.path,
          headers: request.headers,
          body: request.body,
        },
        {
          onRequestStart(started) {
            controller = started
            if (over) started.abort(new Error('The caller has gone.'))
          },
          onResponseStart(started, status, _headers, statusText) {
            // Interim answers (100, 103) concern one hop; the caller gets the final one.
            if (over || status < 200) return
            handler.head(status, statusText ?? '', rawStrings(started.rawHeaders))
          },
          onResponseData(started, chunk) {
            if (!over && !handler.data(chunk)) started.pause()
          },
          // Trailers of the answer are dropped: no header rule here has seen them.
          onResponseEnd() {
            if (over) return
            over = true
            handler.end()
          },
          onResponseError: (_started, error) => fail(error),
        },
      )
    } catch (error) {
      queueMicrotask(() => fail(error))
    }
    return {
      resume: () => controller?.resume(),
      abort() {
        if (over) return
        over = true
        controller?.abort(new Error('The caller has gone.'))
      },
    }
  }

  /**
   * A request whose answer is taken whole, for JSON-RPC.
   * @param maxBytes longer answers reject with APP_BAD_ANSWER
   */
  request(
    appKey: string,
    request: AppRequest,
    options: { maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<{ status: number; headers: string[]; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const { maxBytes, signal } = options
      const cancelled = () => new AppError('CANCELLED', 'The call was cancelled.')
      if (signal?.aborted) return reject(cancelled())
      let status = 0
      let headers: string[] = []
      const chunks: Buffer[] = []
      let size = 0
      const onAbort = () => {
        call.abort()
        reject(cancelled())
      }
      const done = () => signal?.removeEventListener('abort', onAbort)
      const call = this.dispatch(appKey, request, {
        head(answered, _text, rawHeaders) {
          status = answered
          headers = rawHeaders
        },
        data(chunk) {
          size += chunk.length
          if (size > maxBytes) {
            done()
            call.abort()
            reject(new AppError('APP_BAD_ANSWER', `The app answered with more than ${maxBytes} bytes.`))
            return true
          }
          chunks.push(chunk)
          return true
        },
        end() {
          done()
          resolve({ status, headers, body: Buffer.concat(chunks, size) })
        },
        error(error) {
          done()
          reject(error)
        },
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /**
   * Asks the app to switch protocols; `headers` hold `Connection` and `Upgrade`. The connection is the caller's from
   * then on, and is destroyed with the app. Rejects like `AnswerHandler.error`, and with CANCELLED.
   */
  upgrade(appKey: string, request: { path: string; headers: string[] }, signal: AbortSignal): Promise<UpgradeAnswer> {
    return new Promise((resolve, reject) => {
      const socketPath = this.#socketPath(appKey)
      if (socketPath === null) return reject(notRunning())
      const outgoing = httpRequest({
        socketPath,
        method: 'GET',
        path: request.path,
        headers: request.headers,
        // A connection of its own: it never goes back to a pool.
        agent: false,
        maxHeaderSize: LIMITS.headerBytes,
        insecureHTTPParser: false,
        timeout: LIMITS.appHeadersTimeout,
      })
      const onAbort = () => outgoing.destroy(new AppError('CANCELLED', 'The call was cancelled.'))
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      const settled = () => signal.removeEventListener('abort', onAbort)
      outgoing.on('timeout', () => outgoing.destroy(new AppError('APP_TIMEOUT', 'The app did not answer in time.')))
      outgoing.on('error', (error) => {
        settled()
        reject(answerError(error))
      })
      outgoing.on('response', (body) => {
        settled()
        this.#track(appKey, body.socket)
        const { statusCode = 502, statusMessage = '', rawHeaders } = body
        resolve({ upgraded: false, status: statusCode, statusText: statusMessage, headers: rawHeaders, body })
      })
      outgoing.on('upgrade', (response, socket, head) => {
        settled()
        socket.setTimeout(0)
        this.#track(appKey, socket)
        resolve({ upgraded: true, headers: response.rawHeaders, socket, head })
      })
      outgoing.end()
    })
  }

  /** Ends every connection to the app, at once. */
  closeApp(appKey: string): void {
    const entry = this.#pools.get(appKey)
    this.#pools.delete(appKey)
    entry?.pool.destroy().catch(() => {})
    const sockets = this.#upgraded.get(appKey)
    this.#upgraded.delete(appKey)
    if (sockets !== undefined) for (const socket of sockets) socket.destroy()
  }

  async dispose(): Promise<void> {
    const pools = [...this.#pools.values()]
    for (const appKey of new Set([...this.#pools.keys(), ...this.#upgraded.keys()])) this.closeApp(appKey)
    await Promise.allSettled(pools.map(({ pool }) => pool.destroy()))
  }

  #pool(appKey: string): Pool | null {
    const path = this.#socketPath(appKey)
    const entry = this.#pools.get(appKey)
    if (path === null || (entry !== undefined && entry.path !== path)) {
      this.#pools.delete(appKey)
      entry?.pool.destroy().catch(() => {})
    }
    if (path === null) return null
    if (entry?.path === path) return entry.pool
    const pool = new Pool('http://app.invalid', {
      connect: { socketPath: path },
      connections: LIMITS.socketsPerApp,
      // One request at a time on a connection: an answer can only belong to the request before it.
      pipelining: 1,
      headersTimeout: LIMITS.appHeadersTimeout,
      bodyTimeout: LIMITS.appBodyTimeout,
      keepAliveTimeout: IDLE_CONNECTION,
      maxHeaderSize: LIMITS.headerBytes,
      strictContentLength: true,
    })
    this.#pools.set(appKey, { path, pool })
    return pool
  }

  #track(appKey: string, socket: Duplex): void {
    let sockets = this.#upgraded.get(appKey)
    if (sockets === undefined) {
      sockets = new Set()
      this.#upgraded.set(appKey, sockets)
    }
    const set = sockets
    set.add(socket)
    socket.once('close', () => set.delete(socket))
  }
}

function notRunning(): AppError {
  return new AppError('APP_UNREACHABLE', 'The app is not running.')
}

/** undici hands raw headers over as buffers; header bytes are latin1 (RFC 9110, 5.5), as node:http has them. */
function rawStrings(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return []
  const strings = new Array<string>(raw.length)
  for (let i = 0; i < raw.length; i++) {
    const item = raw[i]
    strings[i] = typeof item === 'string' ? item : (item?.toString('latin1') ?? '')
  }
  return strings
}
