import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { answerError } from './client-errors.ts'
import { type AppTarget, isOrigin, type UpgradeAnswer, type UpgradeRequest } from './types.ts'

/** Requests to switch protocols at one target, each on a connection of its own, and what became of them. */
export class UpgradeRequests {
  readonly #target: AppTarget
  readonly #ca: string[] | undefined
  readonly #connections = new Set<Duplex>()

  /** @param ca certificate authorities, as PEM, for an https target */
  constructor(target: AppTarget, ca?: string[]) {
    this.#target = target
    this.#ca = ca
  }

  /** As AppTransport.upgrade. */
  send(request: UpgradeRequest, signal: AbortSignal): Promise<UpgradeAnswer> {
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

  /** Ends every connection that switched. */
  close(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  #track(connection: Duplex): void {
    this.#connections.add(connection)
    connection.once('close', () => this.#connections.delete(connection))
  }
}
