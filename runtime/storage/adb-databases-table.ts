import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import type { OwnerScope } from './owner-scope.ts'
import { ScopedTable } from './scoped-table.ts'
import { sqliteCode } from './sqlite-errors.ts'

export const adbAccessSchema = z.enum(['private', 'public'])
export type AdbAccess = z.output<typeof adbAccessSchema>

export const adbDatabaseRow = z
  .object({
    db_id: z.string(),
    owner: z.string(),
    service: z.string(),
    alias: z.string().nullable(),
    access: adbAccessSchema,
    created_at: z.number(),
  })
  .transform((row) => ({
    dbId: row.db_id,
    owner: row.owner,
    service: row.service,
    alias: row.alias,
    access: row.access,
    createdAt: row.created_at,
  }))
export type AdbDatabase = z.output<typeof adbDatabaseRow>

/** The number of a database, found within its scope or not at all: what reads its records is so scoped itself. */
export const DATABASE = '(SELECT id FROM adb_databases WHERE db_id = :dbId AND owner = :owner AND service = :service)'

const OWN = 'owner = :owner AND service = :service'

/** Databases of the document store, each within its owner and service. */
export class AdbDatabasesTable extends ScopedTable {
  /** Oldest first. */
  list(scope: OwnerScope): AdbDatabase[] {
    return this.all(scope, adbDatabaseRow, `SELECT * FROM adb_databases WHERE ${OWN} ORDER BY created_at, id`)
  }

  get(scope: OwnerScope, dbId: string): AdbDatabase | null {
    return this.one(scope, adbDatabaseRow, `SELECT * FROM adb_databases WHERE ${OWN} AND db_id = :dbId`, { dbId })
  }

  byAlias(scope: OwnerScope, alias: string): AdbDatabase | null {
    return this.one(scope, adbDatabaseRow, `SELECT * FROM adb_databases WHERE ${OWN} AND alias = :alias`, { alias })
  }

  count(scope: OwnerScope): number {
    const row = this.one(scope, z.object({ n: z.number() }), `SELECT count(*) AS n FROM adb_databases WHERE ${OWN}`)
    return row?.n ?? 0
  }

  /**
   * CONFLICT when the alias is taken within the scope; NOT_FOUND when there is no such owner, or no such app of theirs:
   * an app that was uninstalled during its last call would otherwise leave data that nobody finds again.
   */
  insert(scope: OwnerScope, database: Pick<AdbDatabase, 'dbId' | 'alias' | 'access' | 'createdAt'>): void {
    const added = uniqueAlias(database.alias, () =>
      this.run(
        scope,
        `INSERT INTO adb_databases (db_id, owner, service, alias, access, created_at)
           SELECT :dbId, :owner, :service, :alias, :access, :createdAt WHERE ${SCOPE_EXISTS}`,
        database,
      ),
    )
    if (added === 0) throw noSuchScope()
  }

  /** CONFLICT as for insert; false when the database is not in this scope. */
  update(scope: OwnerScope, { dbId, alias, access }: Pick<AdbDatabase, 'dbId' | 'alias' | 'access'>): boolean {
    const sql = `UPDATE adb_databases SET alias = :alias, access = :access WHERE ${OWN} AND db_id = :dbId`
    return uniqueAlias(alias, () => this.run(scope, sql, { dbId, alias, access })) > 0
  }

  /** Gives a database of `scope` to another owner and service. CONFLICT and NOT_FOUND as for insert. */
  give(scope: OwnerScope, database: AdbDatabase, to: OwnerScope): void {
    const exists = this.one(to, z.object({ found: z.number() }), `SELECT ${SCOPE_EXISTS} AS found`)
    if (exists?.found !== 1) throw noSuchScope()
    uniqueAlias(database.alias, () =>
      this.run(
        scope,
        `UPDATE adb_databases SET owner = :toOwner, service = :toService WHERE ${OWN} AND db_id = :dbId`,
        { dbId: database.dbId, toOwner: to.owner, toService: to.service },
      ),
    )
  }

  /** Takes its records along; false when it is not in this scope. */
  delete(scope: OwnerScope, dbId: string): boolean {
    return this.run(scope, `DELETE FROM adb_databases WHERE ${OWN} AND db_id = :dbId`, { dbId }) > 0
  }
}

/** An installed app of this owner; or the host's own service, of a user or of the host. */
const SCOPE_EXISTS = `(EXISTS (SELECT 1 FROM apps WHERE key = :service AND owner = :owner)
  OR (:service = 'system' AND (:owner = 'system' OR EXISTS (SELECT 1 FROM users WHERE key = :owner))))`

function noSuchScope(): AppError {
  return new AppError('NOT_FOUND', 'There is no such owner, or it has no app with this service key.')
}

function uniqueAlias<T>(alias: string | null, write: () => T): T {
  try {
    return write()
  } catch (error) {
    if (sqliteCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error
    throw new AppError('CONFLICT', `There is already a database with the alias "${alias}". Choose another alias.`)
  }
}
