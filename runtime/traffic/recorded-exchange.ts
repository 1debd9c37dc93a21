import type { TrafficDetails, TrafficRow } from '../contract/models.ts'
import type { HeaderLines } from './header-account.ts'

/** A request of the record, under way or over, to be read. */
export interface RecordedExchange {
  readonly seq: number
  readonly appKey: string | null
  /** As it came, secrets and all. For whoever repeats the request; not to be shown. */
  readonly rawPath: string
  /** As they came, secrets and all: name, value, name, value … For whoever repeats the request; not to be shown. */
  readonly rawRequestHeaders: string[]
  /** Milliseconds since 1970; null while it is under way. */
  readonly endedAt: number | null
  /** It is with the app, which has not begun to answer. */
  readonly awaitsAnswer: boolean
  /** It is on the disk. */
  readonly archived: boolean
  /** Of the headers that the caller sent, in lower case; no more of them than are shown. */
  headerNames(): string[]
  /** The answer's headers as the caller got them, secrets and all; not to be shown. */
  rawAnswerHeaders(): [name: string, value: string][]
  /** As it is now, without secrets. A copy: it does not change afterwards. */
  row(): TrafficRow
  /** Everything that is known, without secrets. */
  details(): TrafficDetails
  /** What became of each header, secrets and all: for whoever writes it down, and masks it before. */
  headerLines(): HeaderLines
}
