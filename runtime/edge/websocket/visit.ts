import type { Duplex } from 'node:stream'
import type { Exchange } from '../../traffic/exchange.ts'
import type { LiveConnections, LiveEnd, LiveEntry } from '../live.ts'
import { isNoPlace, type Share, type Shares } from '../shares.ts'
import type { Entrant, NoPlace, Place, SocketBudget } from '../socket-budget.ts'
import type { WebSocketRelay } from './relay.ts'

/** One WebSocket, from its handshake until its connection is closed. */
export class WebSocketVisit implements LiveEntry, Entrant {
  userKey: string | null = null
  sessionId: string | null = null
  appKey: string | null = null
  caller: { appKey: string; token: string } | null = null
  since: number | null = null
  place: Place | null = null
  readonly #socket: Duplex
  readonly #exchange: Exchange
  readonly #live: LiveConnections
  readonly #gone = new AbortController()
  #relay: WebSocketRelay | null = null
  #budget: SocketBudget | null = null
  #shares: Shares | null = null
  #share: Share | null = null

  constructor(socket: Duplex, exchange: Exchange, live: LiveConnections) {
    this.#socket = socket
    this.#exchange = exchange
    this.#live = live
    socket.once('close', () => {
      live.remove(this)
      this.#budget?.leave(this, true)
      if (this.#share !== null) this.#shares?.leave(this.#share)
      this.#gone.abort()
      exchange.end()
    })
  }

  /** From here on it ends with what it was opened under (C09, C10). */
  open(under: Partial<Pick<LiveEntry, 'userKey' | 'sessionId' | 'appKey' | 'caller'>>): void {
    Object.assign(this, under)
    this.#live.add(this)
  }

  /** @returns null when it is one of what a person, or their apps, may have open; until it is closed */
  takeShare(shares: Shares, share: Share | NoPlace): NoPlace | null {
    if (isNoPlace(share)) return share
    this.#shares = shares
    this.#share = share
    return null
  }

  /** @returns null when there is a connection to the app for it, until it is closed */
  enter(budget: SocketBudget, appKey: string, who: string): NoPlace | null {
    this.#budget = budget
    const outcome = budget.enterWebSocket(this, appKey, who)
    return outcome === 'in' ? null : outcome
  }

  /** It never waits, so it is never told. */
  entered(): void {}
  refused(): void {}

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
