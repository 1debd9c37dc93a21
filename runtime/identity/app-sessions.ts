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
  readonly #byHash = new Map<string, StoredAppSession>()

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
    if (!isTokenForm(token)) return null
    const hash = tokenHash(token)
    const row = this.#byHash.get(hash) ?? this.#storage.appSessions.byTokenHash(hash)
    // Another app's cookie, carried here by a person or a leak, is no cookie of this one.
    if (row === null || row.appKey !== appKey) return null
    const found = this.#sessions.verifyId(row.sessionId)
    if (found === null) {
      this.#byHash.delete(hash)
      return null
    }
    this.#byHash.set(hash, row)
    return { user: found.user, sessionId: row.sessionId }
  }

  /** Lets go of what is kept in memory of ended sessions. */
  forgetSessions(ids: ReadonlySet<string>): void {
    this.#forget((known) => ids.has(known.sessionId))
  }

  #forget(which: (known: StoredAppSession) => boolean): void {
    for (const [hash, known] of this.#byHash) if (which(known)) this.#byHash.delete(hash)
  }
}
