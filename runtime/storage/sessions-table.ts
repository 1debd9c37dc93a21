import { z } from 'zod'
import { Table } from './table.ts'

const rowSchema = z
  .object({
    id: z.string(),
    user_key: z.string(),
    kind: z.enum(['browser', 'panel']),
    client: z.string(),
    created_at: z.number(),
    last_seen_at: z.number(),
    expires_at: z.number(),
  })
  .transform((row) => ({
    id: row.id,
    userKey: row.user_key,
    kind: row.kind,
    client: row.client,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    /** The absolute end, however much it is used. */
    expiresAt: row.expires_at,
  }))
export type StoredSession = z.output<typeof rowSchema>

const COLUMNS = 'id, user_key, kind, client, created_at, last_seen_at, expires_at'

/** Sessions. Of a token only its SHA-256 is here (C04), and nothing reads it back. */
export class SessionsTable extends Table {
  insert(session: StoredSession, tokenHash: string): void {
    this.run(
      'INSERT INTO sessions VALUES (:id, :userKey, :tokenHash, :kind, :client, :createdAt, :lastSeenAt, :expiresAt)',
      {
        ...session,
        tokenHash,
      },
    )
  }

  get(id: string): StoredSession | null {
    return this.one(rowSchema, `SELECT ${COLUMNS} FROM sessions WHERE id = :id`, { id })
  }

  byTokenHash(tokenHash: string): StoredSession | null {
    return this.one(rowSchema, `SELECT ${COLUMNS} FROM sessions WHERE token_hash = :tokenHash`, { tokenHash })
  }

  /** Oldest first. */
  ofUser(userKey: string): StoredSession[] {
    return this.all(rowSchema, `SELECT ${COLUMNS} FROM sessions WHERE user_key = :userKey ORDER BY created_at, id`, {
      userKey,
    })
  }

  list(): StoredSession[] {
    return this.all(rowSchema, `SELECT ${COLUMNS} FROM sessions ORDER BY created_at, id`)
  }

  setTokenHash(id: string, tokenHash: string): void {
    this.run('UPDATE sessions SET token_hash = :tokenHash WHERE id = :id', { id, tokenHash })
  }

  setLastSeen(id: string, at: number): void {
    this.run('UPDATE sessions SET last_seen_at = :at WHERE id = :id', { id, at })
  }

  /** Takes its app sessions along. */
  delete(id: string): void {
    this.run('DELETE FROM sessions WHERE id = :id', { id })
  }
}
