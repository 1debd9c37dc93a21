import type { ProcessStats } from '../../../runtime/contract/models.ts'
import { useTimed } from '../../components/use-now.ts'
import { exactTime, uptime } from '../../format/time.ts'
import { formatBytes, formatPercent } from '../../format/units.ts'
import classes from './App.module.css'

/** Uptime, memory, processor and restarts. A dash stands for what is not known. */
export function Measures(props: { process: ProcessStats | null; restarts: number }) {
  const { process, restarts } = props
  const up = useTimed((now) => (process === null ? '–' : uptime(process.startedAt, now)))
  const measures = [
    { label: 'Uptime', value: up, title: process === null ? undefined : `Since ${exactTime(process.startedAt)}` },
    { label: 'Memory', value: known(process?.memoryBytes, formatBytes), title: pid(process) },
    { label: 'CPU', value: known(process?.cpuPercent, formatPercent), title: pid(process) },
    { label: 'Restarts', value: restarts.toLocaleString('en'), title: undefined },
  ]
  return (
    <dl className={classes.measures}>
      {measures.map(({ label, value, title }) => (
        <div key={label} className={classes.measure}>
          <dt>{label}</dt>
          <dd title={title}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function known(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value)
}

function pid(process: ProcessStats | null): string | undefined {
  return process === null ? undefined : `Process ${process.pid} and what it started`
}
