import type Database from 'better-sqlite3'
import type { z } from 'zod'
import { databaseDamaged, explained } from './sqlite-errors.ts'

export type Values = Record<string, string | number | null>

/**
 * What the tables have in common. Rows are parsed when read: a database file is input from outside, and a value that
 * a newer or foreign program wrote must not travel further as if it were ours.
 */
export class Table {
  readonly #db: Database.Database
  readonly #file: string
  readonly #statements = new Map<string, Database.Statement>()

  constructor(db: Database.Database, file: string) {
    this.#db = db
    this.#file = file
  }

  /** Rows changed. */
  protected run(sql: string, values: Values = {}): number {
    return this.#explained(() => this.#statement(sql).run(values).changes)
  }

  /** The new row's number. */
  protected add(sql: string, values: Values): number {
    return this.#explained(() => Number(this.#statement(sql).run(values).lastInsertRowid))
  }

  protected one<S extends z.ZodType>(schema: S, sql: string, values: Values = {}): z.output<S> | null {
    const row = this.#explained(() => this.#statement(sql).get(values))
    return row === undefined ? null : this.#parse(schema, row)
  }

  protected all<S extends z.ZodType>(schema: S, sql: string, values: Values = {}): z.output<S>[] {
    const rows = this.#explained(() => this.#statement(sql).all(values))
    return rows.map((row) => this.#parse(schema, row))
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #parse<S extends z.ZodType>(schema: S, row: unknown): z.output<S> {
    const parsed = schema.safeParse(row)
    if (parsed.success) return parsed.data
    throw databaseDamaged(this.#file, 'it holds a row that Atek cannot read', parsed.error)
  }

  #explained<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw explained(this.#file, error)
    }
  }
}
