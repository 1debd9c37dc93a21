import type { TrafficDetails } from '../../../runtime/contract/models.ts'

export interface Phase {
  label: string
  /** Milliseconds since the request came. */
  from: number
  /** null while it lasts. */
  to: number | null
}

/** What a request's time went into, as far as it came. */
export function requestPhases(timing: TrafficDetails['timing']): Phase[] {
  const { forwardedMs, headMs, endMs } = timing
  if (forwardedMs === null) return [{ label: 'Checked and answered', from: 0, to: endMs }]
  const phases: Phase[] = [{ label: 'Checked by Atek', from: 0, to: forwardedMs }]
  phases.push({ label: 'Waiting for the app', from: forwardedMs, to: headMs ?? endMs })
  if (headMs !== null) phases.push({ label: 'Answer', from: headMs, to: endMs })
  return phases
}
