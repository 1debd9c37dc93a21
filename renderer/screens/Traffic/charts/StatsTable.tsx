import { Table } from '@mantine/core'
import { Link } from 'wouter'
import type { TrafficStats } from '../../../../runtime/contract/traffic.ts'
import { visible } from '../../../format/text.ts'
import { formatDuration, formatRate } from '../../../format/units.ts'
import classes from './charts.module.css'
import { summarise } from './series.ts'

/** The charts in numbers, every app with a line of its own. */
export function StatsTable(props: { stats: TrafficStats }) {
  const { stats } = props
  const lines = stats.apps.map((series) => summarise(series, stats.spanMs)).sort((a, b) => b.requests - a.requests)
  return (
    <Table className={classes.table} aria-label="Requests by app">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>App</Table.Th>
          <Table.Th className={classes.number}>Requests</Table.Th>
          <Table.Th className={classes.number}>Errors</Table.Th>
          <Table.Th className={classes.number}>On average</Table.Th>
          <Table.Th className={classes.number}>At most</Table.Th>
          <Table.Th className={classes.number}>Half take less than</Table.Th>
          <Table.Th className={classes.number}>Slowest 1 %, at worst</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lines.map((line) => (
          <Table.Tr key={line.appKey}>
            <Table.Th scope="row">
              <Link href={`/apps/${line.appKey}`} className={classes.appLink}>
                <bdi>{visible(line.appId)}</bdi>
              </Link>
            </Table.Th>
            <Table.Td className={classes.number}>{line.requests.toLocaleString('en')}</Table.Td>
            <Table.Td className={classes.number} data-bad={line.errors > 0 || undefined}>
              {line.errors.toLocaleString('en')}
            </Table.Td>
            <Table.Td className={classes.number}>{formatRate(line.perSecond)}</Table.Td>
            <Table.Td className={classes.number}>{formatRate(line.peak)}</Table.Td>
            <Table.Td className={classes.number}>{line.p50 === null ? '–' : formatDuration(line.p50)}</Table.Td>
            <Table.Td className={classes.number}>{line.p99 === null ? '–' : formatDuration(line.p99)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
