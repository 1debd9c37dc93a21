import { z } from 'zod'
import type { AuditRow } from '../contract/models.ts'
import { jsonColumn } from './json-column.ts'
import { Table } from './table.ts'

/** A row as stored: people and apps by key (C40); names are looked up when it is shown. */
export type AuditRecord = Pick<AuditRow, 'seq' | 'at' | 'action' | 'actor' | 'subject' | 'outcome' | 'details'>

const rowSchema = z.object({
  seq: z.number(),
  at: z.number(),
  action: z.string(),
  actor: z.string(),
  subject: z.string().nullable(),
  outcome: z.enum(['ok', 'refused', 'failed']),
  details: jsonColumn(z.record(z.string(), z.unknown())),
})

/** Rows are added and read; the schema's triggers refuse to change or remove one. */
export class AuditTable extends Table {
  /** The new row's `seq`. */
  insert(row: Omit<AuditRecord, 'seq'>): number {
    return this.add(
      `INSERT INTO audit (at, action, actor, subject, outcome, details)
       VALUES (:at, :action, :actor, :subject, :outcome, :details)`,
      { ...row, details: JSON.stringify(row.details) },
    )
  }

  /** Newest first, those before the row `before`. */
  list(options: { before?: number | undefined; limit: number }): AuditRecord[] {
    return this.all(
      rowSchema,
      `SELECT seq, at, action, actor, subject, outcome, details FROM audit
       WHERE seq < :before ORDER BY seq DESC LIMIT :limit`,
      { before: options.before ?? Number.MAX_SAFE_INTEGER, limit: options.limit },
    )
  }

  count(): number {
    return this.one(z.object({ n: z.number() }), 'SELECT count(*) AS n FROM audit')?.n ?? 0
  }
}
