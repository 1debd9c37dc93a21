import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { control } from '../../../api.ts'
import { plural } from '../../../format/text.ts'
import { formatDuration, formatRate } from '../../../format/units.ts'
import { QUERY } from '../../../state/queries.ts'
import { useLineColours } from './AppLines.tsx'
import { REFRESH } from './ChartsView.tsx'
import classes from './charts.module.css'
import { summarise, times } from './series.ts'
import { TimeChart } from './TimeChart.tsx'

/** One app's last ten minutes, small. */
export function AppCharts(props: { appKey: string }) {
  const { appKey } = props
  const colours = useLineColours()
  const stats = useQuery({
    queryKey: QUERY.stats('minutes', appKey),
    queryFn: () => control('traffic.stats', { range: 'minutes', appKey }),
    refetchInterval: REFRESH.minutes,
    gcTime: 0,
    staleTime: 0,
    retry: false,
  })
  if (stats.data === undefined) return null
  const series = stats.data.apps.find((one) => one.appKey === appKey)
  if (series === undefined) return <Text c="dimmed">No requests in the last 10 minutes.</Text>
  const total = summarise(series, stats.data.spanMs)
  const common = { times: times(stats.data), height: 120, group: `app-${appKey}` }
  const [first = '', second = '', , , , bad = ''] = colours
  return (
    <div className={classes.small}>
      <TimeChart
        {...common}
        title="Requests and errors"
        lines={[
          { name: 'Requests', colour: first, values: series.requestsPerSecond },
          { name: 'Errors', colour: bad, values: series.errorsPerSecond },
        ]}
        format={formatRate}
        summary={`${plural(total.requests, 'request')}, ${plural(total.errors, 'error')} in 10 minutes.`}
      />
      <TimeChart
        {...common}
        title="Time taken"
        lines={[
          { name: 'p50', colour: first, values: series.p50 },
          { name: 'p99', colour: second, values: series.p99, dashed: true },
        ]}
        format={formatDuration}
        summary={total.p50 === null ? 'No requests.' : `Half take less than ${formatDuration(total.p50)}.`}
      />
    </div>
  )
}
