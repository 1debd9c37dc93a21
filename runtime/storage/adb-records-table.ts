import { z } from 'zod'
import { LIMITS } from '../contract/limits.ts'
import { DATABASE } from './adb-databases-table.ts'
import { type AdbPath, decodePath, encodePath, rangeBeneath } from './adb-path.ts'
import { jsonColumn } from './json-column.ts'
import type { OwnerScope } from './owner-scope.ts'
import { ScopedTable } from './scoped-table.ts'

/** As it was put: any JSON object. */
export const adbValue = z.custom<object>((value) => typeof value === 'object' && value !== null)

const rowSchema = z
  .object({ path: z.string(), seq: z.number(), value: jsonColumn(adbValue), bytes: z.number() })
  .transform(({ path, ...row }) => ({ ...row, path: decodePath(path) }))

export interface AdbRecord {
  path: AdbPath
  /** The number of the change that wrote it, counted within its database. */
  seq: number
  value: object
}

/** Of keys: what follows the listed path, its parts joined by the separator of paths. */
export interface AdbRange {
  gt?: string | undefined
  gte?: string | undefined
  lt?: string | undefined
  lte?: string | undefined
  reverse: boolean
}

const COLUMNS = 'path, seq, value, octet_length(value) AS bytes'

/** Read in pieces, so that a list that will be refused for its size is not read whole. */
const PIECE = 500

/** Records of databases in a scope. A database outside of it has none, to whoever asks. */
export class AdbRecordsTable extends ScopedTable {
  get(scope: OwnerScope, dbId: string, path: AdbPath): AdbRecord | null {
    return this.one(
      scope,
      rowSchema,
      `SELECT ${COLUMNS} FROM adb_records WHERE database = ${DATABASE} AND path = :at`,
      {
        dbId,
        at: encodePath(path),
      },
    )
  }

  /**
   * Records beneath a path, at any depth, by key.
   * @param limit how many at most; null for all
   * @returns null when they would be more than `maxBytes` of JSON together
   */
  list(
    scope: OwnerScope,
    dbId: string,
    path: AdbPath,
    range: AdbRange,
    { limit, maxBytes }: { limit: number | null; maxBytes: number },
  ): AdbRecord[] | null {
    const records: AdbRecord[] = []
    const bounds = boundsOf(path, range)
    const sql = listSql(bounds, range.reverse)
    let bytes = 0
    while (limit === null || records.length < limit) {
      const most = Math.min(PIECE, limit === null ? PIECE : limit - records.length)
      const piece = this.all(scope, rowSchema, sql(), { dbId, from: bounds.from, to: bounds.to, most })
      for (const row of piece) bytes += row.bytes
      if (bytes > maxBytes) return null
      records.push(...piece.map(({ path, seq, value }) => ({ path, seq, value })))
      const last = piece.at(-1)
      if (last === undefined || piece.length < most) break
      if (range.reverse) Object.assign(bounds, { to: encodePath(last.path), toIncluded: false })
      else Object.assign(bounds, { from: encodePath(last.path), fromIncluded: false })
    }
    return records
  }

  /**
   * Writes a record, or removes it (`value` null), and keeps what it replaced among the database's changes. Inside a
   * transaction.
   * @param value JSON of an object
   * @returns the number of this change; null when the database is not in this scope
   */
  write(scope: OwnerScope, dbId: string, path: AdbPath, value: string | null): number | null {
    const values = { dbId, at: encodePath(path) }
    const counted = this.one(
      scope,
      z.object({ seq: z.number() }),
      `UPDATE adb_databases SET seq = seq + 1 WHERE db_id = :dbId AND owner = :owner AND service = :service
         RETURNING seq`,
      { dbId },
    )
    if (counted === null) return null
    const { seq } = counted
    this.run(
      scope,
      `INSERT INTO adb_changes (database, seq, path, before_seq, before)
         SELECT ${DATABASE}, :seq, :at, old.seq, old.value
         FROM (SELECT 1) LEFT JOIN adb_records AS old ON old.database = ${DATABASE} AND old.path = :at`,
      { ...values, seq },
    )
    this.run(scope, `DELETE FROM adb_changes WHERE database = ${DATABASE} AND seq <= :oldest`, {
      dbId,
      oldest: seq - LIMITS.adbChanges,
    })
    if (value === null) {
      this.run(scope, `DELETE FROM adb_records WHERE database = ${DATABASE} AND path = :at`, values)
    } else {
      this.run(
        scope,
        `INSERT INTO adb_records (database, path, seq, value) SELECT ${DATABASE}, :at, :seq, :value WHERE true
           ON CONFLICT (database, path) DO UPDATE SET seq = excluded.seq, value = excluded.value`,
        { ...values, seq, value },
      )
    }
    return seq
  }
}

interface Bounds {
  from: string
  fromIncluded: boolean
  to: string
  toIncluded: boolean
}

/** The narrower of what lies beneath the path and what was asked for. */
function boundsOf(path: AdbPath, range: AdbRange): Bounds {
  const beneath = rangeBeneath(path)
  const bounds: Bounds = { ...beneath, fromIncluded: true, toIncluded: false }
  // The path's own range begins with the empty key, so that every key asked for lies at or after it.
  const at = (key: string) => beneath.from + key
  if (range.gte !== undefined) bounds.from = at(range.gte)
  if (range.gt !== undefined && !isBefore(at(range.gt), bounds.from)) {
    Object.assign(bounds, { from: at(range.gt), fromIncluded: false })
  }
  if (range.lte !== undefined) Object.assign(bounds, { to: at(range.lte), toIncluded: true })
  if (range.lt !== undefined && (range.lte === undefined || !isBefore(bounds.to, at(range.lt)))) {
    Object.assign(bounds, { to: at(range.lt), toIncluded: false })
  }
  return bounds
}

/** In the order of the database, which is that of UTF-8; JavaScript's own differs from it. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
}

/** A statement for bounds that change from piece to piece. */
function listSql(bounds: Bounds, reverse: boolean): () => string {
  return () =>
    `SELECT ${COLUMNS} FROM adb_records WHERE database = ${DATABASE}
       AND path ${bounds.fromIncluded ? '>=' : '>'} :from AND path ${bounds.toIncluded ? '<=' : '<'} :to
       ORDER BY path ${reverse ? 'DESC' : 'ASC'} LIMIT :most`
}
