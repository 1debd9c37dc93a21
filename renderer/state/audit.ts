import type { InfiniteData } from '@tanstack/react-query'
import type { AuditRow } from '../../runtime/contract/models.ts'

export const AUDIT_PAGE = 200

export type AuditPages = InfiniteData<AuditRow[], number | undefined>

/** A new row goes on top of the first page, unless it is there already. */
export function addAuditRow(data: AuditPages | undefined, row: AuditRow): AuditPages | undefined {
  const first = data?.pages[0]
  if (data === undefined || first === undefined) return data
  if (first.some((known) => known.seq === row.seq)) return data
  return { ...data, pages: [[row, ...first], ...data.pages.slice(1)] }
}

/** Where the next older page begins; undefined when the last one was the end. */
export function nextAuditPage(last: AuditRow[]): number | undefined {
  if (last.length < AUDIT_PAGE) return undefined
  const oldest = Math.min(...last.map((row) => row.seq))
  return oldest > 1 ? oldest : undefined
}
