import { LIMITS } from '../../contract/limits.ts'

/**
 * How long to wait after the n-th crash in a row (1, 2, …), in milliseconds: 1 s, 2 s, 4 s … 60 s. Null when it was
 * restarted 8 times in a row already: it is given up until a person starts it.
 */
export function backoff(crashes: number): number | null {
  if (crashes > LIMITS.restartsInARow) return null
  return Math.min(LIMITS.restartBackoffFirst * 2 ** (crashes - 1), LIMITS.restartBackoffMost)
}
