import type { Duplex } from 'node:stream'
import type { Exchange } from '../../traffic/exchange.ts'
import type { LiveConnections, LiveEnd, LiveEntry } from '../live.ts'
import type { WebSocketRelay } from './relay.ts'

/** One WebSocket, from its handshake until its connection is closed. */
export class WebSocketVisit implements LiveEntry {
  userKey: string | null = null
  sessionId: string | null = null
  appKey: string | null = null
  caller: { appKey: string; token: string } | null = null
  since: number | null = null
  readonly #socket: Duplex
  readonly #exchange: Exchange
  readonly #live: LiveConnections
  readonly #gone = new AbortController()
  #relay: WebSocketRelay | null = null

  constructor(socket: Duplex, exchange: Exchange, live: LiveConnections) {
    this.#socket = socket
    this.#exchange = exchange
    this.#live = live
    socket.once('close', () => {
      live.remove(this)
      this.#gone.abort()
      exchange.end()
    })
  }

  /** From here on it ends with what it was opened under (C09, C10). */
  open(under: Partial<Pick<LiveEntry, 'userKey' | 'sessionId' | 'appKey' | 'caller'>>): void {
    Object.assign(this, under)
    this.#live.add(this)
  }

  joined(relay: WebSocketRelay): void {
    this.#relay = relay
  }

  /** Aborted when the client has gone. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  close(end: LiveEnd): void {
    if (this.#relay !== null) {
      this.#relay.close(end)
      return
    }
    // In the middle of the handshake there is nothing yet that a close frame could close.
    this.#exchange.abort(end.reason)
    this.#socket.destroy()
  }
}
