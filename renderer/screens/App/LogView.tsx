import { ActionIcon, Button, Loader, Switch, TextInput, Tooltip } from '@mantine/core'
import { IconArrowDown, IconChevronDown, IconChevronUp, IconPlayerTrackPrev, IconSearch } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { LogLine } from '../../../runtime/contract/models.ts'
import { toCallError } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Centred } from '../../components/Page.tsx'
import { useFollow } from '../../components/use-follow.ts'
import { visibleLogLine } from '../../format/text.ts'
import { clockTime, exactTime } from '../../format/time.ts'
import { loadLog } from '../../state/load.ts'
import { dispatchLogs, logsStore } from '../../state/logs.ts'
import { useStore } from '../../state/store.ts'
import classes from './Log.module.css'
import { findLines, lastStart, nextMatch, splitMatches } from './log-search.ts'

const LINE = 18
const NO_LINES: readonly LogLine[] = []

/** What the app has written: follows, wraps, searches; only lines in sight are in the document. */
export function LogView(props: { appKey: string }) {
  const { appKey } = props
  const log = useStore(logsStore, (state) => state.get(appKey))
  const lines = log?.lines ?? NO_LINES
  const [error, setError] = useState<unknown>(null)
  const [wrap, setWrap] = useState(true)
  const [search, setSearch] = useState('')
  const [current, setCurrent] = useState<number | null>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const loading = useRef(false)
  const wanted = useDeferredValue(search)
  const found = useMemo(() => findLines(lines, wanted), [lines, wanted])

  const load = useCallback(
    (before?: number) => {
      if (loading.current) return
      loading.current = true
      setError(null)
      loadLog(appKey, before)
        .catch((reason: unknown) => setError(toCallError(reason)))
        .finally(() => {
          loading.current = false
        })
    },
    [appKey],
  )
  useEffect(() => {
    dispatchLogs({ type: 'log-opened', key: appKey })
    load()
    return () => dispatchLogs({ type: 'log-closed', key: appKey })
  }, [appKey, load])

  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    getItemKey: (index) => lines[index]?.seq ?? index,
    overscan: 20,
  })

  const first = lines[0]?.seq
  const { following, follow, leave, onScroll } = useFollow({
    scroller,
    rows: lines,
    height: virtual.getTotalSize(),
    rowHeight: wrap ? null : LINE,
    onBeginning: () => {
      if (log?.moreBefore && first !== undefined) load(first)
    },
  })
  const goTo = (index: number) => {
    if (index < 0) return
    leave()
    setCurrent(lines[index]?.seq ?? null)
    virtual.scrollToIndex(index, { align: 'center' })
  }
  const currentIndex = current === null ? lines.length : lines.findIndex((line) => line.seq === current)
  const step = (backwards: boolean) => {
    // Enter may come before the list of matches has caught up with the typing.
    const matches = wanted === search ? found : findLines(lines, search)
    goTo(matches[nextMatch(matches, currentIndex, backwards)] ?? -1)
  }
  const onSearchKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    // The newest match is the one that is wanted first.
    step(!event.shiftKey)
  }
  const start = lastStart(lines)
  const place = found.indexOf(currentIndex)
  return (
    <div className={classes.area}>
      <div className={classes.bar}>
        <TextInput
          className={classes.search}
          aria-label="Search log"
          placeholder="Search"
          leftSection={<IconSearch size={15} aria-hidden="true" />}
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value)
            setCurrent(null)
          }}
          onKeyDown={onSearchKey}
          spellCheck={false}
        />
        <Tooltip label="Older match (Enter)">
          <ActionIcon aria-label="Older match" disabled={found.length === 0} onClick={() => step(true)}>
            <IconChevronUp size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Newer match (Shift Enter)">
          <ActionIcon aria-label="Newer match" disabled={found.length === 0} onClick={() => step(false)}>
            <IconChevronDown size={16} />
          </ActionIcon>
        </Tooltip>
        <span className={classes.count} role="status">
          {wanted === ''
            ? ''
            : place < 0
              ? `${found.length.toLocaleString('en')} found`
              : `${place + 1} of ${found.length.toLocaleString('en')}`}
        </span>
        <span className={classes.spread} />
        <Button
          variant="default"
          leftSection={<IconPlayerTrackPrev size={15} />}
          disabled={start < 0}
          onClick={() => goTo(start)}
        >
          Last launch
        </Button>
        <Switch size="xs" label="Wrap" checked={wrap} onChange={(event) => setWrap(event.currentTarget.checked)} />
        <Switch
          size="xs"
          label="Follow"
          checked={following}
          onChange={(event) => (event.currentTarget.checked ? follow() : leave())}
        />
      </div>
      {error !== null && <ErrorNotice error={error} action={{ label: 'Try again', run: () => load() }} />}
      {lines.length === 0 ? (
        <Centred>
          {log?.loaded === true ? (
            'It has written nothing yet. What it prints appears here.'
          ) : error === null ? (
            <Loader size="sm" aria-label="Loading" />
          ) : null}
        </Centred>
      ) : (
        <div
          ref={scroller}
          className={classes.log}
          role="log"
          aria-label="Log"
          aria-live="off"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard.
          tabIndex={0}
          data-wrap={wrap || undefined}
          onScroll={onScroll}
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
                  <Line line={line} wanted={wanted} />
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

const Line = memo(function Line(props: { line: LogLine; wanted: string }) {
  const { line, wanted } = props
  const parts = splitMatches(visibleLogLine(line.text), wanted)
  return (
    <>
      <span className={classes.time} title={exactTime(line.at)}>
        {clockTime(line.at)}
      </span>
      <bdi className={classes.text}>
        {parts.map((part, index) =>
          // The parts of a line never change their places.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above.
          index % 2 === 1 ? <mark key={index}>{part}</mark> : part,
        )}
      </bdi>
    </>
  )
})
