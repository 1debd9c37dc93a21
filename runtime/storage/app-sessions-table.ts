import { z } from 'zod'
import { Table } from './table.ts'

const rowSchema = z
  .object({ session_id: z.string(), app_key: z.string() })
  .transform((row) => ({ sessionId: row.session_id, appKey: row.app_key }))
export type StoredAppSession = z.output<typeof rowSchema>

/** What an app's own cookie stands for: SHA-256 of its token -> session and app. Rows go when their session goes. */
export class AppSessionsTable extends Table {
  insert(tokenHash: string, session: StoredAppSession, at: number): void {
    this.run('INSERT INTO app_sessions VALUES (:tokenHash, :sessionId, :appKey, :at)', { ...session, tokenHash, at })
  }

  byTokenHash(tokenHash: string): StoredAppSession | null {
    return this.one(rowSchema, 'SELECT session_id, app_key FROM app_sessions WHERE token_hash = :tokenHash', {
      tokenHash,
    })
  }

  /** Removes all but the newest `keep` of this session and app. */
  trim(session: StoredAppSession, keep: number): void {
    this.run(
      `DELETE FROM app_sessions WHERE session_id = :sessionId AND app_key = :appKey AND rowid NOT IN (
         SELECT rowid FROM app_sessions WHERE session_id = :sessionId AND app_key = :appKey
         ORDER BY rowid DESC LIMIT :keep)`,
      { ...session, keep },
    )
  }
}
