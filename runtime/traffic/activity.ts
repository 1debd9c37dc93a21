import type { Clock } from '../core/clock.ts'

/** Counts per span of time for the last `spans` spans; the newest is the one that is running. No timer needed. */
class SpanCounter {
  readonly #spanMs: number
  readonly #counts: Float64Array
  #current: number

  constructor(spanMs: number, spans: number, now: number) {
    this.#spanMs = spanMs
    this.#counts = new Float64Array(spans)
    this.#current = Math.floor(now / spanMs)
  }

  add(now: number): void {
    this.#advance(now)
    const index = this.#current % this.#counts.length
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
  }

  /** Oldest first. */
  read(now: number): number[] {
    this.#advance(now)
    const length = this.#counts.length
    return Array.from({ length }, (_, i) => this.#counts[(this.#current + 1 + i) % length] ?? 0)
  }

  #advance(now: number): void {
    const span = Math.floor(now / this.#spanMs)
    const length = this.#counts.length
    // At most one round: everything older than the window is zero anyway.
    for (let at = Math.max(this.#current + 1, span - length + 1); at <= span; at++) this.#counts[at % length] = 0
    this.#current = Math.max(this.#current, span)
  }
}

const ACTIVITY_SPAN = 10_000
const ACTIVITY_SPANS = 30
/** Apps that are gone leave their counts behind; this many apps are kept, which no laptop reaches. */
const MOST_APPS = 2000

/** Requests and errors of each app, per 10 s over 5 minutes. */
export class ActivityCounts {
  readonly #clock: Clock
  readonly #apps = new Map<string, { requests: SpanCounter; errors: SpanCounter; busy: boolean }>()
  #busy: string[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param now of the clock's monotonic time */
  count(appKey: string, error: boolean, now: number): void {
    let counters = this.#apps.get(appKey)
    if (counters === undefined) {
      if (this.#apps.size >= MOST_APPS) this.#apps.clear()
      counters = {
        requests: new SpanCounter(ACTIVITY_SPAN, ACTIVITY_SPANS, now),
        errors: new SpanCounter(ACTIVITY_SPAN, ACTIVITY_SPANS, now),
        busy: false,
      }
      this.#apps.set(appKey, counters)
    }
    counters.requests.add(now)
    if (error) counters.errors.add(now)
    if (!counters.busy) {
      counters.busy = true
      this.#busy.push(appKey)
    }
  }

  /** Apps that were called since this was asked last. */
  takeBusy(): string[] {
    const busy = this.#busy
    for (const appKey of busy) {
      const counters = this.#apps.get(appKey)
      if (counters !== undefined) counters.busy = false
    }
    this.#busy = []
    return busy
  }

  of(appKey: string): { requests: number[]; errors: number[] } {
    const counters = this.#apps.get(appKey)
    if (counters === undefined) {
      return { requests: new Array(ACTIVITY_SPANS).fill(0), errors: new Array(ACTIVITY_SPANS).fill(0) }
    }
    const now = this.#clock.monotonic()
    return { requests: counters.requests.read(now), errors: counters.errors.read(now) }
  }
}

const RATE_SPAN = 2000
/** One more than is shown: the running span is not whole yet. */
const RATE_SPANS = 31

/** Requests per second over the last minute. */
export class RequestRate {
  readonly #clock: Clock
  readonly #counter: SpanCounter

  constructor(clock: Clock) {
    this.#clock = clock
    this.#counter = new SpanCounter(RATE_SPAN, RATE_SPANS, clock.monotonic())
  }

  /** @param now of the clock's monotonic time */
  count(now: number): void {
    this.#counter.add(now)
  }

  recent(): number[] {
    const perSecond = 1000 / RATE_SPAN
    return this.#counter
      .read(this.#clock.monotonic())
      .slice(0, -1)
      .map((count) => count * perSecond)
  }

  now(): number {
    return this.recent().at(-1) ?? 0
  }
}
