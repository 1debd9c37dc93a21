import { z } from 'zod'
import { jsonColumn } from './json-column.ts'
import { Table } from './table.ts'

/** Small values that belong to the host and not to a person's configuration file. */
export class SettingsTable extends Table {
  /** DATABASE_DAMAGED when the stored value has another form. */
  get<S extends z.ZodType>(name: string, schema: S): z.output<S> | null {
    const column = z.object({ value: z.string() }).transform((row) => row.value)
    return this.one(column.pipe(jsonColumn(schema)), 'SELECT value FROM settings WHERE name = :name', { name })
  }

  set(name: string, value: unknown): void {
    this.run('INSERT INTO settings VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value', {
      name,
      value: JSON.stringify(value),
    })
  }

  delete(name: string): void {
    this.run('DELETE FROM settings WHERE name = :name', { name })
  }
}
