import type { RuntimeEvent } from '../../runtime/contract/events.ts'
import type { LIMITS } from '../../runtime/contract/limits.ts'
import type { TrafficPage, TrafficRow } from '../../runtime/contract/models.ts'
import { mergeRows } from './sorted-rows.ts'
import { createStore } from './store.ts'

/** As many rows as the host keeps. */
export const TRAFFIC_ROWS: (typeof LIMITS)['trafficRows'] = 50_000
/** The most that one call of traffic.list answers. */
export const TRAFFIC_PAGE = 2000

export interface TrafficState {
  /** Ordered by seq, oldest first. */
  rows: readonly TrafficRow[]
  /** From this seq on nothing is missing; null before the first page came. */
  completeFrom: number | null
  /** Whether the host has rows older than that. */
  moreBefore: boolean
  /** Rows that fell out of the host's record since its start. */
  dropped: number
}

export type TrafficAction =
  | RuntimeEvent
  | { type: 'traffic-page'; page: TrafficPage; limit: number }
  | { type: 'traffic-of-app'; rows: TrafficRow[] }

export const noTraffic: TrafficState = {
  rows: [],
  completeFrom: null,
  moreBefore: false,
  dropped: 0,
}

export function reduceTraffic(state: TrafficState, action: TrafficAction): TrafficState {
  switch (action.type) {
    case 'traffic':
      return merge(state, action.rows)
    case 'traffic-of-app':
      return merge(state, action.rows)
    case 'traffic-page': {
      const oldest = action.page.rows.reduce((least, row) => Math.min(least, row.seq), Number.POSITIVE_INFINITY)
      const next = merge(state, action.page.rows)
      return {
        ...next,
        completeFrom: Number.isFinite(oldest) ? oldest : (state.completeFrom ?? 0),
        // A full window has no room for older rows: they would push themselves out again.
        moreBefore: action.page.rows.length >= action.limit && next.rows.length < TRAFFIC_ROWS,
        dropped: action.page.dropped,
      }
    }
    case 'traffic-cleared':
      return { ...noTraffic, completeFrom: 0 }
    case 'host-changed':
      return state.dropped === action.status.trafficDropped
        ? state
        : { ...state, dropped: action.status.trafficDropped }
    default:
      return state
  }
}

function merge(state: TrafficState, incoming: TrafficRow[]): TrafficState {
  if (incoming.length === 0) return state
  return { ...state, rows: mergeRows(state.rows, incoming, TRAFFIC_ROWS) }
}

/** Rows that came in several events of one batch become one change of the store. */
export function joinTraffic(events: RuntimeEvent[]): RuntimeEvent[] {
  const joined: RuntimeEvent[] = []
  for (const event of events) {
    const last = joined.at(-1)
    if (event.type === 'traffic' && last?.type === 'traffic') last.rows.push(...event.rows)
    else joined.push(event.type === 'traffic' ? { type: 'traffic', rows: [...event.rows] } : event)
  }
  return joined
}

export const trafficStore = createStore<TrafficState>(noTraffic)

export function dispatchTraffic(action: TrafficAction): void {
  trafficStore.set(reduceTraffic(trafficStore.get(), action))
}
