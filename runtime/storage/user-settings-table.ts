import { z } from 'zod'
import { Table } from './table.ts'

const rowSchema = z.object({ main_app_key: z.string().nullable() })

export class UserSettingsTable extends Table {
  /** The key of the app that this person sees at the host's root; null for the list of their apps. */
  mainApp(userKey: string): string | null {
    const sql = 'SELECT main_app_key FROM user_settings WHERE user_key = :userKey'
    return this.one(rowSchema, sql, { userKey })?.main_app_key ?? null
  }

  /** User and app must exist. */
  setMainApp(userKey: string, appKey: string | null): void {
    this.run(
      `INSERT INTO user_settings VALUES (:userKey, :appKey)
       ON CONFLICT (user_key) DO UPDATE SET main_app_key = :appKey`,
      { userKey, appKey },
    )
  }
}
