import { Alert, Loader, Tabs, Text, Title } from '@mantine/core'
import { IconShieldX } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useState } from 'react'
import type { Me, TrafficDetails, TrafficRow } from '../../../../runtime/contract/models.ts'
import { control } from '../../../api.ts'
import { ErrorNotice } from '../../../components/ErrorNotice.tsx'
import { visible } from '../../../format/text.ts'
import { QUERY } from '../../../state/queries.ts'
import { Status } from '../RequestRow.tsx'
import classes from '../Traffic.module.css'
import { BodyTab } from './BodyTab.tsx'
import { Chain } from './Chain.tsx'
import { Frames } from './Frames.tsx'
import { HeadersTab, useReveal } from './HeadersTab.tsx'
import { HeaderTable } from './HeaderTable.tsx'
import { RequestActions } from './RequestActions.tsx'
import { RequestFacts } from './RequestFacts.tsx'
import { Timing } from './Timing.tsx'

/** An open WebSocket goes on: its frames are read again this often, in milliseconds. */
const AGAIN = 1000

interface RequestDetailsProps {
  seq: number
  row: TrafficRow | undefined
  me: Me
  onGo(seq: number): void
  onClose(): void
}

/** Everything that is known of one request. */
export function RequestDetails(props: RequestDetailsProps) {
  const { seq, row, onClose } = props
  const details = useQuery({
    queryKey: QUERY.request(seq),
    queryFn: () => control('traffic.get', { seq }),
    placeholderData: keepPreviousData,
    // Thousands may be looked at; none needs to be remembered for long.
    gcTime: 30_000,
    refetchInterval: ({ state }) => (state.data?.state === 'open' && state.data.kind === 'websocket' ? AGAIN : false),
  })
  const { refetch } = details
  // An open request goes on: its row changes, and the details with it.
  useEffect(() => {
    if (row !== undefined && details.data?.seq === row.seq && details.data.state !== row.state) void refetch()
  }, [row, details.data, refetch])

  const onKeyDown = (event: KeyboardEvent) => {
    // Dialogs and menus of the details stand elsewhere in the document; their Escape closes them alone.
    const here = event.target instanceof Node && event.currentTarget.contains(event.target)
    if (event.key === 'Escape' && here && !event.defaultPrevented) onClose()
  }
  return (
    <section
      id="request-details"
      className={classes.details}
      aria-label="Request details"
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {details.isError ? (
        <div className={classes.detailsBody}>
          <ErrorNotice error={details.error} action={{ label: 'Close', run: onClose }} />
        </div>
      ) : details.data === undefined ? (
        <div className={classes.detailsBody}>
          <Loader size="sm" aria-label="Loading" />
        </div>
      ) : (
        <Loaded {...props} details={details.data} />
      )}
    </section>
  )
}

function Loaded(props: RequestDetailsProps & { details: TrafficDetails }) {
  const { details, me, onGo, onClose } = props
  // The tab stays when one goes from request to request.
  const [chosen, setChosen] = useState('summary')
  const tab = chosen === 'frames' && details.kind !== 'websocket' ? 'summary' : chosen
  return (
    <>
      <div className={classes.detailsHead}>
        <div className={classes.detailsTitle}>
          <Title order={2} className={classes.mono}>
            {visible(details.method)} <bdi>{visible(details.path)}</bdi>
          </Title>
          <Status row={details} />
        </div>
        <RequestActions details={details} me={me} onGo={onGo} onClose={onClose} />
      </div>
      <Tabs value={tab} onChange={(value) => setChosen(value ?? 'summary')} style={{ display: 'contents' }}>
        <Tabs.List px="xs" flex="none">
          <Tabs.Tab value="summary">Summary</Tabs.Tab>
          <Tabs.Tab value="headers">Headers</Tabs.Tab>
          <Tabs.Tab value="body">Body</Tabs.Tab>
          <Tabs.Tab value="timing">Timing</Tabs.Tab>
          <Tabs.Tab value="chain">Chain</Tabs.Tab>
          {details.kind === 'websocket' && <Tabs.Tab value="frames">Frames</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="summary" className={classes.detailsBody} tabIndex={0}>
          <Summary details={details} onGo={onGo} />
        </Tabs.Panel>
        {/* Each request has its own secrets shown, its own branches open. */}
        <Tabs.Panel value="headers" className={classes.detailsBody} tabIndex={0}>
          <HeadersTab key={details.seq} details={details} />
        </Tabs.Panel>
        <Tabs.Panel value="body" className={classes.detailsBody} tabIndex={0}>
          <BodyTab key={details.seq} details={details} />
        </Tabs.Panel>
        <Tabs.Panel value="timing" className={classes.detailsBody} tabIndex={0}>
          <Timing details={details} />
        </Tabs.Panel>
        <Tabs.Panel value="chain" className={classes.detailsBody} tabIndex={0}>
          <Chain details={details} onGo={onGo} />
        </Tabs.Panel>
        <Tabs.Panel value="frames" className={classes.detailsBody} tabIndex={0}>
          <Frames details={details} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Summary(props: { details: TrafficDetails; onGo(seq: number): void }) {
  const { details, onGo } = props
  const reveal = useReveal(details.seq, 'requestHeaders')
  const reached = details.timing.forwardedMs !== null
  return (
    <>
      {details.refused !== null && (
        <Alert color="red" variant="light" icon={<IconShieldX size={18} />} title="Refused by Atek" mb="md" py="xs">
          {visible(details.reason ?? details.refused)}
          <Text size="xs" c="dimmed">
            {details.refused}
          </Text>
        </Alert>
      )}
      <HeaderTable
        key={details.seq}
        title="Auth headers"
        columns={['Sent by the caller', 'Received by the app']}
        lines={details.authHeaders}
        empty={reached ? 'None were sent and none were set.' : 'None: the request never reached an app.'}
        reveal={details.inMemory ? reveal : null}
      />
      <RequestFacts details={details} onGo={onGo} />
    </>
  )
}
