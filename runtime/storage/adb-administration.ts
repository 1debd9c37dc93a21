import { z } from 'zod'
import { type AdbDatabase, adbDatabaseRow } from './adb-databases-table.ts'
import { OwnerScope } from './owner-scope.ts'
import { Table } from './table.ts'

const scopeRow = z.object({ owner: z.string(), service: z.string() })

/** What is asked across services: which databases there are and whose. It reads no record. */
export class AdbAdministration extends Table {
  /** Of all services of this owner, oldest first. */
  listOwnedBy(owner: string): AdbDatabase[] {
    return this.all(adbDatabaseRow, 'SELECT * FROM adb_databases WHERE owner = :owner ORDER BY created_at, id', {
      owner,
    })
  }

  /** Whose database this is; null when there is none. Whether the caller may act there is the caller's to check. */
  scopeOf(dbId: string): OwnerScope | null {
    const row = this.one(scopeRow, 'SELECT owner, service FROM adb_databases WHERE db_id = :dbId', { dbId })
    return row === null ? null : new OwnerScope(row.owner, row.service)
  }
}
