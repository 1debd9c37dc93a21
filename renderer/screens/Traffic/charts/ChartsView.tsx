import { Button, Loader, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { IconChartLine } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useLocation } from 'wouter'
import { control } from '../../../api.ts'
import { ErrorNotice } from '../../../components/ErrorNotice.tsx'
import { Centred } from '../../../components/Page.tsx'
import { QUERY } from '../../../state/queries.ts'
import { AppLines } from './AppLines.tsx'
import { CallGraph } from './CallGraph.tsx'
import classes from './charts.module.css'
import { StatsTable } from './StatsTable.tsx'

const RANGES = [
  { value: 'minutes', label: 'Last 10 minutes' },
  { value: 'days', label: 'Last 7 days' },
] as const
type Range = (typeof RANGES)[number]['value']

/** How often the numbers are asked for again, in milliseconds. */
export const REFRESH: Record<Range, number> = { minutes: 5000, days: 60_000 }

/** What passes, as lines over time, or as a drawing of who calls whom. */
export function ChartsView(props: { what: 'charts' | 'calls'; onFilter(filter: string): void }) {
  const { what, onFilter } = props
  const [range, setRange] = useState<Range>('minutes')
  return (
    <div className={classes.view}>
      <SegmentedControl
        size="xs"
        aria-label="Time"
        value={range}
        onChange={(value) => setRange(value as Range)}
        data={[...RANGES]}
        mb="md"
      />
      {what === 'charts' ? <Lines range={range} /> : <Calls range={range} onFilter={onFilter} />}
    </div>
  )
}

function Lines(props: { range: Range }) {
  const { range } = props
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const stats = useQuery({
    queryKey: QUERY.stats(range, null),
    queryFn: () => control('traffic.stats', { range }),
    refetchInterval: REFRESH[range],
    placeholderData: keepPreviousData,
    gcTime: 0,
    staleTime: 0,
  })
  const toggle = (appKey: string) => {
    const next = new Set(hidden)
    if (!next.delete(appKey)) next.add(appKey)
    setHidden(next)
  }
  return (
    <Loaded query={stats} empty={(data) => data.apps.length === 0}>
      {(data) => (
        <>
          <AppLines stats={data} hidden={hidden} onToggle={toggle} />
          <StatsTable stats={data} />
        </>
      )}
    </Loaded>
  )
}

function Calls(props: { range: Range; onFilter(filter: string): void }) {
  const { range, onFilter } = props
  const graph = useQuery({
    queryKey: QUERY.graph(range),
    queryFn: () => control('traffic.graph', { range }),
    refetchInterval: REFRESH[range],
    placeholderData: keepPreviousData,
    gcTime: 0,
    staleTime: 0,
  })
  return (
    <Loaded query={graph} empty={(data) => data.edges.length === 0}>
      {(data) => <CallGraph graph={data} onFilter={onFilter} />}
    </Loaded>
  )
}

function Loaded<T>(props: {
  query: { data: T | undefined; error: unknown; refetch(): unknown }
  empty(data: T): boolean
  children(data: T): ReactNode
}) {
  const { query, empty, children } = props
  if (query.data === undefined) {
    return (
      <Centred>
        {query.error !== null ? (
          <ErrorNotice error={query.error} action={{ label: 'Try again', run: () => void query.refetch() }} />
        ) : (
          <Loader size="sm" aria-label="Loading" />
        )}
      </Centred>
    )
  }
  return empty(query.data) ? <Nothing /> : children(query.data)
}

function Nothing() {
  const [, navigate] = useLocation()
  return (
    <Centred>
      <Stack align="center" gap="sm">
        <IconChartLine size={40} stroke={1.3} color="var(--mantine-color-dimmed)" aria-hidden="true" />
        <Title order={2}>Nothing to draw yet</Title>
        <Text c="dimmed">Open an app and its requests appear here.</Text>
        <Button variant="default" onClick={() => navigate('/apps')}>
          Go to Apps
        </Button>
      </Stack>
    </Centred>
  )
}
