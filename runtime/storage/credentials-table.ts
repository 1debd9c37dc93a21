import { z } from 'zod'
import { Table } from './table.ts'

const rowSchema = z.object({ password_hash: z.string() }).transform((row) => row.password_hash)

/** Password hashes, apart from the profile (C01): nothing that lists users can hand one out by mistake. */
export class CredentialsTable extends Table {
  get(userKey: string): string | null {
    return this.one(rowSchema, 'SELECT password_hash FROM credentials WHERE user_key = :userKey', { userKey })
  }

  set(userKey: string, passwordHash: string, at: number): void {
    this.run(
      `INSERT INTO credentials VALUES (:userKey, :passwordHash, :at)
       ON CONFLICT (user_key) DO UPDATE SET password_hash = :passwordHash, changed_at = :at`,
      { userKey, passwordHash, at },
    )
  }
}
