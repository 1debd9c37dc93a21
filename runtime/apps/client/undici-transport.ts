import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { type Dispatcher, Pool } from 'undici'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { systemAuthorities } from '../upstream/authorities.ts'
import { answerError } from './client-errors.ts'
import {
  type AnswerHandler,
  type AppCall,
  type AppRequest,
  type AppTarget,
  type AppTransport,
  isOrigin,
  type UpgradeAnswer,
  type UpgradeRequest,
} from './types.ts'

/** Idle connections are let go before a Node app would close them (5 s), so that no request meets a closing one. */
const IDLE_CONNECTION = 4000

/** undici's pool of connections to one socket or origin. */
export class UndiciTransport implements AppTransport {
  readonly #target: AppTarget
  readonly #ca: string[] | undefined
  readonly #pool: Pool
  readonly #upgraded = new Set<Duplex>()

  /** @param authorities certificate authorities, as PEM; those of the system unless told */
  constructor(target: AppTarget, authorities?: readonly string[]) {
    this.#target = target
    // Certificates are always checked: who can pose as the app would be told who everybody is (C23).
    this.#ca = target.startsWith('https:') ? [...(authorities ?? systemAuthorities())] : undefined
    const timeout = LIMITS.upstreamConnectTimeout
    const [origin, connect] = isOrigin(target)
      ? [target, this.#ca === undefined ? { timeout } : { timeout, ca: this.#ca }]
      : ['http://app.invalid', { socketPath: target }]
    this.#pool = new Pool(origin, {
      connect,
      connections: LIMITS.socketsPerApp,
      // One request at a time on a connection: an answer can only belong to the request before it.
      pipelining: 1,
      headersTimeout: LIMITS.appHeadersTimeout,
      bodyTimeout: LIMITS.appBodyTimeout,
      keepAliveTimeout: IDLE_CONNECTION,
      maxHeaderSize: LIMITS.headerBytes,
      strictContentLength: true,
    })
  }

  dispatch(request: AppRequest, handler: AnswerHandler): AppCall {
    let controller: Dispatcher.DispatchController | null = null
    let over = false
    const fail = (error: unknown) => {
      if (over) return
      over = true
      handler.error(answerError(error))
    }
    try {
      this.#pool.dispatch(
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

  upgrade(request: UpgradeRequest, signal: AbortSignal): Promise<UpgradeAnswer> {
    return new Promise((resolve, reject) => {
      const options = {
        method: 'GET',
        path: request.path,
        headers: request.headers,
        // A connection of its own: it never goes back to a pool.
        agent: false,
        maxHeaderSize: LIMITS.headerBytes,
        insecureHTTPParser: false,
        timeout: LIMITS.appHeadersTimeout,
      }
      const target = this.#target
      const outgoing = !isOrigin(target)
        ? httpRequest({ ...options, socketPath: target })
        : this.#ca === undefined
          ? httpRequest(target, options)
          : httpsRequest(target, { ...options, ca: this.#ca })
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
        this.#track(body.socket)
        const { statusCode = 502, statusMessage = '', rawHeaders } = body
        resolve({ upgraded: false, status: statusCode, statusText: statusMessage, headers: rawHeaders, body })
      })
      outgoing.on('upgrade', (response, socket, head) => {
        settled()
        socket.setTimeout(0)
        this.#track(socket)
        resolve({ upgraded: true, headers: response.rawHeaders, socket, head })
      })
      outgoing.end()
    })
  }

  async close(): Promise<void> {
    for (const socket of this.#upgraded) socket.destroy()
    await this.#pool.destroy().catch(() => {})
  }

  #track(socket: Duplex): void {
    this.#upgraded.add(socket)
    socket.once('close', () => this.#upgraded.delete(socket))
  }
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
