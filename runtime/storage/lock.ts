import { closeSync, existsSync, openSync, truncateSync } from 'node:fs'
import Database from 'better-sqlite3'
import { AppError } from '../contract/errors.ts'
import { type Disposable, toDisposable } from '../core/disposable.ts'
import { assertAddonLoadable } from './native-addon.ts'
import { sqliteCode } from './sqlite-errors.ts'

/** Held here as well: a lock that its caller forgot must not be collected, which would let go of it. */
const held = new Set<Database.Database>()

/**
 * Makes this process the only host on a config folder, until disposed or until it ends; the system lets go of the
 * lock even after kill -9. `file` is created when missing and has no contents. ALREADY_RUNNING when another host,
 * in this process or another, has it.
 */
export function lockConfigFolder(file: string): Disposable {
  // The first to touch SQLite in a host's process.
  assertAddonLoadable()
  const db = lock(file)
  held.add(db)
  return toDisposable(() => {
    held.delete(db)
    db.close()
  })
}

/** Whether a host runs on this config folder now. Takes nothing; a missing file is nobody's. */
export function isConfigFolderLocked(file: string): boolean {
  if (!existsSync(file)) return false
  assertAddonLoadable()
  const db = new Database(file, { readonly: true, timeout: 0 })
  try {
    // Reading needs a shared lock, which nobody gets beside the exclusive one.
    db.exec('SELECT count(*) FROM sqlite_master')
    return false
  } catch (error) {
    return sqliteCode(error)?.startsWith('SQLITE_BUSY') === true
  } finally {
    db.close()
  }
}

function lock(file: string): Database.Database {
  try {
    return begin(file)
  } catch (error) {
    const code = sqliteCode(error)
    if (code === 'SQLITE_NOTADB' || code?.startsWith('SQLITE_CORRUPT')) {
      // Nothing worth keeping was in it. Emptied in place, so that a lock which someone holds on it still counts.
      truncateSync(file)
      return begin(file)
    }
    throw error
  }
}

function begin(file: string): Database.Database {
  // Whoever can read the file can lock it, and would keep the host from starting; SQLite itself would make it 0644.
  closeSync(openSync(file, 'a', 0o600))
  // No waiting: whoever holds this lock holds it for the life of a process.
  const db = new Database(file, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db.close()
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) {
      throw new AppError(
        'ALREADY_RUNNING',
        'Atek is already running with this config folder. Use the one that is running, or stop it first.',
        { file },
      )
    }
    throw error
  }
}
