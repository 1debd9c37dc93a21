import type Database from 'better-sqlite3'
import type { z } from 'zod'
import { OwnerScope } from './owner-scope.ts'
import { Table, type Values } from './table.ts'

/**
 * A table whose rows belong to an owner and a service (C42). Its statements run with a scope or not at all, and a
 * statement that forgets to ask for owner and service is refused when it is run, and not found out when data has gone
 * to the wrong app.
 */
export class ScopedTable {
  readonly #open: OpenTable

  constructor(db: Database.Database, file: string) {
    this.#open = new OpenTable(db, file)
  }

  /** Rows changed. */
  protected run(scope: OwnerScope, sql: string, values: Values = {}): number {
    return this.#open.run(sql, scoped(scope, sql, values))
  }

  protected one<S extends z.ZodType>(
    scope: OwnerScope,
    schema: S,
    sql: string,
    values: Values = {},
  ): z.output<S> | null {
    return this.#open.one(schema, sql, scoped(scope, sql, values))
  }

  protected all<S extends z.ZodType>(scope: OwnerScope, schema: S, sql: string, values: Values = {}): z.output<S>[] {
    return this.#open.all(schema, sql, scoped(scope, sql, values))
  }
}

/** Behind a private field, so that no table can reach past its scope. */
class OpenTable extends Table {
  override run(sql: string, values: Values): number {
    return super.run(sql, values)
  }

  override one<S extends z.ZodType>(schema: S, sql: string, values: Values): z.output<S> | null {
    return super.one(schema, sql, values)
  }

  override all<S extends z.ZodType>(schema: S, sql: string, values: Values): z.output<S>[] {
    return super.all(schema, sql, values)
  }
}

function scoped(scope: OwnerScope, sql: string, values: Values): Values {
  if (!(scope instanceof OwnerScope)) throw new TypeError('This query needs the scope of an owner.')
  if (!/:owner\b/.test(sql) || !/:service\b/.test(sql)) {
    throw new TypeError('This statement does not ask for owner and service.')
  }
  // Last, so that no value of the caller's can take their place.
  return { ...values, owner: scope.owner, service: scope.service }
}
