import type { TrafficFrame } from '../../state/traffic/messages.ts'

/** How many requests, from the newest on, were asked whether they match: here, or by the host's searches. */
export function lookedThrough({ newest, before }: Pick<TrafficFrame, 'newest' | 'before'>): number {
  // Before the host was asked at all it stands beyond every number.
  return before === null ? newest : Math.max(0, newest - before + 1)
}
