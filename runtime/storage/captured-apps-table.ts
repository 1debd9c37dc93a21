import { z } from 'zod'
import { Table } from './table.ts'

/** Apps whose bodies are kept, by key. */
export class CapturedAppsTable extends Table {
  list(): string[] {
    const rows = this.all(z.object({ app_key: z.string() }), 'SELECT app_key FROM captured_apps ORDER BY app_key')
    return rows.map((row) => row.app_key)
  }

  /** The app must exist. */
  set(appKey: string, captured: boolean): void {
    if (captured) this.run('INSERT OR IGNORE INTO captured_apps VALUES (:appKey)', { appKey })
    else this.run('DELETE FROM captured_apps WHERE app_key = :appKey', { appKey })
  }
}
