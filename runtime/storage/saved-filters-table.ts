import { z } from 'zod'
import type { SavedFilter } from '../contract/traffic.ts'
import { Table } from './table.ts'

const rowSchema = z.object({ name: z.string(), filter: z.string() })

export class SavedFiltersTable extends Table {
  /** By name. */
  of(userKey: string): SavedFilter[] {
    return this.all(rowSchema, 'SELECT name, filter FROM saved_filters WHERE user_key = :userKey ORDER BY name', {
      userKey,
    })
  }

  /** The user must exist. */
  set(userKey: string, { name, filter }: SavedFilter): void {
    this.run(
      `INSERT INTO saved_filters VALUES (:userKey, :name, :filter)
       ON CONFLICT (user_key, name) DO UPDATE SET filter = :filter`,
      { userKey, name, filter },
    )
  }

  delete(userKey: string, name: string): void {
    this.run('DELETE FROM saved_filters WHERE user_key = :userKey AND name = :name', { userKey, name })
  }
}
