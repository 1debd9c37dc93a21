import type { AuditLog } from '../audit/audit-log.ts'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { ApiTokenInfo, User } from '../contract/models.ts'
import type { TokenType } from '../contract/schemas.ts'
import type { Clock } from '../core/clock.ts'
import { equalSecrets, newKey, type RandomBytes } from '../core/ids.ts'
import type { Logger } from '../core/logger.ts'
import type { StoredApiToken } from '../storage/api-tokens-table.ts'
import type { Storage } from '../storage/storage.ts'
import type { AccessClaims, AccessTokens } from './access-tokens.ts'
import { newRefreshToken, nextRefreshToken, readRefreshToken } from './refresh-token.ts'

/** A family that was just made or used, and the one refresh token that is good for it now. */
export interface Granted {
  token: StoredApiToken
  refreshToken: string
}

interface Live {
  user: User
  token: StoredApiToken
  /** `lastUsedAt` as it is in the database. */
  storedUse: number
}

const USED_EVERY = 60_000

/**
 * API tokens of people (C05). What a person sees as one token is a family: a refresh token, replaced at each use, and
 * the access tokens that came of it. A refresh token that comes a second time was copied, and nothing tells which of
 * the two who have it is the thief, so the whole family ends (RFC 9700, 4.14.2).
 */
export class ApiTokens {
  readonly #storage: Storage
  readonly #audit: AuditLog
  readonly #clock: Clock
  readonly #random: RandomBytes
  readonly #logger: Logger
  readonly #access: AccessTokens
  readonly #ended: (userKey: string, ids: string[]) => void
  /** Families in use, so that a request with an access token asks no database. */
  readonly #live = new Map<string, Live>()

  constructor(deps: {
    storage: Storage
    audit: AuditLog
    clock: Clock
    random: RandomBytes
    logger: Logger
    access: AccessTokens
    /** Called after the commit, when families end other than with all that the user has. */
    ended(userKey: string, ids: string[]): void
  }) {
    this.#storage = deps.storage
    this.#audit = deps.audit
    this.#clock = deps.clock
    this.#random = deps.random
    this.#logger = deps.logger
    this.#access = deps.access
    this.#ended = deps.ended
  }

  /** A new family, recorded. CONFLICT when the user has LIMITS.tokensPerUser; NOT_SIGNED_IN when the user is gone. */
  create(userKey: string, name: string, origin: StoredApiToken['origin'], details: { address?: string } = {}): Granted {
    const now = this.#clock.now()
    const { token: refreshToken, hashes } = newRefreshToken(this.#random)
    const token: StoredApiToken = {
      id: newKey(this.#random),
      userKey,
      tokenType: 'user',
      name,
      origin,
      createdAt: now,
      lastUsedAt: null,
      expiresAt: now + LIMITS.refreshTokenLife,
      refreshHash: hashes.secret,
    }
    this.#storage.transaction(() => {
      if (this.#storage.users.get(userKey) === null) {
        throw new AppError('NOT_SIGNED_IN', 'This account does not exist any more. Sign in with another one.')
      }
      this.#storage.apiTokens.deleteExpired(now)
      this.#makeRoom(userKey, origin)
      this.#storage.apiTokens.insert(token, hashes.series)
      this.#audit.record({
        action: 'token.create',
        actor: userKey,
        subject: userKey,
        details: { id: token.id, name, origin, ...details },
      })
    })
    return { token, refreshToken }
  }

  /**
   * A new access token and the next refresh token for a refresh token, which is used up. BAD_CREDENTIALS, the exact
   * reason in its details, when it is unknown or expired, or was used before: then its family has ended.
   */
  async refresh(refreshToken: string): Promise<Granted & { access: string; expiresIn: number }> {
    const granted = this.#rotate(refreshToken)
    if ('refused' in granted) {
      throw new AppError('BAD_CREDENTIALS', 'This refresh token is not valid. Get a new one.', {
        reason: granted.refused,
      })
    }
    return { ...granted, ...(await this.accessFor(granted.token)) }
  }

  async accessFor({ userKey, id, tokenType }: StoredApiToken): Promise<{ access: string; expiresIn: number }> {
    const { token, expiresIn } = await this.#access.issue({ userKey, tokenId: id, tokenType })
    return { access: token, expiresIn }
  }

  /**
   * Whom checked claims stand for now: null once the family has ended, so that an access token dies before its time
   * (C09). Counts as use.
   */
  holder(claims: AccessClaims): { user: User; tokenId: string; tokenType: TokenType } | null {
    const live = this.#live.get(claims.tokenId) ?? this.#load(claims.tokenId)
    if (live === null) return null
    const { user, token } = live
    if (token.userKey !== claims.userKey || token.tokenType !== claims.tokenType) return null
    const now = this.#clock.now()
    if (now >= token.expiresAt) return null
    if (now - live.storedUse >= USED_EVERY) this.#storeUse(live, now)
    return { user, tokenId: token.id, tokenType: token.tokenType }
  }

  /** Those that are still good, the newest first. */
  list(userKey: string): ApiTokenInfo[] {
    const now = this.#clock.now()
    return this.#storage.apiTokens
      .ofUser(userKey)
      .filter((token) => token.expiresAt > now)
      .map(apiTokenInfo)
      .reverse()
  }

  byId(id: string): StoredApiToken | null {
    return this.#storage.apiTokens.get(id)
  }

  /** Ends a family; one that is gone already is no error, since the outcome is what was wanted. */
  end(actor: string, id: string): void {
    this.#storage.transaction(() => {
      const token = this.#storage.apiTokens.get(id)
      if (token === null) return
      this.#remove(token)
      this.#audit.record({
        action: 'token.end',
        actor,
        subject: token.userKey,
        details: { id, name: token.name },
      })
    })
  }

  /** Ends the family of a refresh token or an access token, at the holder's wish (RFC 7009); unknown ones are no error. */
  async revoke(text: string): Promise<void> {
    const read = readRefreshToken(text)
    if (read === null) {
      const claims = await this.#access.verify(text)
      const holder = claims === null ? null : this.holder(claims)
      if (holder !== null) this.end(holder.user.key, holder.tokenId)
      return
    }
    // A refresh token that was used before ends its family, too, as it would anywhere else.
    const token = this.#storage.apiTokens.bySeries(read.hashes.series)
    if (token !== null) this.end(token.userKey, token.id)
  }

  /**
   * Ends all of this user's, as part of a change that has an audit row of its own (C09). Inside a transaction. Whoever
   * asks announces it.
   * @returns their ids
   */
  drop(userKey: string): string[] {
    const ids = this.#storage.apiTokens.ofUser(userKey).map((token) => token.id)
    for (const id of ids) {
      this.#storage.apiTokens.delete(id)
      this.#live.delete(id)
    }
    return ids
  }

  /** After a change of users: what is kept of them in memory is read anew. */
  forget(): void {
    this.#live.clear()
  }

  /** In one transaction from the look-up to the new hash: of two requests with one token, one finds it used (C05). */
  #rotate(refreshToken: string): Granted | { refused: string } {
    const read = readRefreshToken(refreshToken)
    if (read === null) return { refused: 'This has not the form of a refresh token.' }
    const now = this.#clock.now()
    return this.#storage.transaction(() => {
      const token = this.#storage.apiTokens.bySeries(read.hashes.series)
      if (token === null) return { refused: 'There is no such API token, or it has ended.' }
      if (now >= token.expiresAt) {
        this.#remove(token)
        return { refused: 'The refresh token has expired.' }
      }
      if (!equalSecrets(read.hashes.secret, token.refreshHash)) {
        this.#remove(token)
        this.#audit.record({
          action: 'token.refresh-reused',
          actor: 'unknown',
          subject: token.userKey,
          outcome: 'refused',
          details: { id: token.id, name: token.name },
        })
        return { refused: 'The refresh token was used before, so its API token has ended.' }
      }
      const next = nextRefreshToken(this.#random, read.series)
      const expiresAt = now + LIMITS.refreshTokenLife
      this.#storage.apiTokens.rotate(token.id, next.hashes.secret, now, expiresAt)
      this.#live.delete(token.id)
      const rotated = { ...token, refreshHash: next.hashes.secret, lastUsedAt: now, expiresAt }
      return { token: rotated, refreshToken: next.token }
    })
  }

  /** A script that signs in anew each time would otherwise shut its owner out: its oldest token makes room. */
  #makeRoom(userKey: string, origin: StoredApiToken['origin']): void {
    const tokens = this.#storage.apiTokens.ofUser(userKey)
    if (tokens.length < LIMITS.tokensPerUser) return
    const oldest = tokens
      .filter((token) => token.origin === 'password')
      .sort((a, b) => (a.lastUsedAt ?? a.createdAt) - (b.lastUsedAt ?? b.createdAt))[0]
    if (origin === 'panel' || oldest === undefined) {
      throw new AppError('CONFLICT', `A user can have ${LIMITS.tokensPerUser} API tokens. End one first.`)
    }
    this.end(userKey, oldest.id)
  }

  #remove({ id, userKey }: StoredApiToken): void {
    this.#storage.apiTokens.delete(id)
    this.#live.delete(id)
    this.#storage.afterCommit(() => this.#ended(userKey, [id]))
  }

  #load(id: string): Live | null {
    const token = this.#storage.apiTokens.get(id)
    const user = token === null ? null : this.#storage.users.get(token.userKey)
    if (token === null || user === null) return null
    const live: Live = { user, token, storedUse: token.lastUsedAt ?? Number.NEGATIVE_INFINITY }
    this.#live.set(id, live)
    return live
  }

  #storeUse(live: Live, now: number): void {
    live.storedUse = now
    try {
      this.#storage.apiTokens.setLastUsed(live.token.id, now)
    } catch (error) {
      // A full disk must not shut every script out.
      this.#logger.warn('The time of an API token’s last use could not be stored.', { error })
    }
  }
}

export function apiTokenInfo({ id, name, origin, createdAt, lastUsedAt, expiresAt }: StoredApiToken): ApiTokenInfo {
  return { id, name, origin, createdAt, lastUsedAt, expiresAt }
}
