import type { AuditRow } from '../../../runtime/contract/models.ts'

/** Rows in the order they come, cut where the day changes. */
export function byDay(rows: readonly AuditRow[], dayOf: (at: number) => string): { day: string; rows: AuditRow[] }[] {
  const days: { day: string; rows: AuditRow[] }[] = []
  for (const row of rows) {
    const day = dayOf(row.at)
    const last = days.at(-1)
    if (last?.day === day) last.rows.push(row)
    else days.push({ day, rows: [row] })
  }
  return days
}
