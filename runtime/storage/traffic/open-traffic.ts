import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { sqliteCode } from '../sqlite-errors.ts'
import { TRAFFIC_MIGRATIONS } from './traffic-migrations.ts'

/** "ATET": another file than the host's own database, and not to be taken for it. */
const APPLICATION_ID = 0x41544554
/** A search reads through all rows, and finds them in the system's cache nearly as quickly. */
const CACHE_KIB = 8 * 1024

export interface OpenedTraffic {
  db: Database.Database
  /** Why a file that was there is not used, as a sentence; null when all is well. */
  setAside: string | null
}

/**
 * Opens the file of recorded requests, making it when there is none. The record is of less worth than the host: a file
 * that cannot be used never keeps the host from starting. It is set aside (one of them; an older one gives way), and a
 * new one takes its place.
 */
export function openTraffic(file: string): OpenedTraffic {
  if (!existsSync(file)) return { db: fresh(file), setAside: null }
  try {
    return { db: use(file), setAside: null }
  } catch (error) {
    if (!isDamage(error)) throw error
    return setAside(file, error)
  }
}

/** Puts a damaged file out of the way and begins a new one. Nobody may have it open. */
export function setAside(file: string, cause: unknown): OpenedTraffic {
  const aside = `${file}.damaged`
  for (const end of ['', '-wal', '-shm']) {
    rmSync(aside + end, { force: true })
    if (existsSync(file + end)) renameSync(file + end, aside + end)
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  const sentence = `The file of recorded requests could not be used (${why}). It is kept as ${aside}, and recording goes on in a new one.`
  return { db: fresh(file), setAside: sentence }
}

export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error)
  if (code !== null) return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
  return error instanceof NotOurs
}

class NotOurs extends Error {}

function fresh(file: string): Database.Database {
  for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true })
  // Nobody else on the computer may read it; SQLite gives its log the same mode.
  closeSync(openSync(file, 'w', 0o600))
  const db = new Database(file)
  try {
    // Room that purged rows leave is given back in slices. Can be chosen only while the file is empty.
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma(`application_id = ${APPLICATION_ID}`)
    return configure(db)
  } catch (error) {
    db.close()
    throw error
  }
}

function use(file: string): Database.Database {
  const db = new Database(file, { fileMustExist: true })
  try {
    if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
      throw new NotOurs('it is no file of recorded requests')
    }
    if (Number(db.pragma('user_version', { simple: true })) > TRAFFIC_MIGRATIONS.length) {
      throw new NotOurs('it was written by a newer version of Atek')
    }
    return configure(db)
  } catch (error) {
    db.close()
    throw error
  }
}

function configure(db: Database.Database): Database.Database {
  db.pragma('journal_mode = WAL')
  // A kill loses nothing that was committed; when the power goes, the last batches may be lost, the file never is.
  db.pragma('synchronous = NORMAL')
  db.pragma('trusted_schema = OFF')
  db.pragma(`cache_size = -${CACHE_KIB}`)
  const version = Number(db.pragma('user_version', { simple: true }))
  for (const [index, sql] of TRAFFIC_MIGRATIONS.entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${index + 1}`)
    }).immediate()
  }
  return db
}
