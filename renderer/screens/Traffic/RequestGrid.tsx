// biome-ignore-all lint/a11y/useSemanticElements: a table's elements cannot be laid out row by row for virtual scrolling.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row (WAI-ARIA grid).
import { Button } from '@mantine/core'
import { IconArrowDown } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { useFollow } from '../../components/use-follow.ts'
import { appsStore } from '../../state/apps.ts'
import { lowerBound } from '../../state/sorted-rows.ts'
import { useStore } from '../../state/store.ts'
import { RequestRow, requestRowId } from './RequestRow.tsx'
import classes from './Traffic.module.css'
import type { RequestsState } from './use-requests.ts'

const ROW = 28
const HEAD = 30

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
  requests: RequestsState
  /** The selected row's seq. */
  selected: number | null
  onSelect(seq: number | null): void
}

/** All rows, of which only those in sight are in the document. One tab stop; arrows move the selection. */
export function RequestGrid(props: RequestGridProps) {
  const { gridRef, requests, selected, onSelect } = props
  const { rows } = requests
  const apps = useStore(appsStore, (state) => state.byKey)
  const { following, follow, leave, handlers } = useFollow({
    scroller: gridRef,
    rows,
    rowHeight: ROW,
    height: rows.length * ROW,
    onBeginning: requests.older,
  })
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => gridRef.current,
    estimateSize: () => ROW,
    getItemKey: (index) => rows[index]?.seq ?? index,
    overscan: 12,
    scrollMargin: HEAD,
    scrollPaddingStart: HEAD,
  })
  const unseen = useUnseen(rows.at(-1)?.seq ?? 0, following)
  const fresh = requests.paused ? requests.waiting : rows.length - lowerBound(rows, unseen + 1)

  const select = (index: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))]
    if (row === undefined) return
    onSelect(row.seq)
    if (index < rows.length - 1) leave()
    virtual.scrollToIndex(Math.min(rows.length - 1, Math.max(0, index)), { align: 'auto' })
  }
  // One function for all rows and all times, so that a row renders again only when it changed itself.
  const latest = useRef(select)
  latest.current = select
  const selectRow = useCallback((index: number) => latest.current(index), [])

  const onKeyDown = (event: KeyboardEvent) => {
    const at = selected === null ? rows.length : lowerBound(rows, selected)
    const page = Math.max(1, Math.floor(((gridRef.current?.clientHeight ?? ROW) - HEAD) / ROW) - 1)
    const moves: Record<string, number> = {
      ArrowUp: at - 1,
      ArrowDown: selected === null ? rows.length - 1 : at + 1,
      PageUp: at - page,
      PageDown: at + page,
      Home: 0,
      End: rows.length - 1,
    }
    const to = moves[event.key]
    if (to !== undefined) select(to)
    else if (event.key === 'Escape' && selected !== null) onSelect(null)
    else if (event.key === 'Enter' && selected !== null) document.getElementById('request-details')?.focus()
    else return
    event.preventDefault()
  }

  const items = virtual.getVirtualItems()
  const shown = selected !== null && items.some((item) => rows[item.index]?.seq === selected)
  return (
    <>
      <div
        ref={gridRef}
        className={classes.grid}
        role="grid"
        aria-label="Requests"
        aria-rowcount={rows.length + 1}
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
        <div role="rowgroup" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            return (
              <RequestRow
                key={row.seq}
                row={row}
                index={item.index}
                top={item.start - HEAD}
                selected={row.seq === selected}
                app={row.appKey === null ? undefined : apps.get(row.appKey)}
                callingApp={row.caller?.serviceKey ? apps.get(row.caller.serviceKey) : undefined}
                onSelect={selectRow}
              />
            )
          })}
        </div>
      </div>
      {fresh > 0 && (!following || requests.paused) && (
        <Button
          className={classes.more}
          radius="xl"
          leftSection={<IconArrowDown size={15} />}
          onClick={() => {
            requests.setPaused(false)
            follow()
          }}
        >
          {fresh.toLocaleString('en')} new
        </Button>
      )}
    </>
  )
}

/** The last seq that was seen at the end of the list; stands still while the person is elsewhere. */
function useUnseen(last: number, following: boolean): number {
  const [seen, setSeen] = useState(last)
  const latest = useRef(last)
  latest.current = last
  useEffect(() => {
    if (following) setSeen(latest.current)
  }, [following])
  return following ? last : seen
}
