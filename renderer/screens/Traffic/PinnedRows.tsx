import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core'
import { IconPinFilled, IconX } from '@tabler/icons-react'
import { visible } from '../../format/text.ts'
import { clockTime } from '../../format/time.ts'
import { formatDuration } from '../../format/units.ts'
import { pinsStore, unpin } from '../../state/pins.ts'
import { useStore } from '../../state/store.ts'
import classes from './Pinned.module.css'
import { Status } from './RequestRow.tsx'

/** Pinned requests, above the grid and whatever its filter. */
export function PinnedRows(props: { selected: number | null; onSelect(seq: number): void }) {
  const { selected, onSelect } = props
  const pins = useStore(pinsStore, (rows) => rows)
  if (pins.length === 0) return null
  return (
    <ul className={classes.pins} aria-label="Pinned requests">
      {pins.map((row) => (
        <li key={row.seq} className={classes.pin} data-selected={row.seq === selected || undefined}>
          <UnstyledButton className={classes.open} onClick={() => onSelect(row.seq)}>
            <IconPinFilled size={13} className={classes.mark} aria-hidden="true" />
            <span className={classes.dim}>{clockTime(row.at)}</span>
            <bdi className={classes.app}>{visible(row.appId)}</bdi>
            <span className={classes.path}>
              {visible(row.method)} <bdi>{visible(row.path)}</bdi>
            </span>
            <Status row={row} />
            <span className={classes.took}>{row.durationMs === null ? 'open' : formatDuration(row.durationMs)}</span>
          </UnstyledButton>
          <Tooltip label="Unpin">
            <ActionIcon
              size={22}
              aria-label={`Unpin ${visible(row.method)} ${visible(row.path)}`}
              onClick={() => unpin(row.seq)}
            >
              <IconX size={13} />
            </ActionIcon>
          </Tooltip>
        </li>
      ))}
    </ul>
  )
}
