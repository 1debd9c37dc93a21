import { z } from 'zod'
import { tokenTypeSchema } from '../contract/schemas.ts'
import { Table } from './table.ts'

const rowSchema = z
  .object({
    id: z.string(),
    user_key: z.string(),
    token_type: tokenTypeSchema,
    name: z.string(),
    origin: z.enum(['panel', 'password']),
    created_at: z.number(),
    last_used_at: z.number().nullable(),
    expires_at: z.number(),
    refresh_hash: z.string(),
  })
  .transform((row) => ({
    id: row.id,
    userKey: row.user_key,
    tokenType: row.token_type,
    name: row.name,
    origin: row.origin,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    /** Of the refresh token that is good now. */
    expiresAt: row.expires_at,
    refreshHash: row.refresh_hash,
  }))
/** A family of API tokens: what one refresh token and all that came out of it have in common. */
export type StoredApiToken = z.output<typeof rowSchema>

const COLUMNS = 'id, user_key, token_type, name, origin, created_at, last_used_at, expires_at, refresh_hash'

/** API tokens (C05). Of a refresh token only SHA-256 is here, and nothing reads it back but the comparison. */
export class ApiTokensTable extends Table {
  insert(token: StoredApiToken, seriesHash: string): void {
    this.run(
      `INSERT INTO api_tokens VALUES (:id, :userKey, :tokenType, :name, :origin, :seriesHash, :refreshHash, :createdAt,
         :lastUsedAt, :expiresAt)`,
      { ...token, seriesHash },
    )
  }

  get(id: string): StoredApiToken | null {
    return this.one(rowSchema, `SELECT ${COLUMNS} FROM api_tokens WHERE id = :id`, { id })
  }

  bySeries(seriesHash: string): StoredApiToken | null {
    return this.one(rowSchema, `SELECT ${COLUMNS} FROM api_tokens WHERE series_hash = :seriesHash`, { seriesHash })
  }

  /** Oldest first. */
  ofUser(userKey: string): StoredApiToken[] {
    return this.all(rowSchema, `SELECT ${COLUMNS} FROM api_tokens WHERE user_key = :userKey ORDER BY created_at, id`, {
      userKey,
    })
  }

  rotate(id: string, refreshHash: string, at: number, expiresAt: number): void {
    this.run(
      'UPDATE api_tokens SET refresh_hash = :refreshHash, last_used_at = :at, expires_at = :expiresAt WHERE id = :id',
      { id, refreshHash, at, expiresAt },
    )
  }

  setLastUsed(id: string, at: number): void {
    this.run('UPDATE api_tokens SET last_used_at = :at WHERE id = :id', { id, at })
  }

  delete(id: string): void {
    this.run('DELETE FROM api_tokens WHERE id = :id', { id })
  }

  deleteExpired(now: number): void {
    this.run('DELETE FROM api_tokens WHERE expires_at <= :now', { now })
  }
}
