import type { AuditLog } from '../audit/audit-log.ts'
import { AppError } from '../contract/errors.ts'
import type { Storage } from '../storage/storage.ts'

/** What people set for themselves. Whether an app is theirs to open is for the callers to say, who know apps. */
export class UserSettings {
  readonly #storage: Storage
  readonly #audit: AuditLog

  constructor(deps: { storage: Storage; audit: AuditLog }) {
    this.#storage = deps.storage
    this.#audit = deps.audit
  }

  /** The app that this person sees at the host's root, by its key: it may be given another ID. */
  mainApp(userKey: string): string | null {
    return this.#storage.userSettings.mainApp(userKey)
  }

  /** null for the list of their apps. NOT_FOUND when the user or the app is gone. */
  setMainApp(actor: string, userKey: string, appKey: string | null): void {
    this.#storage.transaction(() => {
      // Asked here, where nothing can come between: callers have waited for an installation, or a person.
      if (this.#storage.users.get(userKey) === null) {
        throw new AppError('NOT_FOUND', 'This user does not exist any more.')
      }
      if (appKey !== null && this.#storage.apps.get(appKey) === null) {
        throw new AppError('NOT_FOUND', 'This app is not installed any more.')
      }
      if (this.mainApp(userKey) === appKey) return
      this.#storage.userSettings.setMainApp(userKey, appKey)
      this.#audit.record({ action: 'user.main-app', actor, subject: userKey, details: { app: appKey } })
    })
  }
}
