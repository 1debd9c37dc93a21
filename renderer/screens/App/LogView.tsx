import { Button, Loader } from '@mantine/core'
import { IconArrowDown } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Centred } from '../../components/Page.tsx'
import { useFollow } from '../../components/use-follow.ts'
import classes from './Log.module.css'
import { LogLineText } from './LogLineText.tsx'
import { LogToolbar } from './LogToolbar.tsx'
import { findLines, lastStart, nextMatch } from './log-search.ts'
import { useLog } from './use-log.ts'

/** Height of a line that is not wrapped, in pixels. */
const LINE = 18

/** What the app has written: follows, wraps, searches; only lines in sight are in the document. */
export function LogView(props: { appKey: string; elsewhere: boolean }) {
  const { lines, loaded, error, reload, older } = useLog(props.appKey)
  const [wrap, setWrap] = useState(true)
  const [search, setSearch] = useState('')
  /** The line that a search or a jump led to. */
  const [current, setCurrent] = useState<number | null>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const wanted = useDeferredValue(search)
  const found = useMemo(() => findLines(lines, wanted), [lines, wanted])
  const start = useMemo(() => lastStart(lines), [lines])

  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    getItemKey: (index) => lines[index]?.seq ?? index,
    overscan: 20,
  })
  const { following, follow, leave, handlers } = useFollow({
    scroller,
    rows: lines,
    height: virtual.getTotalSize(),
    rowHeight: wrap ? null : LINE,
    onBeginning: older,
  })

  const goTo = (index: number) => {
    if (index < 0) return
    leave()
    setCurrent(lines[index]?.seq ?? null)
    virtual.scrollToIndex(index, { align: 'center' })
  }
  const at = current === null ? lines.length : lines.findIndex((line) => line.seq === current)
  const step = (toOlder: boolean) => {
    // Enter may come before the list of matches has caught up with the typing.
    const matches = wanted === search ? found : findLines(lines, search)
    goTo(matches[nextMatch(matches, at, toOlder)] ?? -1)
  }

  return (
    <div className={classes.area}>
      <LogToolbar
        search={search}
        onSearch={(text) => {
          setSearch(text)
          setCurrent(null)
        }}
        found={found.length}
        place={found.indexOf(at)}
        onStep={step}
        onLastStart={start < 0 ? null : () => goTo(start)}
        wrap={wrap}
        onWrap={setWrap}
        following={following}
        onFollow={(on) => (on ? follow() : leave())}
      />
      {error !== null && <ErrorNotice error={error} action={{ label: 'Try again', run: reload }} />}
      {lines.length === 0 && (
        <Centred>
          {loaded &&
            (props.elsewhere
              ? 'It runs elsewhere, and what it prints stays there. When Atek cannot reach it, this is written here.'
              : 'It has written nothing yet. What it prints appears here.')}
          {!loaded && error === null && <Loader size="sm" aria-label="Loading" />}
        </Centred>
      )}
      {lines.length > 0 && (
        <div
          ref={scroller}
          className={classes.log}
          role="log"
          aria-label="Log"
          aria-live="off"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard.
          tabIndex={0}
          data-wrap={wrap || undefined}
          {...handlers}
        >
          <div className={classes.lines} style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const line = lines[item.index]
              if (line === undefined) return null
              return (
                <div
                  key={line.seq}
                  ref={wrap ? virtual.measureElement : undefined}
                  data-index={item.index}
                  className={classes.line}
                  data-stream={line.stream}
                  data-current={line.seq === current || undefined}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <LogLineText line={line} wanted={wanted} />
                </div>
              )
            })}
          </div>
        </div>
      )}
      {!following && lines.length > 0 && (
        <Button className={classes.newest} radius="xl" leftSection={<IconArrowDown size={15} />} onClick={follow}>
          Newest
        </Button>
      )}
    </div>
  )
}
