import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import type { User } from '../contract/models.ts'
import { roleSchema } from '../contract/schemas.ts'
import { sqliteCode } from './sqlite-errors.ts'
import { Table } from './table.ts'

const rowSchema = z
  .object({ key: z.string(), username: z.string(), role: roleSchema, created_at: z.number() })
  .transform((row): User => ({ key: row.key, username: row.username, role: row.role, createdAt: row.created_at }))

const COLUMNS = 'key, username, role, created_at'

/**
 * The form under which names are the same name. Compatibility forms are unified (a full-width letter is no other
 * letter); upper case first, because lower case alone keeps "ß" and "SS" apart.
 */
export function foldUsername(username: string): string {
  return username.normalize('NFKC').toUpperCase().toLowerCase()
}

export class UsersTable extends Table {
  /** By name. */
  list(): User[] {
    return this.all(rowSchema, `SELECT ${COLUMNS} FROM users ORDER BY username_folded`)
  }

  get(key: string): User | null {
    return this.one(rowSchema, `SELECT ${COLUMNS} FROM users WHERE key = :key`, { key })
  }

  /** Whatever its case. */
  byName(username: string): User | null {
    return this.one(rowSchema, `SELECT ${COLUMNS} FROM users WHERE username_folded = :folded`, {
      folded: foldUsername(username),
    })
  }

  count(): number {
    return this.one(z.object({ n: z.number() }), 'SELECT count(*) AS n FROM users')?.n ?? 0
  }

  countAdmins(): number {
    return this.one(z.object({ n: z.number() }), `SELECT count(*) AS n FROM users WHERE role = 'admin'`)?.n ?? 0
  }

  /** USERNAME_TAKEN when someone has this name in any case; CONFLICT when the key was ever used. */
  insert(user: User): void {
    if (this.one(z.object({ key: z.string() }), 'SELECT key FROM retired_keys WHERE key = :key', { key: user.key })) {
      throw new AppError('CONFLICT', 'This user key was used before. Keys are never given twice.')
    }
    this.#unique(user.username, () =>
      this.run('INSERT INTO users VALUES (:key, :username, :folded, :role, :createdAt)', {
        key: user.key,
        username: user.username,
        folded: foldUsername(user.username),
        role: user.role,
        createdAt: user.createdAt,
      }),
    )
  }

  /** USERNAME_TAKEN as for insert. */
  update(user: Pick<User, 'key' | 'username' | 'role'>): void {
    this.#unique(user.username, () =>
      this.run('UPDATE users SET username = :username, username_folded = :folded, role = :role WHERE key = :key', {
        key: user.key,
        username: user.username,
        folded: foldUsername(user.username),
        role: user.role,
      }),
    )
  }

  /** Takes the user's password, sessions, app sessions and databases along; retires the key. Inside a transaction. */
  delete(key: string, at: number): void {
    this.run('DELETE FROM users WHERE key = :key', { key })
    this.run('DELETE FROM adb_databases WHERE owner = :key', { key })
    this.run('INSERT INTO retired_keys VALUES (:key, :at)', { key, at })
  }

  #unique(username: string, write: () => void): void {
    try {
      write()
    } catch (error) {
      if (sqliteCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error
      throw new AppError('USERNAME_TAKEN', `There is already a user named "${username}". Choose another name.`)
    }
  }
}
