import type { ServerResponse } from 'node:http'
import type { Exchange } from '../traffic/exchange.ts'
import type { LiveConnections, LiveEnd, LiveEntry } from './live.ts'

/** One HTTP request at an app's address, from its beginning until its answer has gone out or broken off. */
export class Visit implements LiveEntry {
  userKey: string | null = null
  sessionId: string | null = null
  appKey: string | null = null
  readonly caller = null
  since: number | null = null
  readonly #res: ServerResponse
  readonly #exchange: Exchange
  readonly #live: LiveConnections
  #call: { abort(): void } | null = null
  #gone: AbortController | null = null

  constructor(res: ServerResponse, exchange: Exchange, live: LiveConnections) {
    this.#res = res
    this.#exchange = exchange
    this.#live = live
    res.on('close', () => this.#closed())
    res.on('error', () => res.destroy())
  }

  /** From here on it ends with this session, and with the right to this app (C09, C10). */
  open(userKey: string, sessionId: string, appKey: string): void {
    this.userKey = userKey
    this.sessionId = sessionId
    this.appKey = appKey
    this.#live.add(this)
  }

  forwarding(call: { abort(): void }): void {
    this.#call = call
    if (this.#res.destroyed) call.abort()
  }

  /** Aborted when the caller has gone. Made only where something has to wait. */
  signal(): AbortSignal {
    this.#gone ??= new AbortController()
    return this.#gone.signal
  }

  close(end: LiveEnd): void {
    this.#exchange.abort(end.reason)
    this.#res.destroy()
  }

  #closed(): void {
    if (this.userKey !== null) this.#live.remove(this)
    if (this.#res.writableFinished) {
      this.#exchange.end()
      return
    }
    this.#gone?.abort()
    this.#call?.abort()
    this.#exchange.abort('The caller left before the answer was whole.')
  }
}
