import { AppError } from '../../contract/errors.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import { SocketTransport } from './socket-transport.ts'
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
import { UndiciTransport } from './undici-transport.ts'

/**
 * Requests to apps, wherever they listen. One transport per app; an app that was started anew listens on a socket that
 * may have another name, so a transport is bound to the target that it was made for.
 */
export class AppClient {
  readonly #clock: Clock
  readonly #target: (appKey: string) => AppTarget | null
  readonly #authorities: readonly string[] | undefined
  readonly #transports = new Map<string, { target: AppTarget; transport: AppTransport }>()

  /**
   * @param deps.target where an app listens; null while it does not
   * @param deps.authorities certificate authorities for https targets; those of the system unless told
   */
  constructor(deps: {
    target(appKey: string): AppTarget | null
    authorities?: readonly string[] | undefined
    clock?: Clock
  }) {
    this.#target = deps.target
    this.#authorities = deps.authorities
    this.#clock = deps.clock ?? systemClock
  }

  /** Whether the app listens, as far as its target tells. */
  reachable(appKey: string): boolean {
    return this.#target(appKey) !== null
  }

  /** Sends one request. Never throws: everything that goes wrong is told to the handler, later than this returns. */
  dispatch(appKey: string, request: AppRequest, handler: AnswerHandler): AppCall {
    const transport = this.#transport(appKey)
    if (transport !== null) return transport.dispatch(request, handler)
    let over = false
    queueMicrotask(() => {
      if (!over) handler.error(notRunning())
    })
    return {
      resume() {},
      abort() {
        over = true
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
  upgrade(appKey: string, request: UpgradeRequest, signal: AbortSignal): Promise<UpgradeAnswer> {
    const transport = this.#transport(appKey)
    return transport === null ? Promise.reject(notRunning()) : transport.upgrade(request, signal)
  }

  /** Ends every connection to the app, at once. */
  closeApp(appKey: string): void {
    void this.#close(appKey)
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#transports.keys()].map((appKey) => this.#close(appKey)))
  }

  #transport(appKey: string): AppTransport | null {
    const target = this.#target(appKey)
    const entry = this.#transports.get(appKey)
    if (entry !== undefined) {
      if (entry.target === target) return entry.transport
      this.closeApp(appKey)
    }
    if (target === null) return null
    const transport = isOrigin(target)
      ? new UndiciTransport(target, this.#authorities)
      : new SocketTransport(target, this.#clock)
    this.#transports.set(appKey, { target, transport })
    return transport
  }

  async #close(appKey: string): Promise<void> {
    const entry = this.#transports.get(appKey)
    this.#transports.delete(appKey)
    await entry?.transport.close()
  }
}

function notRunning(): AppError {
  return new AppError('APP_UNREACHABLE', 'The app is not running.')
}
