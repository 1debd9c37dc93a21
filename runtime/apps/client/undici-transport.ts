import { type Dispatcher, Pool } from 'undici'
import { LIMITS } from '../../contract/limits.ts'
import { systemAuthorities } from '../upstream/authorities.ts'
import { answerError } from './client-errors.ts'
import type { AnswerHandler, AppCall, AppRequest, AppTransport, UpgradeAnswer, UpgradeRequest } from './types.ts'
import { UpgradeRequests } from './upgrade-request.ts'

/** Idle connections are let go before a Node app would close them (5 s), so that no request meets a closing one. */
const IDLE_CONNECTION = 4000

/** undici's pool of connections to one origin, for apps that live elsewhere. */
export class UndiciTransport implements AppTransport {
  readonly #pool: Pool
  readonly #upgrades: UpgradeRequests

  /**
   * @param origin like `https://wiki.example.org`
   * @param authorities certificate authorities, as PEM; those of the system unless told
   */
  constructor(origin: string, authorities?: readonly string[]) {
    // Certificates are always checked: who can pose as the app would be told who everybody is (C23).
    const ca = origin.startsWith('https:') ? [...(authorities ?? systemAuthorities())] : undefined
    this.#upgrades = new UpgradeRequests(origin, ca)
    const timeout = LIMITS.upstreamConnectTimeout
    this.#pool = new Pool(origin, {
      connect: ca === undefined ? { timeout } : { timeout, ca },
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
    return this.#upgrades.send(request, signal)
  }

  async close(): Promise<void> {
    this.#upgrades.close()
    await this.#pool.destroy().catch(() => {})
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
