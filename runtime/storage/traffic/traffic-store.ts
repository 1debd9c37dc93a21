import { rmSync } from 'node:fs'
import type Database from 'better-sqlite3'
import type { TrafficRow } from '../../contract/models.ts'
import { databaseDamaged, explained } from '../sqlite-errors.ts'
import { TrafficHours } from './hours.ts'
import { Names } from './names.ts'
import { isDamage, openTraffic, setAside } from './open-traffic.ts'
import {
  COLUMNS,
  fromColumns,
  readDetails,
  type StoredDetails,
  type StoredExchange,
  toColumns,
} from './stored-exchange.ts'
import { type StoredPage, type TrafficQuery, TrafficSearch } from './traffic-search.ts'

export interface StoreCounts {
  rows: number
  bytes: number
  oldestAt: number | null
}

export interface Retention {
  /** Rows that began before this go, and so do the oldest beyond so many, or while the file is larger. */
  before: number
  rows: number
  bytes: number
  /** Hours of the charts that began before this go. */
  hoursBefore: number
}

/** Rows that one slice of a purge removes: some milliseconds, so that new rows and searches come in between. */
const SLICE = 2000
/** Pages that a slice gives back to the file system. */
const VACUUM = 1000

/**
 * Requests on the disk, in a file of their own beside the host's database: batches of rows never wait for, or hold up,
 * what identity writes. Everything here is done at once and takes its time, so it belongs into a thread of its own
 * (traffic-worker.ts). Where the file turns out to be damaged, it is set aside and a new one begun.
 */
export class TrafficStore {
  readonly #file: string
  readonly #now: () => number
  #db: Database.Database
  #names: Names
  #search: TrafficSearch
  #hours: TrafficHours
  #rows: number | null = null
  /** Why an earlier file is not used; said once. */
  readonly setAside: string | null

  /** @param now milliseconds of a clock that never goes back */
  constructor(file: string, now: () => number) {
    this.#file = file
    this.#now = now
    const opened = openTraffic(file)
    this.#db = opened.db
    this.setAside = opened.setAside
    this.#names = new Names(this.#db)
    this.#search = new TrafficSearch(this.#db, this.#names, now)
    this.#hours = new TrafficHours(this.#db)
  }

  /** Number of the newest row that was ever stored in this file and is still there; 0 without any. */
  lastSeq(): number {
    return this.#guarded(() => Number(this.#db.prepare('SELECT ifnull(max(seq), 0) FROM exchanges').pluck().get()))
  }

  /** All of them are stored, or (when it throws) none. A row that is there already is replaced. */
  insert(batch: readonly StoredExchange[]): void {
    this.#guarded(() => {
      const row = this.#db.prepare(
        `INSERT OR REPLACE INTO exchanges (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`,
      )
      const details = this.#db.prepare('INSERT OR REPLACE INTO details VALUES (?, ?)')
      try {
        this.#db
          .transaction(() => {
            let last = 0
            for (const exchange of batch) {
              row.run(toColumns(exchange, this.#names))
              details.run(exchange.row.seq, exchange.details)
              last = Math.max(last, exchange.row.seq)
            }
            this.#names.used(last)
          })
          .immediate()
      } catch (error) {
        // Numbers that were given to names in it are not in the file.
        this.#names.forget()
        throw error
      }
      if (this.#rows !== null) this.#rows += batch.length
    })
  }

  search(query: TrafficQuery): StoredPage {
    return this.#guarded(() => this.#search.search({ ...query, ...(this.#rows !== null && { rows: this.#rows }) }))
  }

  get(seq: number): { row: TrafficRow; details: StoredDetails } | null {
    return this.#guarded(() => {
      const [row] = this.#read('seq = ?', [seq])
      if (row === undefined) return null
      const json = this.#db.prepare('SELECT json FROM details WHERE seq = ?').pluck().get(seq)
      return { row, details: readDetails(typeof json === 'string' ? json : undefined) }
    })
  }

  /** Rows that these requests caused directly, by number. */
  causedBy(seqs: readonly number[], limit: number): TrafficRow[] {
    return this.#guarded(() =>
      this.#read('cause IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?', [JSON.stringify(seqs), limit]),
    )
  }

  counts(): StoreCounts {
    return this.#guarded(() => {
      this.#rows ??= Number(this.#db.prepare('SELECT count(*) FROM exchanges').pluck().get())
      const oldest = this.#db.prepare('SELECT at FROM exchanges ORDER BY seq LIMIT 1').pluck().get()
      return { rows: this.#rows, bytes: this.#bytes(), oldestAt: typeof oldest === 'number' ? oldest : null }
    })
  }

  /** Removes a slice of what is beyond its time or its room (C44). True when there is more to do. */
  purge(retention: Retention): boolean {
    return this.#guarded(() => {
      const { rows, bytes } = this.counts()
      const surplus = bytes > retention.bytes ? SLICE : Math.min(SLICE, Math.max(0, rows - retention.rows))
      const oldest = this.#db.prepare('SELECT seq, at FROM exchanges ORDER BY seq LIMIT ?').all(SLICE) as {
        seq: number
        at: number
      }[]
      // A clock that was set may leave a younger row between older ones; it goes when its time comes.
      const old = oldest.findIndex(({ at }) => at >= retention.before)
      const going = Math.max(surplus, old === -1 ? oldest.length : old)
      const last = oldest[Math.min(going, oldest.length) - 1]
      if (last !== undefined) this.#remove('seq <= ?', [last.seq])
      this.#hours.purge(retention.hoursBefore)
      const first = Number(this.#db.prepare('SELECT ifnull(min(seq), ?) FROM exchanges').pluck().get(this.#end()))
      const names = this.#names.purge(first, SLICE)
      const vacuumed = this.#vacuum()
      return going >= SLICE || names >= SLICE || vacuumed
    })
  }

  /** Keys of everybody who called something that is stored. */
  users(): string[] {
    return this.#guarded(() => {
      const ids = this.#db.prepare('SELECT DISTINCT user_key FROM exchanges WHERE user_key IS NOT NULL').pluck().all()
      return ids.map((id) => this.#names.text(Number(id)))
    })
  }

  /** Removes a slice of what this user called (C44). True when there is more to do. */
  forgetUser(userKey: string): boolean {
    return this.#guarded(() => {
      const id = this.#db.prepare('SELECT id FROM names WHERE text = ?').pluck().get(userKey)
      if (typeof id !== 'number') return false
      const condition = 'seq IN (SELECT seq FROM exchanges WHERE user_key = ? LIMIT ?)'
      return this.#remove(condition, [id, SLICE]) >= SLICE
    })
  }

  /** Forgets everything; nothing of it stays on the disk. */
  clear(): void {
    this.#db.close()
    for (const end of ['', '-wal', '-shm']) rmSync(this.#file + end, { force: true })
    this.#use(openTraffic(this.#file).db)
  }

  get hours(): TrafficHours {
    return this.#hours
  }

  close(): void {
    this.#db.close()
  }

  #read(condition: string, values: (string | number)[]): TrafficRow[] {
    const rows = this.#db.prepare(`SELECT ${COLUMNS.join(', ')} FROM exchanges WHERE ${condition}`).all(...values)
    return rows.map((columns) => fromColumns(columns, this.#names))
  }

  /** Rows removed. */
  #remove(condition: string, values: number[]): number {
    return this.#db
      .transaction(() => {
        this.#db
          .prepare(`DELETE FROM details WHERE seq IN (SELECT seq FROM exchanges WHERE ${condition})`)
          .run(...values)
        const { changes } = this.#db.prepare(`DELETE FROM exchanges WHERE ${condition}`).run(...values)
        if (this.#rows !== null) this.#rows -= changes
        return changes
      })
      .immediate()
  }

  #end(): number {
    return Number(this.#db.prepare('SELECT ifnull(max(last_seq), 0) + 1 FROM names').pluck().get())
  }

  #vacuum(): boolean {
    const free = Number(this.#db.pragma('freelist_count', { simple: true }))
    // A little room is kept for what comes next: to give it back and take it again would be work for nothing.
    if (free < VACUUM) return false
    this.#db.pragma(`incremental_vacuum(${VACUUM})`)
    return free >= 2 * VACUUM
  }

  /** In use, without the room that purged rows left. */
  #bytes(): number {
    const pages = (name: string) => Number(this.#db.pragma(name, { simple: true }))
    return (pages('page_count') - pages('freelist_count')) * pages('page_size')
  }

  #use(db: Database.Database): void {
    this.#db = db
    this.#names = new Names(db)
    this.#search = new TrafficSearch(db, this.#names, this.#now)
    this.#hours = new TrafficHours(db)
    this.#rows = null
  }

  #guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (!isDamage(error)) throw explained(this.#file, error)
      this.#db.close()
      const opened = setAside(this.#file, error)
      this.#use(opened.db)
      throw databaseDamaged(this.#file, 'its contents are damaged', error)
    }
  }
}
