import type { RuntimeEvent } from '../../runtime/contract/events.ts'
import type { TrafficRow } from '../../runtime/contract/models.ts'

/** How long events are gathered before they cross to the panel together. */
export const BATCH_MS = 100

/**
 * Folds a batch to what the panel needs of it: of several states of one app or of one request the last, and all rows
 * of traffic in one event. Order is kept otherwise.
 */
export function foldEvents(events: RuntimeEvent[]): RuntimeEvent[] {
  const lastApp = new Map<string, number>()
  const rows = new Map<number, TrafficRow>()
  let lastHost = -1
  events.forEach((event, index) => {
    if (event.type === 'app-changed') lastApp.set(event.app.key, index)
    if (event.type === 'host-changed') lastHost = index
    if (event.type === 'traffic') for (const row of event.rows) rows.set(row.seq, row)
    // What was shown before is gone; rows that came after it stand.
    if (event.type === 'traffic-cleared') rows.clear()
  })
  const folded = events.filter((event, index) => {
    if (event.type === 'traffic') return false
    if (event.type === 'app-changed') return lastApp.get(event.app.key) === index
    if (event.type === 'host-changed') return lastHost === index
    return true
  })
  if (rows.size > 0) folded.push({ type: 'traffic', rows: [...rows.values()] })
  return folded
}
