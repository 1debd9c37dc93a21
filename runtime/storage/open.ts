import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import type { Clock } from '../core/clock.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { databaseDamaged, explained, sqliteCode } from './sqlite-errors.ts'
import { Storage } from './storage.ts'

/** Marks the file as ours in SQLite's header ("ATEK"), so that another program's database is not taken for one. */
const APPLICATION_ID = 0x4154454b

/**
 * Opens the database, making it when there is none, and brings its schema up to date. The folder must exist.
 * DATABASE_DAMAGED when the file cannot be used; it is left byte for byte as it was found.
 */
export function openStorage(file: string, deps: { clock: Clock }): Storage {
  if (!existsSync(file)) create(file)
  inspect(file)
  try {
    const db = new Database(file, { fileMustExist: true })
    try {
      configure(db)
      migrate(db)
      return new Storage(db, file, deps.clock)
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw explained(file, error)
  }
}

/**
 * A new database is made under another name and put in place whole. So there never is a half-made one after a kill,
 * and an empty file in its place is known to be damage and not a beginning.
 */
function create(file: string): void {
  // A write-ahead log without its database would be replayed into the new one.
  if (existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0) {
    throw databaseDamaged(file, 'it is gone, but a log of changes to it (ending in -wal) is still there')
  }
  const fresh = `${file}.new`
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(fresh + end, { force: true })
  // Nobody else on the computer may read it; SQLite gives its log the same mode.
  closeSync(openSync(fresh, 'wx', 0o600))
  const db = new Database(fresh)
  try {
    db.pragma(`application_id = ${APPLICATION_ID}`)
    configure(db)
    migrate(db)
  } finally {
    db.close()
  }
  renameSync(fresh, file)
  syncFolder(dirname(file))
}

/** Reads the file through and writes nothing: a writable connection could change a damaged file even by closing it. */
function inspect(file: string): void {
  if (statSync(file).size === 0) throw databaseDamaged(file, 'it is empty')
  let problem: string | null
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true })
    try {
      problem = findProblem(db)
    } finally {
      db.close()
    }
  } catch (error) {
    // Changes of a killed process wait to be settled, which only a writable connection can do: not damage.
    if (sqliteCode(error)?.startsWith('SQLITE_READONLY')) return
    throw explained(file, error)
  }
  if (problem !== null) throw databaseDamaged(file, problem)
}

function findProblem(db: Database.Database): string | null {
  if (db.pragma('quick_check(1)', { simple: true }) !== 'ok') return 'its contents are damaged'
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) return 'it is not a database of Atek'
  if (Number(db.pragma('user_version', { simple: true })) > MIGRATIONS.length) {
    return 'it was written by a newer version of Atek. Install that version or a later one'
  }
  return null
}

function configure(db: Database.Database): void {
  db.pragma('journal_mode = WAL')
  // What was answered "done" is on the disk, also when the power goes.
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  // Deleted hashes are overwritten with zeroes and do not linger in free pages.
  db.pragma('secure_delete = ON')
  // The schema in the file is input from outside, too: it may not call functions with side effects.
  db.pragma('trusted_schema = OFF')
}

function migrate(db: Database.Database): void {
  const version = Number(db.pragma('user_version', { simple: true }))
  // A table that is made anew must not take along what refers to it; no effect inside a transaction, so here.
  db.pragma('foreign_keys = OFF')
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue
    // One transaction each, the number within it: a kill leaves the schema before or after, never between.
    db.transaction(() => {
      db.exec(sql)
      const dangling = db.pragma('foreign_key_check')
      if (Array.isArray(dangling) && dangling.length > 0)
        throw new Error('A migration left rows that refer to nothing.')
      db.pragma(`user_version = ${index + 1}`)
    }).immediate()
  }
  db.pragma('foreign_keys = ON')
}

/** A rename is on the disk once its folder is. Windows knows no such thing and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
