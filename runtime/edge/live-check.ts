import { mayOpen } from '../apps/app-rights.ts'
import type { Apps } from '../apps/apps.ts'
import { LIMITS } from '../contract/limits.ts'
import type { Clock } from '../core/clock.ts'
import { type Disposable, DisposableStore } from '../core/disposable.ts'
import type { Identity } from '../identity/identity.ts'
import type { LiveConnections, LiveEnd, LiveEntry } from './live.ts'
import { CLOSE } from './websocket/close-codes.ts'

export const SESSION_OVER: LiveEnd = { code: CLOSE.SESSION_OVER, reason: 'The session ended.' }
const TOO_LONG: LiveEnd = { code: CLOSE.SESSION_OVER, reason: 'It was open for a day. Connect again.' }
const NO_ACCESS: LiveEnd = { code: CLOSE.GOING_AWAY, reason: 'The app is not there any more, or not for this user.' }
const CALLER_STOPPED: LiveEnd = { code: CLOSE.GOING_AWAY, reason: 'The calling app was stopped.' }

/**
 * Ends what is open when what it was opened under has ended: at once where something says so (C09), and within
 * LIMITS.liveCheckEvery where nothing does, as when a session expires; and everything after LIMITS.liveBound (C10).
 * One timer for all of them.
 */
export class LiveCheck implements Disposable {
  readonly #live: LiveConnections
  readonly #identity: Identity
  readonly #apps: Apps
  readonly #clock: Clock
  readonly #held = new DisposableStore()

  constructor(deps: { live: LiveConnections; identity: Identity; apps: Apps; clock: Clock }) {
    const { live, identity, apps, clock } = deps
    this.#live = live
    this.#identity = identity
    this.#apps = apps
    this.#clock = clock
    this.#held.add(
      identity.ended.on(({ userKey, sessionIds }) => live.closeSessions(userKey, sessionIds, SESSION_OVER)),
    )
    this.#held.add(apps.changed.on(({ key }) => this.#appChanged(key)))
    this.#held.add(apps.removed.on(({ key }) => this.#appChanged(key)))
    this.#held.add(clock.every(LIMITS.liveCheckEvery, () => this.#sweep()))
  }

  dispose(): void {
    this.#held.dispose()
  }

  #sweep(): void {
    // Many connections of one session need one look at it. Looking is no use of the session: an open page that
    // nobody looks at does not keep a person signed in (C04).
    const sessions = new Map<string, boolean>()
    const stands = (id: string) => {
      let found = sessions.get(id)
      if (found === undefined) {
        found = this.#stands(id)
        sessions.set(id, found)
      }
      return found
    }
    this.#live.sweep(this.#clock.monotonic(), LIMITS.liveBound, TOO_LONG, (entry) => {
      if (entry.sessionId !== null && !stands(entry.sessionId)) return SESSION_OVER
      return this.#lost(entry)
    })
  }

  /** A session's ID, or that of the API token that an access token came from (C05). */
  #stands(id: string): boolean {
    const { sessions, apiTokens } = this.#identity
    if (sessions.byId(id) !== null) return true
    const token = apiTokens.byId(id)
    return token !== null && token.expiresAt > this.#clock.now()
  }

  #appChanged(key: string): void {
    this.#live.closeWhere((entry) => (entry.appKey === key || entry.caller?.appKey === key ? this.#lost(entry) : null))
  }

  #lost({ userKey, appKey, caller }: LiveEntry): LiveEnd | null {
    if (caller !== null && this.#identity.serviceTokens.current(caller.appKey) !== caller.token) return CALLER_STOPPED
    if (appKey === null) return null
    const app = this.#apps.get(appKey)
    return app === null || (userKey !== null && !mayOpen(userKey, app.owner)) ? NO_ACCESS : null
  }
}
