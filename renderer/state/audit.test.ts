import { expect, test } from 'vitest'
import type { AuditRow } from '../../runtime/contract/models.ts'
import { AUDIT_PAGE, addAuditRow, nextAuditPage } from './audit.ts'

const row = (seq: number): AuditRow => ({
  seq,
  at: seq,
  action: 'app.start',
  actor: 'x',
  actorName: 'alice',
  subject: null,
  subjectName: null,
  outcome: 'ok',
  details: {},
  sentence: 'alice started Notes',
})
const pages = (...list: AuditRow[][]) => ({ pages: list, pageParams: list.map(() => undefined) })

test('a new row goes on top, once', () => {
  const data = addAuditRow(pages([row(2)], [row(1)]), row(3))
  expect(data?.pages.map((page) => page.map(({ seq }) => seq))).toEqual([[3, 2], [1]])
  expect(addAuditRow(data, row(3))).toBe(data)
})

test('without a first page there is nothing to add to', () => expect(addAuditRow(undefined, row(1))).toBeUndefined())

test('the next page begins before the oldest row of a full one', () => {
  const full = Array.from({ length: AUDIT_PAGE }, (_, index) => row(1000 - index))
  expect(nextAuditPage(full)).toBe(801)
  expect(nextAuditPage(full.slice(1))).toBeUndefined()
})
