import { formatSpan } from './units.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago, in words; both in milliseconds since 1970. The exact time is for the hover. */
export function relativeTime(at: number, now: number): string {
  const ago = now - at
  // To the nearest: what ends in a week has not lost a day after its first second.
  if (ago < -1000) return `in ${coarse(-ago, Math.round)}`
  if (ago < 5000) return 'just now'
  if (ago < 7 * DAY) return `${coarse(ago, Math.floor)} ago`
  return dayName(at, now)
}

function coarse(ms: number, whole: (value: number) => number): string {
  if (ms < MINUTE) return `${Math.round(ms / 1000)} s`
  if (ms < HOUR) return `${whole(ms / MINUTE)} min`
  if (ms < DAY) return `${whole(ms / HOUR)} h`
  const days = whole(ms / DAY)
  return days === 1 ? '1 day' : `${days} days`
}

export function exactTime(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockTime(at)}`
}

/** "14:03:07" */
export function clockTime(at: number): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** "14:03:07.042" */
export function preciseTime(at: number): string {
  return `${clockTime(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`
}

/** "Today", "Yesterday", "12 March", and with the year when it is another one. */
export function dayName(at: number, now: number): string {
  if (sameDay(at, now)) return 'Today'
  if (sameDay(at, now - DAY)) return 'Yesterday'
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at)
}

export function uptime(startedAt: number, now: number): string {
  return formatSpan(now - startedAt)
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString()
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
