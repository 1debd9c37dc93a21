import { Button, Splitter, Stack, Text, Title } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconArrowsExchange } from '@tabler/icons-react'
import { useCallback, useRef, useState } from 'react'
import type { Me, TrafficRow } from '../../../runtime/contract/models.ts'
import { Centred } from '../../components/Page.tsx'
import { plural } from '../../format/text.ts'
import { lowerBound } from '../../state/sorted-rows.ts'
import { RequestDetails } from './RequestDetails.tsx'
import { RequestGrid } from './RequestGrid.tsx'
import { RequestToolbar } from './RequestToolbar.tsx'
import classes from './Traffic.module.css'
import { useRequests } from './use-requests.ts'

/** Narrower than this there is no room for the details beside the grid. */
const SIDE_BY_SIDE = 900

/** Toolbar, grid and details; for the Traffic screen and for one app's page. */
export function Requests(props: { me: Me; appKey: string | null }) {
  const requests = useRequests(props.appKey, props.me.user.role === 'admin')
  const [selected, setSelected] = useState<number | null>(null)
  const [share, setShare] = useState(46)
  const { ref, width } = useElementSize()
  const grid = useRef<HTMLDivElement>(null)
  const close = useCallback(() => {
    setSelected(null)
    grid.current?.focus()
  }, [])

  const row = selected === null ? undefined : rowOf(requests.rows, selected)
  const open = selected !== null
  const beside = width >= SIDE_BY_SIDE
  return (
    <div className={classes.area} ref={ref}>
      <RequestToolbar requests={requests} />
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
          {requests.rows.length === 0 && !open ? (
            <Nothing
              filtered={requests.filtered}
              onShowAll={() => {
                requests.setText('')
                requests.setChips([])
              }}
              ofApp={props.appKey !== null}
            />
          ) : (
            <RequestGrid gridRef={grid} requests={requests} selected={selected} onSelect={setSelected} />
          )}
          {requests.dropped > 0 && (
            <div className={classes.foot}>
              {plural(requests.dropped, 'older request')} dropped out of the record, which keeps the newest 50,000.
            </div>
          )}
        </Splitter.Pane>
        {open && (
          <Splitter.Pane defaultSize={share} min={25} className={classes.gridPane}>
            <RequestDetails seq={selected} row={row} onClose={close} />
          </Splitter.Pane>
        )}
      </Splitter>
    </div>
  )
}

function rowOf(rows: readonly TrafficRow[], seq: number): TrafficRow | undefined {
  const row = rows[lowerBound(rows, seq)]
  return row?.seq === seq ? row : undefined
}

function Nothing(props: { filtered: boolean; ofApp: boolean; onShowAll(): void }) {
  const { filtered, ofApp, onShowAll } = props
  return (
    <Centred>
      <Stack align="center" gap="sm">
        <IconArrowsExchange size={40} stroke={1.3} color="var(--mantine-color-dimmed)" aria-hidden="true" />
        {filtered ? (
          <>
            <Text>No request matches.</Text>
            <Button variant="default" onClick={onShowAll}>
              Show all
            </Button>
          </>
        ) : (
          <>
            <Title order={2}>{ofApp ? 'No requests yet' : 'Nothing has passed yet'}</Title>
            <Text c="dimmed">{ofApp ? 'Open it' : 'Open an app'} and its requests appear here.</Text>
          </>
        )}
      </Stack>
    </Centred>
  )
}
