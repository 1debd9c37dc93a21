import type Database from 'better-sqlite3'
import type { FilterNode } from '../../contract/filter/ast.ts'
import type { Pattern } from '../../contract/filter/pattern/compile.ts'
import type { TrafficRow } from '../../contract/models.ts'
import { type Condition, filterSql, PATTERN, type SqlValue } from './filter-sql.ts'
import type { Names } from './names.ts'
import { COLUMNS, fromColumns } from './stored-exchange.ts'

export interface TrafficQuery {
  node: FilterNode | null
  /** Whose rows: what this user called, and what was called in these apps; null for everybody's. */
  scope: { userKey: string; appKeys: string[] } | null
  appKey: string | null
  /** Rows with a number below and above these. */
  before: number | null
  after: number
  limit: number
  /** Milliseconds after which it answers with what it has. */
  budget: number
  /** How many rows there are, where that is known. */
  rows?: number
}

export interface StoredPage {
  /** Newest first. */
  rows: TrafficRow[]
  /** It looked at every row from this number on; null when it has seen all. */
  next: number | null
  /** Rows that match, as far as it counted. */
  matched: number
  exact: boolean
}

/** Rows that are looked at before time is asked again: some milliseconds' worth. */
const CHUNK = 20_000

/**
 * Searches from the newest row back, in pieces, until the page is full or its time is over. No index helps here but
 * the row's own number: rows are narrow, so that reading through all of them is a matter of some 50 ms for 500,000.
 */
export class TrafficSearch {
  readonly #db: Database.Database
  readonly #names: Names
  readonly #now: () => number
  #patterns: Pattern[] = []

  /** @param now milliseconds of a clock that never goes back */
  constructor(db: Database.Database, names: Names, now: () => number) {
    this.#db = db
    this.#names = names
    this.#now = now
    db.function(PATTERN, { deterministic: true, directOnly: true }, (index: unknown, text: unknown) =>
      this.#patterns[Number(index)]?.test(String(text)) ? 1 : 0,
    )
  }

  search(query: TrafficQuery): StoredPage {
    const deadline = this.#now() + query.budget
    const page: StoredPage = { rows: [], next: null, matched: 0, exact: true }
    const ends = this.#db.prepare('SELECT min(seq) AS least, max(seq) AS most FROM exchanges').get() as {
      least: number | null
      most: number | null
    }
    if (ends.least === null || ends.most === null) return page
    const floor = Math.max(ends.least, query.after + 1)
    const { sql, values } = this.#condition(query)
    const read = this.#db.prepare(
      `SELECT ${COLUMNS.join(', ')} FROM exchanges WHERE seq >= ? AND seq < ? AND ${sql} ORDER BY seq DESC LIMIT ?`,
    )
    let high = Math.min(query.before ?? Number.MAX_SAFE_INTEGER, ends.most + 1)
    while (high > floor) {
      const low = Math.max(floor, high - CHUNK)
      const found = read.all(low, high, ...values, query.limit - page.rows.length)
      for (const columns of found) page.rows.push(fromColumns(columns, this.#names))
      page.matched = page.rows.length
      const last = page.rows.at(-1)
      if (last !== undefined && page.rows.length >= query.limit) {
        if (last.seq > floor) page.next = last.seq
        if (query.rows !== undefined && sql === '1' && query.before === null && query.after === 0)
          page.matched = query.rows
        else this.#countOlder(page, { sql, values, floor, high: last.seq, deadline })
        return page
      }
      high = low
      if (high > floor && this.#now() >= deadline) return { ...page, next: high, exact: false }
    }
    return page
  }

  /** How many more match below, for as long as there is time. */
  #countOlder(
    page: StoredPage,
    { sql, values, floor, high, deadline }: Condition & { floor: number; high: number; deadline: number },
  ): void {
    const count = this.#db.prepare(`SELECT count(*) FROM exchanges WHERE seq >= ? AND seq < ? AND ${sql}`).pluck()
    for (let below = high; below > floor; below -= CHUNK) {
      if (this.#now() >= deadline) {
        page.exact = false
        return
      }
      page.matched += Number(count.get(Math.max(floor, below - CHUNK), below, ...values))
    }
  }

  #condition({ node, scope, appKey }: TrafficQuery): Condition {
    // Before the filter is compiled: it asks names by its patterns already.
    this.#patterns = []
    const parts = [filterSql(node, { where: (condition) => this.#ids(condition) }, this.#patterns)]
    if (appKey !== null) parts.push(this.#key('app_key', [appKey]))
    if (scope !== null) {
      const own = this.#key('user_key', [scope.userKey])
      const apps = this.#key('app_key', scope.appKeys)
      parts.push({ sql: `(${own.sql} OR ${apps.sql})`, values: [...own.values, ...apps.values] })
    }
    return { sql: parts.map((part) => part.sql).join(' AND '), values: parts.flatMap((part) => part.values) }
  }

  #key(column: 'app_key' | 'user_key', keys: string[]): Condition {
    const ids = this.#ids({ sql: 'text IN (SELECT value FROM json_each(?))', values: [JSON.stringify(keys)] })
    return { sql: `ifnull(${column} IN (SELECT value FROM json_each(?)), 0)`, values: [JSON.stringify(ids)] }
  }

  #ids({ sql, values }: Condition): number[] {
    return this.#db
      .prepare<SqlValue[]>(`SELECT id FROM names WHERE ${sql}`)
      .pluck()
      .all(...values) as number[]
  }
}
