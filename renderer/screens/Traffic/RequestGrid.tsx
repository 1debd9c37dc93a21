// biome-ignore-all lint/a11y/useSemanticElements: a table's elements cannot be laid out row by row for virtual scrolling.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row (WAI-ARIA grid).
import { Button } from '@mantine/core'
import { useElementSize, useMergedRef } from '@mantine/hooks'
import { IconArrowDown } from '@tabler/icons-react'
import { type KeyboardEvent, memo, type RefObject, useCallback, useEffect, useRef } from 'react'
import { appsStore } from '../../state/apps.ts'
import { useStore } from '../../state/store.ts'
import type { TrafficClient } from '../../state/traffic/client.ts'
import type { TrafficFrame } from '../../state/traffic/messages.ts'
import { RequestRow, requestRowId } from './RequestRow.tsx'
import classes from './Traffic.module.css'
import { HEAD, ROW, useGridWindow } from './use-grid-window.ts'

const COLUMNS = [
  { name: 'Time' },
  { name: 'App', className: classes.app },
  { name: 'Who', className: classes.who },
  { name: 'Method' },
  { name: 'Path' },
  { name: 'Status' },
  { name: 'Took', className: classes.took },
  { name: 'Size', className: `${classes.size} ${classes.end}` },
] as const

interface RequestGridProps {
  gridRef: RefObject<HTMLDivElement | null>
  client: TrafficClient
  frame: TrafficFrame
  /** The selected row's seq. */
  selected: number | null
  onSelect(seq: number | null): void
  paused: boolean
  onResume(): void
}

/** The worker's last picture of the rows, of which only those in sight are in the document. One tab stop; arrows move. */
export const RequestGrid = memo(function RequestGrid(props: RequestGridProps) {
  const { gridRef, client, frame, selected, onSelect, paused, onResume } = props
  const apps = useStore(appsStore, (state) => state.byKey)
  const { ref: sizeRef, height } = useElementSize()
  const mergedRef = useMergedRef(gridRef, sizeRef)
  const { following, follow, leave, reveal, count, handlers } = useGridWindow(gridRef, client, frame, height)
  const fresh = paused ? frame.waiting : frame.fresh

  const latest = useRef({ select: onSelect, leave, reveal })
  latest.current = { select: onSelect, leave, reveal }
  useEffect(() => {
    client.moved = (seq, index) => {
      latest.current.select(seq)
      latest.current.leave()
      latest.current.reveal(index)
    }
    return () => {
      client.moved = () => {}
    }
  }, [client])
  // One function for all rows and all times, so that a row renders again only when it changed itself.
  const selectRow = useCallback((seq: number) => {
    latest.current.select(seq)
    latest.current.leave()
  }, [])

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((height - HEAD) / ROW) - 1)
    const moves: Record<string, number | 'first' | 'last'> = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -page,
      PageDown: page,
      Home: 'first',
      End: 'last',
    }
    const by = moves[event.key]
    if (by !== undefined) client.move(selected, by)
    else if (event.key === 'Escape' && selected !== null) onSelect(null)
    else if (event.key === 'Enter' && selected !== null) document.getElementById('request-details')?.focus()
    else return
    event.preventDefault()
  }

  const shown = selected !== null && frame.rows.some((row) => row.seq === selected)
  return (
    <>
      <div
        ref={mergedRef}
        className={classes.grid}
        role="grid"
        aria-label="Requests"
        aria-rowcount={frame.total + 1}
        aria-colcount={COLUMNS.length}
        aria-activedescendant={shown ? requestRowId(selected) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        {...handlers}
      >
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} style={{ display: 'contents' }}>
            {COLUMNS.map((column) => (
              <div
                key={column.name}
                role="columnheader"
                className={'className' in column ? column.className : undefined}
              >
                {column.name}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={classes.rows} style={{ height: frame.total * ROW }}>
          {frame.rows.map((row, offset) => {
            const index = frame.first + offset
            return (
              <RequestRow
                // By place and not by row: at 10,000 rows a second every row is another one ten times a second, and
                // filling the same elements anew costs far less than making new ones.
                key={index % Math.max(count, frame.rows.length)}
                row={row}
                index={index}
                top={index * ROW}
                selected={row.seq === selected}
                app={row.appKey === null ? undefined : apps.get(row.appKey)}
                callingApp={row.caller?.serviceKey ? apps.get(row.caller.serviceKey) : undefined}
                onSelect={selectRow}
              />
            )
          })}
        </div>
      </div>
      {fresh > 0 && (!following || paused) && (
        <Button
          className={classes.more}
          radius="xl"
          leftSection={<IconArrowDown size={15} />}
          onClick={() => {
            onResume()
            follow()
          }}
        >
          {fresh.toLocaleString('en')} new
        </Button>
      )}
    </>
  )
})
