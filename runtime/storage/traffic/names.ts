import type Database from 'better-sqlite3'

/** Texts beyond this many are looked up again: a caller can make up as many names as he likes (A13). */
const MOST_CACHED = 50_000

/** Texts that many rows share, kept once each: numbers for texts, and texts for numbers. */
export class Names {
  readonly #find: Database.Statement
  readonly #add: Database.Statement
  readonly #read: Database.Statement
  readonly #use: Database.Statement
  readonly #purge: Database.Statement
  readonly #ids = new Map<string, number>()
  readonly #texts = new Map<number, string>()
  #used = new Set<number>()

  constructor(db: Database.Database) {
    this.#find = db.prepare('SELECT id FROM names WHERE text = ?').pluck()
    this.#add = db.prepare('INSERT INTO names (text, last_seq) VALUES (?, 0)')
    this.#read = db.prepare('SELECT text FROM names WHERE id = ?').pluck()
    this.#use = db.prepare('UPDATE names SET last_seq = ? WHERE id IN (SELECT value FROM json_each(?))')
    this.#purge = db.prepare('DELETE FROM names WHERE id IN (SELECT id FROM names WHERE last_seq < ? LIMIT ?)')
  }

  /** The number of a text, which gets one if it has none. Only within the transaction of a batch. */
  id(text: string): number {
    let id = this.#ids.get(text)
    if (id === undefined) {
      id = (this.#find.get(text) as number | undefined) ?? Number(this.#add.run(text).lastInsertRowid)
      if (this.#ids.size >= MOST_CACHED) this.#ids.clear()
      this.#ids.set(text, id)
    }
    this.#used.add(id)
    return id
  }

  /** The batch is whole: what it used is in use up to row `seq`. */
  used(seq: number): void {
    this.#use.run(seq, JSON.stringify([...this.#used]))
    this.#used.clear()
  }

  /** Empty for a number that nobody has: a damaged file, since rows go before their names. */
  text(id: number): string {
    let text = this.#texts.get(id)
    if (text === undefined) {
      text = (this.#read.get(id) as string | undefined) ?? ''
      if (this.#texts.size >= MOST_CACHED) this.#texts.clear()
      this.#texts.set(id, text)
    }
    return text
  }

  /** Names that no row from `oldestSeq` on uses, at most `limit` of them. Returns how many went. */
  purge(oldestSeq: number, limit: number): number {
    const { changes } = this.#purge.run(oldestSeq, limit)
    // Numbers of what is gone may be given to other texts.
    if (changes > 0) this.forget()
    return changes
  }

  /** Nothing that is remembered holds any more: rolled back, purged, or cleared. */
  forget(): void {
    this.#ids.clear()
    this.#texts.clear()
    this.#used.clear()
  }
}
