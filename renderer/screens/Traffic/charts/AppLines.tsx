import { UnstyledButton, useComputedColorScheme } from '@mantine/core'
import type { TrafficSeries, TrafficStats } from '../../../../runtime/contract/traffic.ts'
import { visible } from '../../../format/text.ts'
import { formatDuration, formatRate } from '../../../format/units.ts'
import classes from './charts.module.css'
import { busiest, LINE_COLOURS, summarise, times } from './series.ts'
import { type ChartLine, TimeChart } from './TimeChart.tsx'

export function useLineColours(): readonly string[] {
  return LINE_COLOURS[useComputedColorScheme('light')]
}

/** Requests, errors and durations of several apps, and which colour is whose. */
export function AppLines(props: {
  stats: TrafficStats
  /** Apps that are left out, by key. */
  hidden: ReadonlySet<string>
  onToggle(appKey: string): void
}) {
  const { stats, hidden, onToggle } = props
  const colours = useLineColours()
  const apps = busiest(stats).map((series, index) => ({ series, colour: colours[index] ?? '#888' }))
  const shown = apps.filter(({ series }) => !hidden.has(series.appKey))
  const line = (values: (series: TrafficSeries) => readonly (number | null)[]): ChartLine[] =>
    shown.map(({ series, colour }) => ({ name: series.appId, colour, values: values(series) }))
  const durations = shown.flatMap(({ series, colour }): ChartLine[] => [
    { name: `${series.appId} p50`, colour, values: series.p50 },
    { name: `${series.appId} p99`, colour, values: series.p99, dashed: true },
  ])
  const totals = shown.map(({ series }) => summarise(series, stats.spanMs))
  const requests = totals.reduce((sum, total) => sum + total.requests, 0)
  const errors = totals.reduce((sum, total) => sum + total.errors, 0)
  const common = { times: times(stats), group: 'traffic-charts' }
  return (
    <>
      <ul className={classes.legend} aria-label="Apps in the charts">
        {apps.map(({ series, colour }) => (
          <li key={series.appKey}>
            <UnstyledButton
              className={classes.legendItem}
              aria-pressed={!hidden.has(series.appKey)}
              onClick={() => onToggle(series.appKey)}
            >
              <i style={{ background: colour }} />
              <bdi>{visible(series.appId)}</bdi>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <div className={classes.charts}>
        <TimeChart
          {...common}
          title="Requests per second"
          lines={line((series) => series.requestsPerSecond)}
          format={formatRate}
          height={200}
          summary={`${requests.toLocaleString('en')} requests altogether. The table below has the numbers.`}
        />
        <TimeChart
          {...common}
          title="Errors per second"
          lines={line((series) => series.errorsPerSecond)}
          format={formatRate}
          height={200}
          summary={`${errors.toLocaleString('en')} errors altogether. The table below has the numbers.`}
        />
        <TimeChart
          {...common}
          title="Time taken: p50, and p99 dashed"
          lines={durations}
          format={formatDuration}
          height={220}
          summary="The table below has the numbers."
        />
      </div>
    </>
  )
}
