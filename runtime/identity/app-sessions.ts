import { AppError } from '../contract/errors.ts'
import type { User } from '../contract/models.ts'
import type { Clock } from '../core/clock.ts'
import { isTokenForm, newToken, type RandomBytes, tokenHash } from '../core/ids.ts'
import type { StoredAppSession } from '../storage/app-sessions-table.ts'
import type { Storage } from '../storage/storage.ts'
import type { Sessions } from './sessions.ts'

/** Two tabs may bind at once, and either's cookie may be the one that the browser keeps. */
const TOKENS_PER_APP = 4

/**
 * What an app's own cookie stands for: a token for one host session and one app. An app that reads its cookies
 * learns nothing that the host or another app would accept (PROTOCOL). Ends with its host session.
 */
export class AppSessions {
  readonly #storage: Storage
  readonly #clock: Clock
  readonly #random: RandomBytes
  readonly #sessions: Sessions
  /**
   * Those that came already, by the token itself: hashing it costs more than all else that a request's session needs.
   * Only what was found by its hash gets in, and stays no longer than its session. What a guesser could time here is a
   * hash again, the map's own, with a seed that nobody knows (C04).
   */
  readonly #byToken = new Map<string, StoredAppSession>()

  constructor(deps: { storage: Storage; clock: Clock; random: RandomBytes; sessions: Sessions }) {
    this.#storage = deps.storage
    this.#clock = deps.clock
    this.#random = deps.random
    this.#sessions = deps.sessions
  }

  /** NOT_SIGNED_IN when the host session has ended. */
  issue(sessionId: string, appKey: string): string {
    const token = newToken(this.#random)
    const row = { sessionId, appKey }
    this.#storage.transaction(() => {
      if (this.#sessions.byId(sessionId) === null) {
        throw new AppError('NOT_SIGNED_IN', 'Your session has ended. Sign in again.')
      }
      this.#storage.appSessions.insert(tokenHash(token), row, this.#clock.now())
      this.#storage.appSessions.trim(row, TOKENS_PER_APP)
    })
    this.#forget((known) => known.sessionId === sessionId && known.appKey === appKey)
    return token
  }

  /** Who comes with this cookie to this app, or null. Counts as use of the host session. */
  verify(token: string, appKey: string): { user: User; sessionId: string } | null {
    const known = this.#byToken.get(token)
    const row = known ?? this.#stored(token)
    // Another app's cookie, carried here by a person or a leak, is no cookie of this one.
    if (row === null || row.appKey !== appKey) return null
    const user = this.#sessions.userOf(row.sessionId)
    if (user === null) {
      this.#byToken.delete(token)
      return null
    }
    if (known === undefined) this.#byToken.set(token, row)
    return { user, sessionId: row.sessionId }
  }

  /** Lets go of what is kept in memory of ended sessions. */
  forgetSessions(ids: ReadonlySet<string>): void {
    this.#forget((known) => ids.has(known.sessionId))
  }

  #stored(token: string): StoredAppSession | null {
    return isTokenForm(token) ? this.#storage.appSessions.byTokenHash(tokenHash(token)) : null
  }

  #forget(which: (known: StoredAppSession) => boolean): void {
    for (const [token, known] of this.#byToken) if (which(known)) this.#byToken.delete(token)
  }
}
