import Database from 'better-sqlite3'
import { AppError } from '../contract/errors.ts'

/** SQLite's own code, such as SQLITE_BUSY; null for any other error. */
export function sqliteCode(error: unknown): string | null {
  return error instanceof Database.SqliteError ? error.code : null
}

/** What to do is the same for every kind of damage: the file is evidence and perhaps repairable, so it stays. */
export function databaseDamaged(file: string, what: string, cause?: unknown): AppError {
  return new AppError(
    'DATABASE_DAMAGED',
    `The database ${file} cannot be used: ${what}. It was left as it is. Put a backup in its place, or move it and the files beside it that begin with its name to another folder to begin anew, then start Atek again.`,
    { file },
    { cause },
  )
}

/** SQLite's failures that a person can do something about; everything else passes unchanged. */
export function explained(file: string, error: unknown): unknown {
  const code = sqliteCode(error)
  if (code === null) return error
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return databaseDamaged(file, 'its contents are damaged', error)
  }
  if (code === 'SQLITE_FULL') {
    return new AppError(
      'DISK_FULL',
      'The disk is full, so nothing was changed. Make room and try again.',
      { file },
      { cause: error },
    )
  }
  return error
}
