import type { ServerResponse } from 'node:http'
import type { Exchange } from '../traffic/exchange.ts'
import type { LiveConnections, LiveEnd, LiveEntry } from './live.ts'
import { isNoPlace, type Share, type Shares } from './shares.ts'
import type { Entrant, NoPlace, Place, SocketBudget } from './socket-budget.ts'

/** One HTTP request at an app's address, from its beginning until its answer has gone out or broken off. */
export class Visit implements LiveEntry, Entrant {
  userKey: string | null = null
  sessionId: string | null = null
  appKey: string | null = null
  readonly caller = null
  since: number | null = null
  place: Place | null = null
  readonly #res: ServerResponse
  readonly #exchange: Exchange
  readonly #live: LiveConnections
  #call: { abort(): void } | null = null
  #gone: AbortController | null = null
  #budget: SocketBudget | null = null
  #shares: Shares | null = null
  #share: Share | null = null
  #go: () => void = () => {}
  #noPlace: (why: NoPlace) => void = () => {}

  constructor(res: ServerResponse, exchange: Exchange, live: LiveConnections) {
    this.#res = res
    this.#exchange = exchange
    this.#live = live
    res.on('close', () => this.#closed())
    res.on('error', () => res.destroy())
  }

  /**
   * From here on it ends with this session, and with the right to this app (C09, C10).
   * @returns null when it is one of what the person may have open
   */
  open(userKey: string, sessionId: string, appKey: string, shares: Shares): NoPlace | null {
    const share = shares.enterPerson(userKey)
    if (isNoPlace(share)) return share
    this.#shares = shares
    this.#share = share
    this.userKey = userKey
    this.sessionId = sessionId
    this.appKey = appKey
    this.#live.add(this)
    return null
  }

  /** Runs `go` once there is a connection to the app for it, at once or later, or `noPlace`. After `open`. */
  enter(budget: SocketBudget, go: () => void, noPlace: (why: NoPlace) => void): void {
    this.#budget = budget
    const outcome = budget.enter(this, this.appKey ?? '', this.userKey ?? '')
    if (outcome === 'in') go()
    else if (outcome === 'wait') {
      this.#go = go
      this.#noPlace = noPlace
    } else noPlace(outcome)
  }

  entered(): void {
    this.#go()
  }

  refused(why: NoPlace): void {
    this.#noPlace(why)
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
    this.#budget?.leave(this)
    if (this.#share !== null) this.#shares?.leave(this.#share)
    if (this.#res.writableFinished) {
      this.#exchange.end()
      return
    }
    this.#gone?.abort()
    this.#call?.abort()
    this.#exchange.abort('The caller left before the answer was whole.')
  }
}
