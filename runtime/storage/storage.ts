import type Database from 'better-sqlite3'
import type { Clock } from '../core/clock.ts'
import { Adb } from './adb.ts'
import { ApiTokensTable } from './api-tokens-table.ts'
import { AppSessionsTable } from './app-sessions-table.ts'
import { AppsTable } from './apps-table.ts'
import { AuditTable } from './audit-table.ts'
import { CapturedAppsTable } from './captured-apps-table.ts'
import { CredentialsTable } from './credentials-table.ts'
import { SavedFiltersTable } from './saved-filters-table.ts'
import { SessionsTable } from './sessions-table.ts'
import { SettingsTable } from './settings-table.ts'
import { SignInAttemptsTable } from './sign-in-attempts-table.ts'
import { explained } from './sqlite-errors.ts'
import { UserSettingsTable } from './user-settings-table.ts'
import { UsersTable } from './users-table.ts'

/** The open database: one object a table, and transactions. Made by openStorage. */
export class Storage {
  readonly users: UsersTable
  readonly credentials: CredentialsTable
  readonly sessions: SessionsTable
  readonly appSessions: AppSessionsTable
  readonly apiTokens: ApiTokensTable
  readonly signInAttempts: SignInAttemptsTable
  readonly apps: AppsTable
  readonly audit: AuditTable
  readonly settings: SettingsTable
  readonly adb: Adb
  readonly userSettings: UserSettingsTable
  readonly savedFilters: SavedFiltersTable
  readonly capturedApps: CapturedAppsTable
  readonly clock: Clock
  readonly #db: Database.Database
  readonly #file: string
  #afterCommit: (() => void)[] = []

  constructor(db: Database.Database, file: string, clock: Clock) {
    this.#db = db
    this.#file = file
    this.clock = clock
    this.users = new UsersTable(db, file)
    this.credentials = new CredentialsTable(db, file)
    this.sessions = new SessionsTable(db, file)
    this.appSessions = new AppSessionsTable(db, file)
    this.apiTokens = new ApiTokensTable(db, file)
    this.signInAttempts = new SignInAttemptsTable(db, file)
    this.apps = new AppsTable(db, file)
    this.audit = new AuditTable(db, file)
    this.settings = new SettingsTable(db, file)
    this.userSettings = new UserSettingsTable(db, file)
    this.savedFilters = new SavedFiltersTable(db, file)
    this.capturedApps = new CapturedAppsTable(db, file)
    this.adb = new Adb(db, file)
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction
  }

  /**
   * Runs `fn` as one change: all of it is stored, or (when it throws) none. On return it is on the disk. Inside
   * another transaction it is a part of that one, undone alone if it throws. `fn` must not be async.
   */
  transaction<T>(fn: () => T): T {
    const outermost = !this.#db.inTransaction
    const hooksBefore = this.#afterCommit.length
    let result: T
    try {
      result = this.#db
        .transaction(() => {
          const value = fn()
          // A promise's work would run after the commit, outside of what the caller believes to be one change.
          if (value instanceof Promise) throw new TypeError('A transaction cannot be async.')
          return value
        })
        .immediate()
    } catch (error) {
      this.#afterCommit.length = hooksBefore
      throw explained(this.#file, error)
    }
    if (outermost) this.#runHooks()
    return result
  }

  /**
   * Runs `hook` once the current change is on the disk, or never if it is rolled back; at once outside of a
   * transaction. For announcements: nobody may hear of something that then did not happen.
   */
  afterCommit(hook: () => void): void {
    if (this.#db.inTransaction) this.#afterCommit.push(hook)
    else hook()
  }

  /** Closing twice is harmless. */
  close(): void {
    this.#db.close()
  }

  #runHooks(): void {
    for (const hook of this.#afterCommit.splice(0)) {
      try {
        hook()
      } catch (error) {
        // The change is stored: to throw here would tell the caller that it failed.
        console.error(error)
      }
    }
  }
}
