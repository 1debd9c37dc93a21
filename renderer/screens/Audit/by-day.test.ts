import { expect, test } from 'vitest'
import type { AuditRow } from '../../../runtime/contract/models.ts'
import { byDay } from './by-day.ts'

test('rows are cut where the day changes and keep their order', () => {
  const rows = [30, 29, 15, 1].map((at) => ({ at, seq: at }) as AuditRow)
  const days = byDay(rows, (at) => `day ${Math.floor(at / 10)}`)
  expect(days.map(({ day, rows: list }) => [day, list.map(({ seq }) => seq)])).toEqual([
    ['day 3', [30]],
    ['day 2', [29]],
    ['day 1', [15]],
    ['day 0', [1]],
  ])
})
