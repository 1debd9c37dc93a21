import { exactTime, relativeTime } from '../format/time.ts'
import { useTimed } from './use-now.ts'

/** "3 min ago", with the exact time on hover. */
export function RelativeTime(props: { at: number }) {
  const { at } = props
  const text = useTimed((now) => relativeTime(at, now))
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {text}
    </time>
  )
}
