import type { AuditLog } from '../audit/audit-log.ts'
import { AppError } from '../contract/errors.ts'
import type { User } from '../contract/models.ts'
import { type Role, usernameSchema } from '../contract/schemas.ts'
import type { Clock } from '../core/clock.ts'
import type { Emitter } from '../core/emitter.ts'
import { newKey, type RandomBytes } from '../core/ids.ts'
import type { Storage } from '../storage/storage.ts'
import { foldUsername } from '../storage/users-table.ts'
import { checkNewPassword, type Passwords } from './passwords.ts'
import type { Sessions } from './sessions.ts'
import type { SignInLimiter } from './sign-in-limiter.ts'

export interface NewUser {
  username: string
  password: string
  role: Role
}

/**
 * The people of this host. `actor` is the key of whoever does it, or `system`; whether they may is decided above, in
 * control. Every change and its audit row are one transaction (C40).
 */
export class Users {
  readonly #storage: Storage
  readonly #audit: AuditLog
  readonly #clock: Clock
  readonly #random: RandomBytes
  readonly #passwords: Passwords
  readonly #sessions: Sessions
  readonly #limiter: SignInLimiter
  readonly #changed: Emitter<void>
  /** By key, as they are in the database: see `get`. */
  readonly #known = new Map<string, User>()

  constructor(deps: {
    storage: Storage
    audit: AuditLog
    clock: Clock
    random: RandomBytes
    passwords: Passwords
    sessions: Sessions
    limiter: SignInLimiter
    changed: Emitter<void>
  }) {
    this.#storage = deps.storage
    this.#audit = deps.audit
    this.#clock = deps.clock
    this.#random = deps.random
    this.#passwords = deps.passwords
    this.#sessions = deps.sessions
    this.#limiter = deps.limiter
    this.#changed = deps.changed
  }

  /** By name. */
  list(): User[] {
    return this.#storage.users.list()
  }

  /**
   * Asked for each call of an app, for its owner's name and role. Kept from one to the next, and forgotten by whatever is
   * about to change the row, before it does: whoever asks after that, also within the same change, reads the database
   * (C09). What is not committed yet is never kept, since it may be undone.
   */
  get(key: string): User | null {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const user = this.#storage.users.get(key)
    if (user !== null && !this.#storage.inTransaction) this.#known.set(key, user)
    return user
  }

  /** Whatever its case. */
  byName(username: string): User | null {
    return this.#storage.users.byName(username)
  }

  /** BAD_INPUT, WEAK_PASSWORD, USERNAME_TAKEN. */
  async create(actor: string, user: NewUser): Promise<User> {
    return await this.#create(actor, user, () => undefined)
  }

  /** The first account, an administrator who makes themselves (C02). SETUP_DONE when there is anybody already. */
  async createFirst(user: Omit<NewUser, 'role'>): Promise<User> {
    this.#refuseIfSetUp()
    // Asked again inside the transaction: hashing takes its time, and two may be at it (C02).
    return await this.#create(null, { ...user, role: 'admin' }, () => this.#refuseIfSetUp())
  }

  /** A change of role ends the user's sessions (C09). BAD_INPUT, NOT_FOUND, USERNAME_TAKEN, LAST_ADMIN. */
  update(actor: string, key: string, patch: { username?: string | undefined; role?: Role | undefined }): User {
    if (patch.username !== undefined) checkUsername(patch.username)
    return this.#storage.transaction(() => {
      const current = this.#require(key)
      const next: User = { ...current, username: patch.username ?? current.username, role: patch.role ?? current.role }
      const newName = next.username !== current.username
      const newRole = next.role !== current.role
      if (!newName && !newRole) return current
      if (newRole && current.role === 'admin') this.#refuseLastAdmin()
      this.#known.delete(key)
      this.#storage.users.update(next)
      if (newRole) this.#sessions.drop(key)
      else this.#sessions.refreshUser(key)
      // The names themselves are not kept: the log outlives the person (C40).
      this.#audit.record({
        action: 'user.update',
        actor,
        subject: key,
        details: { ...(newName ? { renamed: true } : {}), ...(newRole ? { role: next.role } : {}) },
      })
      this.#announce()
      return next
    })
  }

  /** To be asked before the user's apps are removed. NOT_FOUND, LAST_ADMIN. */
  assertDeletable(key: string): void {
    if (this.#require(key).role === 'admin') this.#refuseLastAdmin()
  }

  /**
   * Removes the account, its password and sessions (C09). The user's apps must be gone already: CONFLICT. Also
   * NOT_FOUND, LAST_ADMIN.
   */
  delete(actor: string, key: string): void {
    this.#storage.transaction(() => {
      this.assertDeletable(key)
      if (this.#storage.apps.countOwnedBy(key) > 0) {
        throw new AppError('CONFLICT', 'This user still has apps. Uninstall them first.')
      }
      this.#sessions.drop(key)
      this.#known.delete(key)
      this.#storage.users.delete(key, this.#clock.now())
      this.#audit.record({ action: 'user.delete', actor, subject: key })
      this.#announce()
    })
  }

  /**
   * Ends all of the user's sessions (C09), save `keepSession`: the one in which people change their own password.
   * WEAK_PASSWORD, NOT_FOUND.
   */
  async setPassword(
    actor: string,
    key: string,
    password: string,
    options: { keepSession?: string | undefined } = {},
  ): Promise<void> {
    checkNewPassword(password)
    this.#require(key)
    const hash = await this.#passwords.hash(password)
    this.#storage.transaction(() => {
      this.#require(key)
      this.#storage.credentials.set(key, hash, this.#clock.now())
      this.#sessions.drop(key, options.keepSession)
      this.#audit.record({
        action: actor === key ? 'user.password-change' : 'user.password-reset',
        actor,
        subject: key,
      })
      this.#announce()
    })
  }

  /** For asking a signed-in person again. RATE_LIMITED after LIMITS.signInPerUser wrong ones. */
  async verifyPassword(key: string, password: string): Promise<boolean> {
    const attempt = this.#limiter.beginOwn(key)
    const fits = await this.#passwords.verify(this.#storage.credentials.get(key), password)
    if (fits) this.#storage.transaction(() => attempt.succeeded())
    return fits
  }

  async #create(actor: string | null, input: NewUser, check: () => void): Promise<User> {
    checkUsername(input.username)
    checkNewPassword(input.password)
    const hash = await this.#passwords.hash(input.password)
    return this.#storage.transaction(() => {
      check()
      const user: User = {
        key: newKey(this.#random),
        username: input.username,
        role: input.role,
        createdAt: this.#clock.now(),
      }
      this.#storage.users.insert(user)
      this.#storage.credentials.set(user.key, hash, user.createdAt)
      this.#audit.record({
        action: 'user.create',
        actor: actor ?? user.key,
        subject: user.key,
        details: { role: user.role },
      })
      this.#announce()
      return user
    })
  }

  #require(key: string): User {
    const user = this.#storage.users.get(key)
    if (user === null) throw new AppError('NOT_FOUND', 'This user does not exist any more.')
    return user
  }

  #refuseIfSetUp(): void {
    if (this.#storage.users.count() === 0) return
    throw new AppError(
      'SETUP_DONE',
      'The first account was made already. Sign in, or ask an administrator for an account.',
    )
  }

  /** Without an administrator nobody could ever make one again. */
  #refuseLastAdmin(): void {
    if (this.#storage.users.countAdmins() > 1) return
    throw new AppError('LAST_ADMIN', 'This is the only administrator. Make somebody else an administrator first.')
  }

  #announce(): void {
    this.#storage.afterCommit(() => this.#changed.fire())
  }
}

function checkUsername(username: string): void {
  const parsed = usernameSchema.safeParse(username)
  if (!parsed.success) {
    throw new AppError('BAD_INPUT', parsed.error.issues[0]?.message ?? 'This is not a username.')
  }
  // Also in forms that look the same, such as full-width letters: `system` is the host itself.
  if (foldUsername(username) === 'system') throw new AppError('BAD_INPUT', 'This username is reserved.')
}
