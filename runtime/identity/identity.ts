import type { AuditLog } from '../audit/audit-log.ts'
import { AppError } from '../contract/errors.ts'
import type { User } from '../contract/models.ts'
import type { Clock } from '../core/clock.ts'
import { Emitter } from '../core/emitter.ts'
import type { RandomBytes } from '../core/ids.ts'
import type { Logger } from '../core/logger.ts'
import type { Storage } from '../storage/storage.ts'
import { AccessTokens } from './access-tokens.ts'
import { ApiTokens, type Granted } from './api-tokens.ts'
import { AppSessions } from './app-sessions.ts'
import { KnownBrowsers } from './known-browsers.ts'
import { type PasswordCost, Passwords } from './passwords.ts'
import { ServiceTokens } from './service-tokens.ts'
import { type SessionKind, type SessionRecord, Sessions, type SessionsEnded, type SessionsRemoved } from './sessions.ts'
import { SignInLimiter } from './sign-in-limiter.ts'
import { SigningKey } from './signing-key.ts'
import { Tickets } from './tickets.ts'
import { UserSettings } from './user-settings.ts'
import { Users } from './users.ts'

export interface Credentials {
  username: string
  password: string
  /** Of the client's socket. */
  address: string
  /** Browser and system in words: clientName(userAgent). */
  client: string
}

export interface SignIn extends Credentials {
  kind: SessionKind
  /** What the browser proves with its cookie, see KnownBrowsers. */
  browser?: string | undefined
}

/** Who is who: people, passwords, sessions and the tokens that stand for them. */
export class Identity {
  readonly users: Users
  readonly userSettings: UserSettings
  readonly sessions: Sessions
  readonly appSessions: AppSessions
  readonly accessTokens: AccessTokens
  readonly apiTokens: ApiTokens
  readonly knownBrowsers: KnownBrowsers
  readonly tickets: Tickets
  readonly serviceTokens: ServiceTokens
  /** Fires after the commit whenever sessions end; what is open on their behalf is to be closed (C09). */
  readonly ended = new Emitter<SessionsEnded>()
  /** Fires after the commit of any change of a user. */
  readonly usersChanged = new Emitter<void>()
  readonly #storage: Storage
  readonly #audit: AuditLog
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #passwords: Passwords
  readonly #limiter: SignInLimiter

  constructor(deps: {
    storage: Storage
    audit: AuditLog
    clock: Clock
    random: RandomBytes
    logger: Logger
    /** PASSWORD_COST when left out; tests that are not about it may ask for less. */
    passwordCost?: PasswordCost
  }) {
    this.#storage = deps.storage
    this.#audit = deps.audit
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#passwords = new Passwords({ random: deps.random, cost: deps.passwordCost })
    this.#limiter = new SignInLimiter(deps)
    this.userSettings = new UserSettings(deps)
    this.knownBrowsers = new KnownBrowsers(deps)
    this.tickets = new Tickets(deps)
    this.serviceTokens = new ServiceTokens(deps)
    this.accessTokens = new AccessTokens({ ...deps, key: new SigningKey(deps) })
    this.apiTokens = new ApiTokens({
      ...deps,
      access: this.accessTokens,
      ended: (userKey, sessionIds) => this.ended.fire({ userKey, sessionIds }),
    })
    this.usersChanged.on(() => this.apiTokens.forget())
    this.sessions = new Sessions({
      ...deps,
      dropOthers: (userKey) => this.apiTokens.drop(userKey),
      removed: (removed) => this.#onRemoved(removed),
    })
    this.appSessions = new AppSessions({ ...deps, sessions: this.sessions })
    this.users = new Users({
      ...deps,
      passwords: this.#passwords,
      sessions: this.sessions,
      limiter: this.#limiter,
      changed: this.usersChanged,
    })
  }

  /** Writes down what waits, and lets password hashes that are being made come to their end. */
  dispose(): Promise<void> {
    this.sessions.dispose()
    return this.#passwords.settled()
  }

  needsFirstUser(): boolean {
    return this.#storage.users.count() === 0
  }

  /** The first account, an administrator (C02). SETUP_DONE when there is one; BAD_INPUT, WEAK_PASSWORD. */
  async createFirstUser(user: { username: string; password: string }): Promise<User> {
    return await this.users.createFirst(user)
  }

  /**
   * BAD_CREDENTIALS in the same words, and after the same work, whether the name or the password was wrong (C01).
   * RATE_LIMITED with `details.retryAfterSeconds` (A26).
   */
  async signIn(i: SignIn): Promise<{ user: User; session: SessionRecord; token: string }> {
    const { kind, client, address } = i
    return await this.#withPassword(i, kind, (user) => ({
      user,
      ...this.sessions.issue(user.key, kind, client, { address }),
    }))
  }

  /** A new API token for a script that brings the password (C05). As signIn, and CONFLICT: see ApiTokens.create. */
  async grantToken(i: Credentials & { name: string }): Promise<Granted & { access: string; expiresIn: number }> {
    const { name, address } = i
    const granted = await this.#withPassword(i, 'token', (user) =>
      this.apiTokens.create(user.key, name, 'password', { address }),
    )
    return { ...granted, ...(await this.apiTokens.accessFor(granted.token)) }
  }

  /** Runs `issue` in the transaction in which the password was found to be right. Errors as signIn. */
  async #withPassword<T>(i: Credentials & Pick<SignIn, 'browser'>, kind: string, issue: (user: User) => T): Promise<T> {
    const found = this.#storage.users.byName(i.username)
    const browser = found === null ? null : this.knownBrowsers.known(i.browser ?? '', found.key)
    const attempt =
      found === null || browser === null
        ? this.#limiter.begin(i.address, i.username)
        : this.#limiter.beginKnown(browser, found.key)
    const hash = found === null ? null : this.#storage.credentials.get(found.key)
    const fits = await this.#passwords.verify(hash, i.password)
    const renewed =
      fits && hash !== null && this.#passwords.isOutdated(hash) ? await this.#passwords.hash(i.password) : null

    const signedIn = this.#storage.transaction(() => {
      // Read again: while the password was looked at, it may have been changed or the user deleted.
      const user = found === null ? null : this.#storage.users.get(found.key)
      if (!fits || user === null || this.#storage.credentials.get(user.key) !== hash) {
        // The name as typed is not kept: it may be a password in the wrong field (C51).
        this.#audit.record({
          action: 'session.sign-in-failed',
          actor: 'unknown',
          subject: user?.key ?? null,
          outcome: 'refused',
          details: { kind, client: i.client, address: i.address },
        })
        return null
      }
      attempt.succeeded()
      if (renewed !== null) this.#storage.credentials.set(user.key, renewed, this.#clock.now())
      return { issued: issue(user) }
    })
    if (signedIn !== null) return signedIn.issued
    this.#logger.info('A sign-in was refused.', { kind, address: i.address })
    throw new AppError('BAD_CREDENTIALS', 'The username or the password is wrong.')
  }

  #onRemoved(removed: SessionsRemoved): void {
    this.tickets.burn({ userKey: removed.revoked ? removed.userKey : null, sessionIds: removed.ids })
    this.appSessions.forgetSessions(removed.ids)
    this.ended.fire({ userKey: removed.userKey, sessionIds: removed.all ? null : [...removed.ids] })
  }
}
