import { Text } from '@mantine/core'
import type { TrafficDetails } from '../../../runtime/contract/models.ts'
import { formatDuration } from '../../format/units.ts'
import { requestPhases } from './request-phases.ts'
import classes from './Traffic.module.css'

export function RequestTiming(props: { details: TrafficDetails }) {
  const phases = requestPhases(props.details.timing)
  const whole = Math.max(...phases.map((phase) => phase.to ?? phase.from), 0.001)
  return (
    <>
      {phases.map(({ label, from, to }) => (
        <div key={label} className={classes.phase}>
          <span>{label}</span>
          <span className={classes.lane}>
            <i style={{ left: `${(from / whole) * 100}%`, width: `${(((to ?? whole) - from) / whole) * 100}%` }} />
          </span>
          <span className={classes.end}>{to === null ? 'open' : formatDuration(to - from)}</span>
        </div>
      ))}
      <Text size="xs" c="dimmed" mt="sm">
        {props.details.durationMs === null
          ? 'The request is not finished.'
          : `${formatDuration(props.details.durationMs)} altogether.`}
      </Text>
    </>
  )
}
