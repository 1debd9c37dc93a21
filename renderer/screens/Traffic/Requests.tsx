import { Button, Group, Splitter, Stack, Text, Title } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconArrowsExchange } from '@tabler/icons-react'
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Me } from '../../../runtime/contract/models.ts'
import { Centred } from '../../components/Page.tsx'
import type { LiveTraffic } from '../../state/traffic/client.ts'
import { ClearDialog } from './ClearDialog.tsx'
import { RequestDetails } from './details/RequestDetails.tsx'
import { ExportDialog } from './ExportDialog.tsx'
import { lookedThrough } from './looked-through.ts'
import { PinnedRows } from './PinnedRows.tsx'
import { RequestFoot } from './RequestFoot.tsx'
import { RequestGrid } from './RequestGrid.tsx'
import { RequestToolbar } from './RequestToolbar.tsx'
import classes from './Traffic.module.css'
import { useRequests } from './use-requests.ts'
import { useTrafficCommands } from './use-traffic-commands.ts'

/** Narrower than this there is no room for the details beside the grid. */
const SIDE_BY_SIDE = 900

/** Toolbar, grid and details; for the Traffic screen and for one app's page. */
export function Requests(props: { me: Me; appKey: string | null }) {
  const requests = useRequests(props.appKey, props.me.user.role === 'admin')
  const { client } = requests
  const live = useLive(client)
  const [selected, setSelected] = useState<number | null>(null)
  const [exporting, setExporting] = useState(false)
  const [clearing, setClearing] = useState(false)
  const [share, setShare] = useState(46)
  const { ref, width } = useElementSize()
  const grid = useRef<HTMLDivElement>(null)
  const select = useCallback(
    (seq: number | null) => {
      setSelected(seq)
      client?.look({ selected: seq })
    },
    [client],
  )
  const close = useCallback(() => {
    select(null)
    grid.current?.focus()
  }, [select])
  useTrafficCommands({
    requests,
    ofApp: props.appKey !== null,
    onExport: () => setExporting(true),
    // A button is pressed where the rows are seen; from the palette a wrong line is easily taken.
    onClear: () => (props.me.user.role === 'admin' ? setClearing(true) : requests.clear()),
  })
  const resume = useCallback(() => requests.setPaused(false), [requests.setPaused])

  const frame = live?.frame ?? null
  // The worker waits with the next picture until this one is on the screen.
  useEffect(() => {
    if (client === null || frame === null) return
    const asked = requestAnimationFrame(() => client.drawn())
    return () => cancelAnimationFrame(asked)
  }, [client, frame])
  const open = selected !== null
  const beside = width >= SIDE_BY_SIDE
  const empty = frame === null || frame.total === 0
  return (
    <div className={classes.area} ref={ref}>
      <RequestToolbar
        onExport={() => setExporting(true)}
        requests={requests}
        seen={live?.seen ?? NOTHING_SEEN}
        empty={(frame?.held ?? 0) === 0 && empty}
      />
      <Splitter
        className={classes.split}
        orientation={beside ? 'horizontal' : 'vertical'}
        sizes={open ? [100 - share, share] : [100]}
        onSizeChange={(sizes) => {
          const size = sizes[1]
          if (typeof size === 'number') setShare(size)
        }}
        lineSize={1}
        handleColor="var(--atek-line)"
        withHandle={false}
        step={2}
      >
        <Splitter.Pane defaultSize={open ? 100 - share : 100} min={25} className={classes.gridPane}>
          <PinnedRows selected={selected} onSelect={select} />
          {client === null || frame === null || empty ? (
            <Nothing
              key={requests.text}
              live={live}
              onFurther={() => client?.searchOlder()}
              filtered={requests.filtered}
              onShowAll={() => {
                requests.setText('')
                requests.setChips([])
              }}
              ofApp={props.appKey !== null}
            />
          ) : (
            <RequestGrid
              gridRef={grid}
              client={client}
              frame={frame}
              selected={selected}
              onSelect={select}
              paused={requests.paused}
              onResume={resume}
            />
          )}
          {client !== null && live !== null && <RequestFoot client={client} live={live} nothing={empty} />}
        </Splitter.Pane>
        {open && (
          <Splitter.Pane defaultSize={share} min={25} className={classes.gridPane}>
            <RequestDetails
              seq={selected}
              row={frame?.selected ?? undefined}
              me={props.me}
              onGo={select}
              onClose={close}
            />
          </Splitter.Pane>
        )}
      </Splitter>
      <ClearDialog opened={clearing} onClear={requests.clear} onClose={() => setClearing(false)} />
      {exporting && (
        <ExportDialog
          me={props.me}
          node={requests.node}
          appKey={props.appKey}
          selected={selected}
          onClose={() => setExporting(false)}
        />
      )}
    </div>
  )
}

const NOTHING_SEEN = { apps: [], users: [], methods: [], statuses: [], headers: [] }

function useLive(client: ReturnType<typeof useRequests>['client']): LiveTraffic | null {
  return useSyncExternalStore(
    useCallback((listener) => client?.store.subscribe(listener) ?? (() => {}), [client]),
    () => client?.store.get() ?? null,
  )
}

interface NothingProps {
  live: LiveTraffic | null
  filtered: boolean
  ofApp: boolean
  onShowAll(): void
  /** Older ones, too: not all of them were looked at yet. */
  onFurther(): void
}

function Nothing(props: NothingProps) {
  const { live, filtered, ofApp, onShowAll, onFurther } = props
  const [further, setFurther] = useState(false)
  // Whether there is anything is not known yet; a picture that says "nothing" for a moment would be a lie.
  if (live?.frame === null || live === null || (live.searching && filtered && !further))
    return <div className={classes.grid} />
  return (
    <div className={classes.nothing}>
      <Centred>
        <Stack align="center" gap="sm">
          <IconArrowsExchange size={40} stroke={1.3} color="var(--mantine-color-dimmed)" aria-hidden="true" />
          {filtered ? (
            <>
              <Text>
                {live.canSearchOlder || live.searching
                  ? `None of the newest ${lookedThrough(live.frame).toLocaleString('en')} requests matches.`
                  : 'No request matches.'}
              </Text>
              <Group gap="xs">
                {(live.canSearchOlder || live.searching) && (
                  <Button
                    variant="default"
                    loading={live.searching}
                    onClick={() => {
                      setFurther(true)
                      onFurther()
                    }}
                  >
                    Look further back
                  </Button>
                )}
                <Button variant="default" onClick={onShowAll}>
                  Show all
                </Button>
              </Group>
            </>
          ) : (
            <>
              <Title order={2}>{ofApp ? 'No requests yet' : 'Nothing has passed yet'}</Title>
              <Text c="dimmed">{ofApp ? 'Open it' : 'Open an app'} and its requests appear here.</Text>
            </>
          )}
        </Stack>
      </Centred>
    </div>
  )
}
