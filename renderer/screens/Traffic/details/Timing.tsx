import { Text } from '@mantine/core'
import type { TrafficDetails } from '../../../../runtime/contract/models.ts'
import { preciseTime } from '../../../format/time.ts'
import { formatDuration } from '../../../format/units.ts'
import classes from './details.module.css'
import { requestPhases } from './request-phases.ts'

/** What the time went into, each phase beginning where the one before it ended. */
export function Timing(props: { details: TrafficDetails }) {
  const { details } = props
  const phases = requestPhases(details.timing)
  const whole = Math.max(...phases.map((phase) => phase.to ?? phase.from), 0.001)
  return (
    <>
      <table className={classes.phases}>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Phase</th>
            <th scope="col">When</th>
            <th scope="col">How long</th>
          </tr>
        </thead>
        <tbody>
          {phases.map(({ label, words, from, to }) => (
            <tr key={label}>
              <th scope="row" title={words}>
                {label}
                <div className={classes.words}>{words}</div>
              </th>
              <td>
                <div className={classes.lane}>
                  <i
                    data-phase={label}
                    data-open={to === null || undefined}
                    style={{ left: `${(from / whole) * 100}%`, width: `${(((to ?? whole) - from) / whole) * 100}%` }}
                  />
                </div>
              </td>
              <td className={classes.end}>{to === null ? 'open' : formatDuration(to - from)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Text size="xs" c="dimmed" mt="sm">
        Began at {preciseTime(details.at)}
        {details.durationMs === null ? '; not finished yet.' : `, ended ${formatDuration(details.durationMs)} later.`}
      </Text>
    </>
  )
}
