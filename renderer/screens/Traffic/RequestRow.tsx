// biome-ignore-all lint/a11y/useSemanticElements: a table's elements cannot be laid out row by row for virtual scrolling.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row (WAI-ARIA grid).
import { IconArrowNarrowRight, IconPlugConnected, IconShieldX } from '@tabler/icons-react'
import { memo } from 'react'
import type { AppSummary, TrafficRow } from '../../../runtime/contract/models.ts'
import { AppIcon, UserAvatar } from '../../components/AppIcon.tsx'
import { visible } from '../../format/text.ts'
import { clockTime, exactTime } from '../../format/time.ts'
import { formatBytes, formatDuration } from '../../format/units.ts'
import classes from './Traffic.module.css'

export function requestRowId(seq: number): string {
  return `request-${seq}`
}

interface RequestRowProps {
  row: TrafficRow
  index: number
  /** Pixels from the first row. */
  top: number
  selected: boolean
  app: AppSummary | undefined
  callingApp: AppSummary | undefined
  onSelect(seq: number): void
}

export const RequestRow = memo(
  function RequestRow(props: RequestRowProps) {
    const { row, index, top, selected, app, onSelect } = props
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys for all of its rows.
      <div
        id={requestRowId(row.seq)}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={selected}
        className={classes.row}
        data-refused={row.refused !== null || undefined}
        style={{ transform: `translateY(${top}px)` }}
        onClick={() => onSelect(row.seq)}
      >
        <div role="gridcell" className={classes.dim} title={exactTime(row.at)}>
          {clockTime(row.at)}
        </div>
        <div role="gridcell" className={classes.app}>
          <span className={classes.pair}>
            {row.appKey !== null && (
              <AppIcon icon={app?.icon ?? null} title={app?.title ?? row.appId} colourKey={row.appKey} size={16} />
            )}
            <bdi title={visible(app?.title ?? row.appId)}>{visible(row.appId)}</bdi>
          </span>
        </div>
        <div role="gridcell" className={classes.who}>
          <Who {...props} />
        </div>
        <div role="gridcell" className={classes.mono}>
          {visible(row.method)}
        </div>
        <div role="gridcell" className={classes.mono} title={visible(row.path)}>
          <bdi>{visible(row.path)}</bdi>
        </div>
        <div role="gridcell">
          <Status row={row} />
        </div>
        <div role="gridcell" className={classes.took}>
          <Took row={row} />
        </div>
        <div
          role="gridcell"
          className={`${classes.size} ${classes.end} ${classes.dim}`}
          title={`${formatBytes(row.bytesIn)} sent, ${formatBytes(row.bytesOut)} received`}
        >
          {formatBytes(row.bytesOut)}
        </div>
      </div>
    )
  },
  // An app is announced with every measurement of its memory; a row shows its icon and title only.
  (before, after) =>
    sameRow(before.row, after.row) &&
    before.index === after.index &&
    before.top === after.top &&
    before.selected === after.selected &&
    before.app?.icon === after.app?.icon &&
    before.app?.title === after.app?.title &&
    before.callingApp?.icon === after.callingApp?.icon,
)

/** Each picture brings its rows anew; what may change of a row with the same number is this. */
function sameRow(a: TrafficRow, b: TrafficRow): boolean {
  return (
    a.seq === b.seq &&
    a.state === b.state &&
    a.status === b.status &&
    a.durationMs === b.durationMs &&
    a.bytesOut === b.bytesOut &&
    a.bytesIn === b.bytesIn &&
    a.refused === b.refused &&
    a.appKey === b.appKey &&
    a.caller?.userKey === b.caller?.userKey
  )
}

/** The person; for a call from app to app also the app that called for them. */
function Who(props: RequestRowProps) {
  const { caller } = props.row
  if (caller === null) return <span className={classes.dim}>nobody</span>
  const name = caller.username ?? (caller.userKey === 'system' ? 'Atek' : 'a deleted user')
  const person = <UserAvatar userKey={caller.userKey} name={name} size={16} />
  if (caller.serviceKey === null) {
    return (
      <span className={classes.pair}>
        {person}
        <bdi>{visible(name)}</bdi>
      </span>
    )
  }
  const through = visible(caller.serviceId ?? 'a deleted app')
  return (
    <span className={classes.pair} title={`${visible(name)}, through ${through}`}>
      {person}
      <span className="visually-hidden">{visible(name)} through</span>
      <IconArrowNarrowRight size={13} aria-hidden="true" />
      <AppIcon
        icon={props.callingApp?.icon ?? null}
        title={props.callingApp?.title ?? caller.serviceId ?? '?'}
        colourKey={caller.serviceKey}
        size={16}
      />
      <bdi>{through}</bdi>
    </span>
  )
}

export function Status(props: { row: TrafficRow }) {
  const { row } = props
  const refused = row.refused !== null
  if (row.status === null) {
    return <span className={classes.dim}>{row.state === 'aborted' ? 'cut off' : 'waiting'}</span>
  }
  return (
    <span
      className={classes.status}
      data-class={Math.floor(row.status / 100)}
      data-refused={refused || undefined}
      title={refused ? `Refused by Atek: ${row.refused}` : undefined}
    >
      {refused && <IconShieldX size={14} role="img" aria-label="Refused" />}
      {row.kind === 'websocket' && !refused && <IconPlugConnected size={14} role="img" aria-label="WebSocket" />}
      {row.status}
    </span>
  )
}

function Took(props: { row: TrafficRow }) {
  const { durationMs } = props.row
  if (durationMs === null) return <span className={classes.dim}>…</span>
  // Logarithmic: 1 ms is a sliver, 10 s fills the column.
  const share = Math.min(1, Math.log10(1 + durationMs) / 4)
  return (
    <>
      <span className={classes.bar} style={{ width: `${Math.max(4, share * 100)}%` }} />
      <span className={classes.end}>{formatDuration(durationMs)}</span>
    </>
  )
}
