import type { ErrorCode } from '../contract/errors.ts'
import type { TrafficSeries } from '../contract/traffic.ts'
import { Histogram } from './histogram.ts'

/** A tally as the archive keeps it. */
export interface StoredTally {
  requests: number
  errors: number
  durations: Uint8Array
}

/** What is counted of a request that is over. */
export interface CountedRequest {
  readonly refused: ErrorCode | null
  readonly status: number | null
  readonly durationMs: number | null
}

/** What happened in one span of time. */
export class Tally {
  requests = 0
  errors = 0
  readonly durations = new Histogram()

  count(row: CountedRequest): void {
    this.requests++
    // As in the list of apps: refused, or status 500 and up.
    if (row.refused !== null || (row.status !== null && row.status >= 500)) this.errors++
    if (row.durationMs !== null) this.durations.add(row.durationMs)
  }

  add(stored: StoredTally): void {
    this.requests += stored.requests
    this.errors += stored.errors
    this.durations.merge(Histogram.decode(stored.durations))
  }

  stored(): StoredTally {
    return { requests: this.requests, errors: this.errors, durations: this.durations.encode() }
  }
}

/** Spans of equal length, one after the other; the last one may be running still. */
export interface Spans {
  from: number
  spanMs: number
  spans: number
}

/** The spans that end with the one that `now` is in. */
export function spansUntil(now: number, { spanMs, spans }: Omit<Spans, 'from'>): Spans {
  return { from: (Math.floor(now / spanMs) - spans + 1) * spanMs, spanMs, spans }
}

/** @param tallies of each span, oldest first; undefined where nothing happened */
export function toSeries(
  app: { appKey: string; appId: string },
  tallies: readonly (Tally | undefined)[],
  { from, spanMs, spans }: Spans,
  now: number,
): TrafficSeries {
  // Of the running span only that part has been that is over; a second of it at least, or one request would be many.
  const running = Math.max(1000, now - from - (spans - 1) * spanMs)
  const perSecond = (count: number, index: number) => count / ((index === spans - 1 ? running : spanMs) / 1000)
  return {
    ...app,
    requestsPerSecond: tallies.map((tally, index) => perSecond(tally?.requests ?? 0, index)),
    errorsPerSecond: tallies.map((tally, index) => perSecond(tally?.errors ?? 0, index)),
    p50: tallies.map((tally) => tally?.durations.quantile(0.5) ?? null),
    p99: tallies.map((tally) => tally?.durations.quantile(0.99) ?? null),
  }
}
