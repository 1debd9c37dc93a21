import type { TrafficDetails } from '../../../../runtime/contract/models.ts'

export interface Phase {
  label: string
  /** What happens in it, as a sentence. */
  words: string
  /** Milliseconds since the request came. */
  from: number
  /** null while it lasts. */
  to: number | null
}

/** What a request's time went into, as far as it came. */
export function requestPhases(timing: TrafficDetails['timing']): Phase[] {
  const { callerMs, forwardedMs, headMs, endMs } = timing
  const phases: Phase[] = []
  const begin = (label: string, words: string, from: number, to: number | null) =>
    phases.push({ label, words, from, to })
  const known = callerMs ?? forwardedMs
  if (known === null) {
    begin('Atek', 'Looked at and answered by Atek itself.', 0, endMs)
    return phases
  }
  if (callerMs !== null) begin('Sign-in', 'Who is it, and may they?', 0, callerMs)
  if (forwardedMs === null) {
    begin('Atek', 'Answered by Atek itself.', known, endMs)
    return phases
  }
  begin('Queue', 'Headers set; waiting for the app to start or to have room.', callerMs ?? 0, forwardedMs)
  begin('App', 'Until the answer begins.', forwardedMs, headMs ?? endMs)
  if (headMs !== null) begin('Transfer', 'The answer’s body on its way.', headMs, endMs)
  return phases
}
