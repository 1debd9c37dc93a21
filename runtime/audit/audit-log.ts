import type { AuditRow } from '../contract/models.ts'
import type { Clock } from '../core/clock.ts'
import { Emitter } from '../core/emitter.ts'
import type { AuditRecord } from '../storage/audit-table.ts'
import type { Storage } from '../storage/storage.ts'
import { safeDetails } from './safe-details.ts'
import { type Names, sentence } from './sentence.ts'

export type { AuditRecord } from '../storage/audit-table.ts'
export type { Names } from './sentence.ts'

export interface AuditEntry {
  /** A dotted name, see sentence.ts. */
  action: string
  /** A user key, `system` for the host itself, `unknown` before anybody is signed in. */
  actor: string
  /** Key of the user or app that it was done to. Never a name (C40): names change and are removed. */
  subject?: string | null
  /** `ok` when left out. */
  outcome?: AuditRow['outcome']
  /** Never holds a secret (C51). */
  details?: Record<string, unknown>
}

/** Who did what, and when (C40). Rows are only ever added. */
export class AuditLog {
  /** Fires once the row is on the disk. */
  readonly added = new Emitter<AuditRecord>()
  readonly #storage: Storage
  readonly #clock: Clock

  constructor(deps: { storage: Storage; clock: Clock }) {
    this.#storage = deps.storage
    this.#clock = deps.clock
  }

  /** Must run in the same storage.transaction as the change that it records: both are stored, or neither (C40). */
  record(entry: AuditEntry): void {
    if (!this.#storage.inTransaction) {
      throw new Error(`The audit row for ${entry.action} is outside of the transaction of what it records.`)
    }
    const row: Omit<AuditRecord, 'seq'> = {
      at: this.#clock.now(),
      action: entry.action,
      actor: entry.actor,
      subject: entry.subject ?? null,
      outcome: entry.outcome ?? 'ok',
      details: safeDetails(entry.details ?? {}),
    }
    const seq = this.#storage.audit.insert(row)
    this.#storage.afterCommit(() => this.added.fire({ seq, ...row }))
  }

  /** Newest first; those before the row `before`, with names as they are now. */
  list(options: { before?: number | undefined; limit: number }, names: Names): AuditRow[] {
    return this.#storage.audit.list(options).map((row) => withNames(row, names))
  }
}

/** A row as it is shown. */
export function withNames(row: AuditRecord, names: Names): AuditRow {
  return {
    ...row,
    actorName: row.actor === 'system' ? 'Atek' : names(row.actor),
    subjectName: row.subject === null ? null : names(row.subject),
    sentence: sentence(row, names),
  }
}
