import { memo } from 'react'
import { plural } from '../format/text.ts'
import classes from './icons.module.css'

/** Requests of the last five minutes as bars, errors red at their feet. */
export const ActivityBars = memo(function ActivityBars(props: {
  requests: number[]
  errors: number[]
  width?: number
  height?: number
}) {
  const { requests, errors, width = 84, height = 20 } = props
  const most = Math.max(1, ...requests)
  const step = width / Math.max(1, requests.length)
  const total = requests.reduce((sum, count) => sum + count, 0)
  const bad = errors.reduce((sum, count) => sum + count, 0)
  const label = `${plural(total, 'request')}${bad > 0 ? `, ${plural(bad, 'error')}` : ''} in 5 minutes`
  return (
    <svg className={classes.spark} width={width} height={height} role="img" aria-label={label}>
      <title>{label}</title>
      {requests.map((count, index) => {
        const tall = count === 0 ? 1 : Math.max(2, (count / most) * height)
        const red = count === 0 ? 0 : Math.min(tall, ((errors[index] ?? 0) / most) * height)
        const box = { x: index * step, width: Math.max(1, step - 1) }
        // The place in time is what identifies a bar.
        const key = `bar-${index}`
        return (
          <g key={key}>
            <rect {...box} className={classes[count === 0 ? 'none' : 'bar']} y={height - tall} height={tall} />
            {red > 0 && (
              <rect {...box} className={classes.bad} y={height - Math.max(2, red)} height={Math.max(2, red)} />
            )}
          </g>
        )
      })}
    </svg>
  )
})

/** The host's requests per second over the last minute as a line. */
export const RateLine = memo(function RateLine(props: { values: number[]; width: number; height: number }) {
  const { values, width, height } = props
  const most = Math.max(1, ...values)
  const step = width / Math.max(1, values.length - 1)
  const points = values.map((value, index) => `${index * step},${height - 1 - (value / most) * (height - 2)}`).join(' ')
  return (
    <svg className={classes.spark} width={width} height={height} aria-hidden="true">
      <polyline points={points} />
    </svg>
  )
})
