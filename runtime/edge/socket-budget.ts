import { LIMITS } from '../contract/limits.ts'
import type { Clock } from '../core/clock.ts'
import type { Disposable } from '../core/disposable.ts'

/** Why there is no place; the texts are sentences. */
export interface NoPlace {
  code: 'RATE_LIMITED' | 'TOO_BUSY'
  /** For the caller. */
  message: string
  /** In exact words, for the record. */
  reason: string
}

/** Something that takes up a connection to an app, from `enter` until `leave`. */
export interface Entrant {
  /** Kept by SocketBudget. */
  place: Place | null
  /** There is room after all; called once, and only after `enter` said "wait". */
  entered(): void
  /** There was none in time. Nothing is to be left then. */
  refused(why: NoPlace): void
}

export interface Place {
  readonly app: AppPlaces
  readonly who: string
  /** Runs while it waits. */
  timer: Disposable | null
}

interface AppPlaces {
  readonly key: string
  taken: number
  readonly byWho: Map<string, number>
  /** In the order in which their turn comes; nobody without a waiting one is in it. */
  readonly waiting: Map<string, Entrant[]>
  waitingCount: number
}

export interface BudgetLimits {
  perApp: number
  perWho: number
  waitingPerApp: number
  waitingPerWho: number
  wait: number
  webSockets: number
}

const DEFAULTS: BudgetLimits = {
  perApp: LIMITS.socketsPerApp,
  perWho: LIMITS.socketsPerUserAndApp,
  waitingPerApp: LIMITS.waitingPerApp,
  waitingPerWho: LIMITS.waitingPerUserAndApp,
  wait: LIMITS.socketWait,
  webSockets: LIMITS.webSockets,
}

/**
 * How many connections to an app are taken up, and by whom (A45). An event stream or a WebSocket keeps its place for
 * as long as it is open; were there one bound only for all, one person's open tabs, or one script, would keep everybody
 * else out. What finds no place waits for a while, and those who wait take turns by person, not by request.
 */
export class SocketBudget {
  readonly #clock: Clock
  readonly #limits: BudgetLimits
  readonly #apps = new Map<string, AppPlaces>()
  #webSockets = 0

  constructor(deps: { clock: Clock; limits?: Partial<BudgetLimits> | undefined }) {
    this.#clock = deps.clock
    this.#limits = { ...DEFAULTS, ...deps.limits }
  }

  /**
   * @param who a key of the user or app that the place is counted for
   * @returns `in` when there is a place, `wait` when it has to wait for one
   */
  enter(entrant: Entrant, appKey: string, who: string): 'in' | 'wait' | NoPlace {
    const app = this.#app(appKey)
    const own = app.byWho.get(who) ?? 0
    if (own < this.#limits.perWho && app.taken < this.#limits.perApp) {
      entrant.place = { app, who, timer: null }
      take(app, who, own)
      return 'in'
    }
    const queue = app.waiting.get(who)
    if ((queue?.length ?? 0) >= this.#limits.waitingPerWho || app.waitingCount >= this.#limits.waitingPerApp) {
      return this.#noPlace(app, who, 'and as many as may wait do')
    }
    const timer = this.#clock.after(this.#limits.wait, () => {
      this.#unqueue(app, who, entrant)
      entrant.refused(this.#noPlace(app, who, `and none became free within ${this.#limits.wait / 1000} s`))
    })
    entrant.place = { app, who, timer }
    app.waitingCount++
    if (queue === undefined) app.waiting.set(who, [entrant])
    else queue.push(entrant)
    return 'wait'
  }

  /** As `enter` for a WebSocket, which does not wait: whoever keeps its place for hours would wait for hours. */
  enterWebSocket(entrant: Entrant, appKey: string, who: string): 'in' | NoPlace {
    const app = this.#app(appKey)
    const own = app.byWho.get(who) ?? 0
    if (own >= this.#limits.perWho || app.taken >= this.#limits.perApp) return this.#noPlace(app, who, '')
    if (this.#webSockets >= this.#limits.webSockets) {
      const message = 'Too many WebSockets are open. Try again later.'
      return { code: 'TOO_BUSY', message, reason: `The host has ${this.#webSockets} WebSockets open.` }
    }
    entrant.place = { app, who, timer: null }
    take(app, who, own)
    this.#webSockets++
    return 'in'
  }

  /** Gives its place free, or up its waiting. May be called at any time and again. */
  leave(entrant: Entrant, webSocket = false): void {
    const { place } = entrant
    if (place === null) return
    if (place.timer !== null) {
      this.#unqueue(place.app, place.who, entrant)
      return
    }
    entrant.place = null
    const { app, who } = place
    if (webSocket) this.#webSockets--
    app.taken--
    const own = (app.byWho.get(who) ?? 1) - 1
    if (own === 0) app.byWho.delete(who)
    else app.byWho.set(who, own)
    if (app.waitingCount > 0) this.#next(app)
    else if (app.taken === 0) this.#apps.delete(app.key)
  }

  /** Places that are taken up; for tests and figures. */
  taken(appKey: string): number {
    return this.#apps.get(appKey)?.taken ?? 0
  }

  #next(app: AppPlaces): void {
    for (const [who, queue] of app.waiting) {
      const own = app.byWho.get(who) ?? 0
      if (own >= this.#limits.perWho) continue
      const entrant = queue.shift()
      // Behind everybody else's turn.
      app.waiting.delete(who)
      if (queue.length > 0) app.waiting.set(who, queue)
      if (entrant === undefined || entrant.place === null) continue
      entrant.place.timer?.dispose()
      entrant.place.timer = null
      app.waitingCount--
      take(app, who, own)
      entrant.entered()
      return
    }
  }

  #unqueue(app: AppPlaces, who: string, entrant: Entrant): void {
    entrant.place?.timer?.dispose()
    entrant.place = null
    const queue = app.waiting.get(who)
    const index = queue?.indexOf(entrant) ?? -1
    if (queue === undefined || index === -1) return
    queue.splice(index, 1)
    app.waitingCount--
    if (queue.length === 0) app.waiting.delete(who)
  }

  #app(key: string): AppPlaces {
    let app = this.#apps.get(key)
    if (app === undefined) {
      app = { key, taken: 0, byWho: new Map(), waiting: new Map(), waitingCount: 0 }
      this.#apps.set(key, app)
    }
    return app
  }

  #noPlace(app: AppPlaces, who: string, then: string): NoPlace {
    const own = app.byWho.get(who) ?? 0
    const end = then === '' ? '.' : `, ${then}.`
    if (own >= this.#limits.perWho) {
      const message = 'You have too many connections to this app open. Close some of its pages and try again.'
      return { code: 'RATE_LIMITED', message, reason: `The caller takes up ${own} connections to the app${end}` }
    }
    const message = 'This app has as many connections open as it may have. Try again later.'
    return { code: 'TOO_BUSY', message, reason: `The app’s ${app.taken} connections are taken${end}` }
  }
}

function take(app: AppPlaces, who: string, own: number): void {
  app.taken++
  app.byWho.set(who, own + 1)
}
