import { z } from 'zod'
import { DATABASE } from './adb-databases-table.ts'
import { decodePath } from './adb-path.ts'
import { type AdbRecord, adbValue } from './adb-records-table.ts'
import { jsonColumn } from './json-column.ts'
import type { OwnerScope } from './owner-scope.ts'
import { ScopedTable } from './scoped-table.ts'

const stateRow = z
  .object({ path: z.string(), seq: z.number().nullable(), value: jsonColumn(adbValue).nullable() })
  .transform(({ path, seq, value }) => ({
    path,
    record: seq === null || value === null ? null : { path: decodePath(path), seq, value },
  }))

/** Paths that were written between two versions. */
const CHANGED = `SELECT DISTINCT path FROM adb_changes WHERE database = ${DATABASE} AND seq > :left AND seq <= :right`

export interface AdbDifference {
  left: AdbRecord | null
  right: AdbRecord | null
}

/** What changes of databases replaced: for comparing a database's versions, which are the numbers of its changes. */
export class AdbChangesTable extends ScopedTable {
  /** The database's newest version, and the oldest that its kept changes lead back to; null outside of the scope. */
  versions(scope: OwnerScope, dbId: string): { oldest: number; newest: number } | null {
    return this.one(
      scope,
      z.object({ oldest: z.number(), newest: z.number() }),
      `SELECT seq AS newest, coalesce((SELECT min(seq) - 1 FROM adb_changes WHERE database = ${DATABASE}), seq) AS oldest
         FROM adb_databases WHERE db_id = :dbId AND owner = :owner AND service = :service`,
      { dbId },
    )
  }

  /** JSON bytes of the kept values that comparing these versions reads, at most. */
  weight(scope: OwnerScope, dbId: string, left: number, right: number): number {
    const row = this.one(
      scope,
      z.object({ bytes: z.number() }),
      `SELECT coalesce((SELECT sum(octet_length(before)) FROM adb_changes WHERE database = ${DATABASE} AND seq > :left), 0)
         + coalesce((SELECT sum(octet_length(value)) FROM adb_records WHERE database = ${DATABASE} AND path IN (${CHANGED})), 0)
         AS bytes`,
      { dbId, left, right },
    )
    return row?.bytes ?? 0
  }

  /** Records that are not the same in both versions, by path. Versions must be kept ones, `left` not after `right`. */
  between(scope: OwnerScope, dbId: string, left: number, right: number): AdbDifference[] {
    // The first change after a version replaced what the record was in that version; without one, it is so still.
    // min() gives the other columns of its group the values of the row that it took (SQLite, "bare columns").
    const firstAfter = `SELECT path, before_seq AS seq, before AS value, min(adb_changes.seq) FROM adb_changes
      WHERE database = ${DATABASE} AND adb_changes.seq > :after AND path IN (${CHANGED}) GROUP BY path ORDER BY path`
    const before = this.all(scope, stateRow, firstAfter, { dbId, left, right, after: left })
    const later = this.all(scope, stateRow, firstAfter, { dbId, left, right, after: right })
    const now = this.all(
      scope,
      stateRow,
      `SELECT path, seq, value FROM adb_records WHERE database = ${DATABASE} AND path IN (${CHANGED})`,
      { dbId, left, right },
    )
    const after = new Map([...now, ...later].map(({ path, record }) => [path, record]))
    return before
      .map(({ path, record }) => ({ left: record, right: after.get(path) ?? null }))
      .filter(({ left, right }) => left !== null || right !== null)
  }
}
