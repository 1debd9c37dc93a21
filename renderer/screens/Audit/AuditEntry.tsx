import { UnstyledButton } from '@mantine/core'
import { IconChevronRight } from '@tabler/icons-react'
import { memo, useState } from 'react'
import type { AuditRow } from '../../../runtime/contract/models.ts'
import { Safe } from '../../components/Safe.tsx'
import { ScrollText } from '../../components/ScrollText.tsx'
import { visible } from '../../format/text.ts'
import { clockTime, exactTime } from '../../format/time.ts'
import classes from './Audit.module.css'

/** One row as a sentence; the row itself is a click away. */
export const AuditEntry = memo(function AuditEntry(props: { row: AuditRow }) {
  const { row } = props
  const [open, setOpen] = useState(false)
  return (
    <>
      <UnstyledButton className={classes.row} aria-expanded={open} onClick={() => setOpen((shown) => !shown)}>
        <span className={classes.chevron}>
          <IconChevronRight size={14} aria-hidden="true" />
        </span>
        <time className={classes.time} dateTime={new Date(row.at).toISOString()} title={exactTime(row.at)}>
          {clockTime(row.at)}
        </time>
        <span>
          <Safe text={row.sentence} />
        </span>
        <span>
          {row.outcome !== 'ok' && (
            <span className={classes.outcome} data-outcome={row.outcome}>
              {row.outcome === 'refused' ? 'Refused' : 'Failed'}
            </span>
          )}
        </span>
        <span className={classes.seq}>#{row.seq.toLocaleString('en')}</span>
      </UnstyledButton>
      {open && <ScrollText label={`Row ${row.seq}`} className={classes.raw} text={rawRow(row)} />}
    </>
  )
})

/** The row as it is stored, without the sentence that is made of it. */
function rawRow(row: AuditRow): string {
  const { sentence: _sentence, ...stored } = row
  return JSON.stringify({ ...stored, at: new Date(row.at).toISOString() }, null, 2)
    .split('\n')
    .map(visible)
    .join('\n')
}
