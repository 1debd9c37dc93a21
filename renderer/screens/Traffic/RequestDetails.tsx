import { ActionIcon, Alert, Loader, Tabs, Text, Title, Tooltip } from '@mantine/core'
import { IconShieldX, IconX } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect } from 'react'
import type { TrafficDetails, TrafficRow } from '../../../runtime/contract/models.ts'
import { control } from '../../api.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { visible } from '../../format/text.ts'
import { QUERY } from '../../state/queries.ts'
import { AuthHeaders } from './AuthHeaders.tsx'
import { RequestFacts } from './RequestFacts.tsx'
import { Status } from './RequestRow.tsx'
import { RequestTiming } from './RequestTiming.tsx'
import classes from './Traffic.module.css'

/** Everything that is known of one request. */
export function RequestDetails(props: { seq: number; row: TrafficRow | undefined; onClose(): void }) {
  const { seq, row, onClose } = props
  const details = useQuery({
    queryKey: QUERY.request(seq),
    queryFn: () => control('traffic.get', { seq }),
    placeholderData: keepPreviousData,
    // Thousands may be looked at; none needs to be remembered for long.
    gcTime: 30_000,
  })
  const { refetch } = details
  // An open request goes on: its row changes, and the details with it.
  useEffect(() => {
    if (row !== undefined && details.data?.seq === row.seq && details.data.state !== row.state) void refetch()
  }, [row, details.data, refetch])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose()
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
        <Loaded details={details.data} onClose={onClose} />
      )}
    </section>
  )
}

function Loaded(props: { details: TrafficDetails; onClose(): void }) {
  const { details, onClose } = props
  return (
    <>
      <div className={classes.detailsHead}>
        <div className={classes.detailsTitle}>
          <Title order={2} className={classes.mono}>
            {visible(details.method)} <bdi>{visible(details.path)}</bdi>
          </Title>
          <Status row={details} />
        </div>
        <Tooltip label="Close (Esc)">
          <ActionIcon aria-label="Close details" onClick={onClose}>
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      <Tabs defaultValue="summary" style={{ display: 'contents' }}>
        <Tabs.List px="xs" flex="none">
          <Tabs.Tab value="summary">Summary</Tabs.Tab>
          <Tabs.Tab value="headers">Headers</Tabs.Tab>
          <Tabs.Tab value="timing">Timing</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="summary" className={classes.detailsBody} tabIndex={0}>
          {details.refused !== null && (
            <Alert color="red" variant="light" icon={<IconShieldX size={18} />} title="Refused by Atek" mb="md" py="xs">
              {visible(details.reason ?? details.refused)}
              <Text size="xs" c="dimmed">
                {details.refused}
              </Text>
            </Alert>
          )}
          <AuthHeaders lines={details.authHeaders} reached={details.timing.forwardedMs !== null} />
          <RequestFacts details={details} />
        </Tabs.Panel>
        <Tabs.Panel value="headers" className={classes.detailsBody} tabIndex={0}>
          <Headers title="Sent by the caller" headers={details.requestHeaders} />
          <Headers title="Answered" headers={details.responseHeaders} />
        </Tabs.Panel>
        <Tabs.Panel value="timing" className={classes.detailsBody} tabIndex={0}>
          <RequestTiming details={details} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Headers(props: { title: string; headers: [name: string, value: string][] }) {
  const { title, headers } = props
  return (
    <>
      <Title order={3} mb={6}>
        {title}
      </Title>
      {headers.length === 0 ? (
        <Text c="dimmed" mb="md">
          None.
        </Text>
      ) : (
        <dl className={classes.headers}>
          {headers.map(([name, value], index) => (
            // Names may come twice; their order is what was sent and does not change.
            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes.
            <div key={index} style={{ display: 'contents' }}>
              <dt>
                <bdi>{visible(name)}</bdi>
              </dt>
              <dd>
                <bdi>{visible(value)}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}
