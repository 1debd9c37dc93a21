import type { AuditLog } from '../audit/audit-log.ts'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { SessionInfo, User } from '../contract/models.ts'
import type { Clock } from '../core/clock.ts'
import type { Disposable } from '../core/disposable.ts'
import { isTokenForm, newKey, newToken, type RandomBytes, tokenHash } from '../core/ids.ts'
import type { Logger } from '../core/logger.ts'
import type { StoredSession } from '../storage/sessions-table.ts'
import type { Storage } from '../storage/storage.ts'

/** `expiresAt` is when it ends if it is not used again. */
export type SessionRecord = StoredSession
export type SessionKind = SessionRecord['kind']

/** Sessions and API tokens of this user ended; `sessionIds` has the ids of both, null means all of them. */
export interface SessionsEnded {
  userKey: string
  sessionIds: string[] | null
}

/** As announced inside identity, where tickets and app sessions follow. */
export interface SessionsRemoved {
  userKey: string
  ids: ReadonlySet<string>
  /** None of the user's is left. */
  all: boolean
  /** The user's rights changed or were taken back, and not just a browser signed out. */
  revoked: boolean
}

interface Live {
  user: User
  session: StoredSession
  tokenHash: string | null
  /** `lastSeenAt` as it is in the database. */
  storedSeenAt: number
}

/** `others`: what ended along with the sessions, by id. */
type Removal = Pick<SessionsRemoved, 'all' | 'revoked'> & { others: string[] }
const NO_MORE: Removal = { all: false, revoked: false, others: [] }

const SEEN_EVERY = 60_000
/** How long uses are gathered before they are written down together, and how many at a time. */
const SEEN_GATHER = 1000
const SEEN_AT_ONCE = 500

/**
 * Host sessions (C04): a random 256-bit token of which only the SHA-256 is kept, 7 days idle, 30 days at most.
 * Verifying is a look-up in memory once a session was seen; the database stays the truth, and there is one host per database.
 */
export class Sessions {
  readonly #storage: Storage
  readonly #audit: AuditLog
  readonly #clock: Clock
  readonly #random: RandomBytes
  readonly #logger: Logger
  readonly #dropOthers: (userKey: string) => string[]
  readonly #removed: (removed: SessionsRemoved) => void
  readonly #byHash = new Map<string, Live>()
  /** Used, and not written down yet. */
  readonly #seen = new Set<Live>()
  #writingSeen: Disposable | null = null
  readonly #byId = new Map<string, Live>()

  constructor(deps: {
    storage: Storage
    audit: AuditLog
    clock: Clock
    random: RandomBytes
    logger: Logger
    /** Ends what else stands for the user whenever all of their sessions end; returns its ids. In the transaction. */
    dropOthers(userKey: string): string[]
    /** Called after the commit. */
    removed(removed: SessionsRemoved): void
  }) {
    this.#storage = deps.storage
    this.#audit = deps.audit
    this.#clock = deps.clock
    this.#random = deps.random
    this.#logger = deps.logger
    this.#dropOthers = deps.dropOthers
    this.#removed = deps.removed
  }

  /**
   * A new session, recorded as a sign-in. `client` is browser and system in words (clientName). NOT_SIGNED_IN when
   * the user is gone. `details` go into the audit row.
   */
  issue(
    userKey: string,
    kind: SessionKind,
    client: string,
    details: { address?: string } = {},
  ): { session: SessionRecord; token: string } {
    const now = this.#clock.now()
    const token = newToken(this.#random)
    const session: StoredSession = {
      id: newKey(this.#random),
      userKey,
      kind,
      client,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + LIMITS.sessionAbsolute,
    }
    this.#storage.transaction(() => {
      if (this.#storage.users.get(userKey) === null) throw gone()
      this.#endExpired(userKey)
      this.#storage.sessions.insert(session, tokenHash(token))
      this.#audit.record({
        action: 'session.sign-in',
        actor: userKey,
        subject: userKey,
        details: { kind, client, ...details },
      })
    })
    return { session: effective(session), token }
  }

  /** Who has this token, or null. Counts as use of the session. */
  verify(token: string): { user: User; session: SessionRecord } | null {
    if (!isTokenForm(token)) return null
    const hash = tokenHash(token)
    return this.#use(this.#byHash.get(hash) ?? this.#load(this.#storage.sessions.byTokenHash(hash), hash))
  }

  /** The session of this ID, as `verify`: for tokens that stand for a host session. */
  verifyId(id: string): { user: User; session: SessionRecord } | null {
    return this.#use(this.#byId.get(id) ?? this.#load(this.#storage.sessions.get(id), null))
  }

  /** As verifyId, where only the user matters: for every request to an app, so that it makes nothing. */
  userOf(id: string): User | null {
    const live = this.#byId.get(id) ?? this.#load(this.#storage.sessions.get(id), null)
    return live !== null && this.#isUsed(live) ? live.user : null
  }

  /** A new token for the same session; the old one stops working. For the panel's remembered token. */
  rotate(token: string): { session: SessionRecord; token: string } | null {
    const found = this.verify(token)
    if (found === null) return null
    const next = newToken(this.#random)
    this.#storage.transaction(() => this.#storage.sessions.setTokenHash(found.session.id, tokenHash(next)))
    this.#forget(found.session.id)
    return { session: found.session, token: next }
  }

  /** A session that is still good, without counting as its use. */
  byId(id: string): SessionRecord | null {
    const session = this.#current(this.#storage.sessions.get(id))
    return session === null ? null : effective(session)
  }

  /** Those that are still good, the last used first. */
  list(userKey: string, currentId: string | null): SessionInfo[] {
    return this.#ofUser(userKey)
      .map(effective)
      .map(({ userKey: _userKey, ...session }) => ({ ...session, current: session.id === currentId }))
      .sort((a, b) => b.lastSeenAt - a.lastSeenAt)
  }

  /** By user key; users without a session are not in it. */
  counts(): Map<string, { sessions: number; lastSeenAt: number }> {
    const counts = new Map<string, { sessions: number; lastSeenAt: number }>()
    for (const stored of this.#storage.sessions.list()) {
      const session = this.#current(stored)
      if (session === null) continue
      const count = counts.get(session.userKey) ?? { sessions: 0, lastSeenAt: 0 }
      count.sessions += 1
      count.lastSeenAt = Math.max(count.lastSeenAt, session.lastSeenAt)
      counts.set(session.userKey, count)
    }
    return counts
  }

  /** Ends one; a session that is gone already is no error, since the outcome is what was wanted. */
  end(actor: string, id: string): void {
    this.#storage.transaction(() => {
      const session = this.#storage.sessions.get(id)
      if (session === null) return
      this.#remove(session.userKey, [id])
      this.#audit.record({
        action: 'session.sign-out',
        actor,
        subject: session.userKey,
        details: { kind: session.kind, client: session.client },
      })
    })
  }

  /** Ends all of this user's, save the one with the ID `except`, and their API tokens. */
  endAll(actor: string, userKey: string, except?: string): void {
    this.#storage.transaction(() => {
      const ended = this.drop(userKey, except)
      this.#audit.record({ action: 'session.end-all', actor, subject: userKey, details: { sessions: ended } })
    })
  }

  /**
   * As endAll, API tokens included, as part of a change that has an audit row of its own (C09). Inside a transaction; returns how many.
   * Announced even when there were none: tickets and open sockets of the user are the listeners' to find.
   */
  drop(userKey: string, except?: string): number {
    const ids = this.#storage.sessions.ofUser(userKey).map((session) => session.id)
    const ended = ids.filter((id) => id !== except)
    const others = this.#dropOthers(userKey)
    this.#remove(userKey, ended, { all: ended.length === ids.length, revoked: true, others })
    return ended.length
  }

  /** After a change of the user that ends no session: what is kept of them in memory is read anew. */
  refreshUser(userKey: string): void {
    for (const live of [...this.#byId.values()]) if (live.user.key === userKey) this.#forget(live.session.id)
  }

  /** Writes down what waits. */
  dispose(): void {
    if (this.#seen.size > 0) this.#writeSeen(Number.POSITIVE_INFINITY)
  }

  #remove(userKey: string, ids: string[], how: Removal = NO_MORE): void {
    for (const id of ids) {
      this.#storage.sessions.delete(id)
      this.#forget(id)
    }
    const { others, ...rest } = how
    this.#storage.afterCommit(() => this.#removed({ userKey, ids: new Set([...ids, ...others]), ...rest }))
  }

  #endExpired(userKey: string): void {
    for (const session of this.#storage.sessions.ofUser(userKey)) {
      if (this.#current(session) === null) this.#remove(userKey, [session.id])
    }
  }

  #use(live: Live | null): { user: User; session: SessionRecord } | null {
    if (live === null || !this.#isUsed(live)) return null
    return { user: live.user, session: effective(live.session) }
  }

  /** Counts as use of the session; false when it is over, and then it is removed. */
  #isUsed(live: Live): boolean {
    const { session } = live
    const now = this.#clock.now()
    if (isOver(session, now)) {
      this.#storage.transaction(() => this.#remove(session.userKey, [session.id]))
      return false
    }
    session.lastSeenAt = Math.max(session.lastSeenAt, now)
    if (now - live.storedSeenAt >= SEEN_EVERY) this.#storeSeen(live)
    return true
  }

  /**
   * A minute's inaccuracy after a crash is nothing to a week; a write for each request would be. And many sessions are
   * written in one go: each write alone waits for the disk, and ten thousand people would make the host wait all the time.
   */
  #storeSeen(live: Live): void {
    live.storedSeenAt = live.session.lastSeenAt
    this.#seen.add(live)
    this.#writingSeen ??= this.#clock.after(SEEN_GATHER, () => this.#writeSeen(SEEN_AT_ONCE))
  }

  #writeSeen(most: number): void {
    this.#writingSeen?.dispose()
    this.#writingSeen = null
    const batch = [...this.#seen].slice(0, most)
    for (const live of batch) this.#seen.delete(live)
    try {
      this.#storage.transaction(() => {
        for (const { session } of batch) this.#storage.sessions.setLastSeen(session.id, session.lastSeenAt)
      })
    } catch (error) {
      // A full disk must not sign everybody out.
      this.#logger.warn('The time of a session’s last use could not be stored.', { error })
    }
    if (this.#seen.size > 0) this.#writingSeen = this.#clock.after(SEEN_GATHER / 10, () => this.#writeSeen(most))
  }

  #load(session: StoredSession | null, hash: string | null): Live | null {
    if (session === null) return null
    const known = this.#byId.get(session.id)
    const user = known?.user ?? this.#storage.users.get(session.userKey)
    if (user === null || user === undefined) return null
    const live: Live = known ?? { user, session, tokenHash: null, storedSeenAt: session.lastSeenAt }
    if (hash !== null) {
      live.tokenHash = hash
      this.#byHash.set(hash, live)
    }
    this.#byId.set(session.id, live)
    return live
  }

  #forget(id: string): void {
    const live = this.#byId.get(id)
    if (live === undefined) return
    this.#byId.delete(id)
    if (live.tokenHash !== null) this.#byHash.delete(live.tokenHash)
  }

  #ofUser(userKey: string): StoredSession[] {
    return this.#storage.sessions.ofUser(userKey).flatMap((stored) => this.#current(stored) ?? [])
  }

  /** With the last use as known in memory; null when it is over. */
  #current(stored: StoredSession | null): StoredSession | null {
    if (stored === null) return null
    const session = this.#byId.get(stored.id)?.session ?? stored
    return isOver(session, this.#clock.now()) ? null : session
  }
}

function isOver(session: StoredSession, now: number): boolean {
  return now >= endOf(session)
}

function endOf(session: StoredSession): number {
  return Math.min(session.expiresAt, session.lastSeenAt + LIMITS.sessionIdle)
}

function effective(session: StoredSession): SessionRecord {
  return { ...session, expiresAt: endOf(session) }
}

function gone(): AppError {
  return new AppError('NOT_SIGNED_IN', 'This account does not exist any more. Sign in with another one.')
}
