import type { TrafficSeries, TrafficStats } from '../contract/traffic.ts'
import type { Clock } from '../core/clock.ts'
import type { AppHour, EdgeHour } from '../storage/traffic/hours.ts'
import { type CalledRequest, callOf } from './call-graph.ts'
import { type CountedRequest, spansUntil, Tally, toSeries } from './tally.ts'

const HOUR = 3_600_000
const MINUTES = { spanMs: 10_000, spans: 60 }
const DAYS = { spanMs: HOUR, spans: 7 * 24 }
/** Apps, and edges of the call graph, that are counted at a time: more than a laptop has (A13). */
const MOST = 2000

export interface Hours {
  apps: AppHour[]
  edges: EdgeHour[]
}

interface AppTallies {
  appId: string
  /** By the number of their span since 1970. */
  minutes: Map<number, Tally>
  /** Of the running hour. */
  hour: Tally
}

/**
 * Requests per second, errors and durations of each app, and who calls whom: the last ten minutes in steps of 10 s in
 * memory, and the running hour for the archive, which keeps those before it.
 */
export class TrafficStatistics {
  readonly #clock: Clock
  readonly #apps = new Map<string, AppTallies>()
  readonly #edges = new Map<
    string,
    { edge: Omit<EdgeHour, 'hour' | 'requests' | 'errors' | 'durations'>; tally: Tally }
  >()
  /** When the running hour began. */
  #hour: number
  /** What the request before this one was, and where it was counted in the call graph. */
  #last: (Pick<CalledRequest, 'caller' | 'appKey' | 'rpcApi' | 'refused' | 'kind'> & { tally: Tally | null }) | null =
    null
  /** Hours that have ended and are not in the archive yet. */
  #ended: Hours = { apps: [], edges: [] }

  constructor(clock: Clock) {
    this.#clock = clock
    this.#hour = Math.floor(clock.now() / HOUR) * HOUR
  }

  get hour(): number {
    return this.#hour
  }

  /** The running hour as an earlier run of the host left it. Before anything is counted. */
  resume({ apps, edges }: Hours): void {
    for (const app of apps) if (app.hour === this.#hour) this.#app(app.appKey, app.appId)?.hour.add(app)
    for (const edge of edges) if (edge.hour === this.#hour) this.#edge(edge)?.add(edge)
  }

  /** A request that is over. */
  count(row: Readonly<CountedRequest & CalledRequest>): void {
    const now = this.#turn()
    if (row.appKey !== null) {
      const app = this.#app(row.appKey, row.appId)
      app?.hour.count(row)
      if (app !== null) this.#minute(app, now).count(row)
    }
    this.#called(row)?.count(row)
  }

  /** Most requests are called as the one before was: that is told by looking at what is the same object then. */
  #called(row: Readonly<CalledRequest>): Tally | null {
    const { caller, appKey, rpcApi, refused, kind } = row
    const last = this.#last
    if (last !== null && last.caller === caller && last.appKey === appKey && last.rpcApi === rpcApi)
      if (last.kind === kind && last.refused === refused) return last.tally
    const call = callOf(row)
    const tally = call === null ? null : this.#edge(call)
    this.#last = { caller, appKey, rpcApi, refused, kind, tally }
    return tally
  }

  /** What the archive is to keep: the running hour as far as it went, and what has ended since this was asked last. */
  takeHours(): Hours {
    this.#turn()
    const running = this.#running()
    const { apps, edges } = this.#ended
    this.#ended = { apps: [], edges: [] }
    return { apps: [...apps, ...running.apps], edges: [...edges, ...running.edges] }
  }

  /** The last ten minutes of the apps that `shown` lets through. */
  minutes(shown: (appKey: string) => boolean): TrafficStats {
    const now = this.#clock.now()
    const spans = spansUntil(now, MINUTES)
    const first = spans.from / spans.spanMs
    const apps: TrafficSeries[] = []
    for (const [appKey, { appId, minutes }] of this.#apps) {
      const tallies = Array.from({ length: spans.spans }, (_, index) => minutes.get(first + index))
      if (!shown(appKey) || tallies.every((tally) => tally === undefined)) continue
      apps.push(toSeries({ appKey, appId }, tallies, spans, now))
    }
    return { ...spans, apps }
  }

  /** The last seven days. @param stored hours of the archive, from `daysFrom` on */
  days(stored: readonly AppHour[], shown: (appKey: string) => boolean): TrafficStats {
    const now = this.#clock.now()
    const spans = spansUntil(now, DAYS)
    const apps = new Map<string, { appId: string; tallies: (Tally | undefined)[] }>()
    for (const hour of this.#known(stored, this.#hours().apps, ({ appKey }) => appKey)) {
      const at = (hour.hour - spans.from) / HOUR
      if (!shown(hour.appKey) || !Number.isInteger(at) || at < 0 || at >= spans.spans) continue
      const app = apps.get(hour.appKey) ?? { appId: hour.appId, tallies: new Array(spans.spans).fill(undefined) }
      apps.set(hour.appKey, app)
      app.appId = hour.appId
      const tally = new Tally()
      tally.add(hour)
      app.tallies[at] = tally
    }
    const series = [...apps].map(([appKey, { appId, tallies }]) => toSeries({ appKey, appId }, tallies, spans, now))
    return { ...spans, apps: series }
  }

  get daysFrom(): number {
    return spansUntil(this.#clock.now(), DAYS).from
  }

  /** Edges of the call graph hour by hour. @param stored those of the archive */
  edges(stored: readonly EdgeHour[]): EdgeHour[] {
    return this.#known(stored, this.#hours().edges, ({ source, target, api }) => JSON.stringify([source, target, api]))
  }

  clear(): void {
    this.#apps.clear()
    this.#edges.clear()
    this.#last = null
    this.#ended = { apps: [], edges: [] }
  }

  /** What is in memory is newer than what is stored of the same hour. */
  #known<T extends { hour: number }>(stored: readonly T[], own: readonly T[], key: (hour: T) => string): T[] {
    const all = new Map<string, T>()
    for (const hour of [...stored, ...own]) all.set(`${hour.hour} ${key(hour)}`, hour)
    return [...all.values()].sort((a, b) => a.hour - b.hour)
  }

  #hours(): Hours {
    this.#turn()
    const running = this.#running()
    return { apps: [...this.#ended.apps, ...running.apps], edges: [...this.#ended.edges, ...running.edges] }
  }

  #running(): Hours {
    const hour = this.#hour
    const apps: AppHour[] = []
    for (const [appKey, { appId, hour: tally }] of this.#apps) {
      if (tally.requests > 0) apps.push({ hour, appKey, appId, ...tally.stored() })
    }
    const edges = [...this.#edges.values()].map(({ edge, tally }) => ({ hour, ...edge, ...tally.stored() }))
    return { apps, edges }
  }

  /** When the hour is over, what was counted in it waits for the archive, and counting begins anew. Returns the time. */
  #turn(): number {
    const now = this.#clock.now()
    const hour = Math.floor(now / HOUR) * HOUR
    if (hour === this.#hour) return now
    this.#ended = this.#running()
    this.#edges.clear()
    this.#last = null
    const oldest = spansUntil(now, MINUTES).from / MINUTES.spanMs
    for (const [key, app] of this.#apps) {
      app.hour = new Tally()
      // Nothing of it would be shown any more; an app that is gone leaves nothing behind.
      if ([...app.minutes.keys()].every((span) => span < oldest)) this.#apps.delete(key)
    }
    this.#hour = hour
    return now
  }

  #minute(app: AppTallies, now: number): Tally {
    const span = Math.floor(now / MINUTES.spanMs)
    const known = app.minutes.get(span)
    if (known !== undefined) return known
    for (const old of app.minutes.keys()) if (old <= span - MINUTES.spans) app.minutes.delete(old)
    const made = new Tally()
    app.minutes.set(span, made)
    return made
  }

  #app(key: string, appId: string): AppTallies | null {
    const known = this.#apps.get(key)
    if (known !== undefined) {
      known.appId = appId
      return known
    }
    if (this.#apps.size >= MOST) return null
    const made = { appId, minutes: new Map<number, Tally>(), hour: new Tally() }
    this.#apps.set(key, made)
    return made
  }

  #edge({
    source,
    target,
    api,
    sourceLabel,
    targetLabel,
  }: Omit<EdgeHour, 'hour' | 'requests' | 'errors' | 'durations'>) {
    // For every request, so as one text: neither keys nor names of apps hold a line end.
    const key = `${source}\n${target}\n${api}`
    const known = this.#edges.get(key)
    if (known !== undefined) return known.tally
    if (this.#edges.size >= MOST) return null
    const tally = new Tally()
    this.#edges.set(key, { edge: { source, target, api, sourceLabel, targetLabel }, tally })
    return tally
  }
}
