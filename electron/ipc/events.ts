import type { RuntimeEvent } from '../../runtime/contract/events.ts'

/** How long events are gathered before they cross to the panel together. */
export const BATCH_MS = 100

/**
 * Folds a batch to what the panel needs of it: of several states of one app the last. Order is kept otherwise. Rows of
 * traffic take a way of their own: traffic-gather.ts.
 */
export function foldEvents(events: RuntimeEvent[]): RuntimeEvent[] {
  const lastApp = new Map<string, number>()
  let lastHost = -1
  events.forEach((event, index) => {
    if (event.type === 'app-changed') lastApp.set(event.app.key, index)
    if (event.type === 'host-changed') lastHost = index
  })
  return events.filter((event, index) => {
    if (event.type === 'app-changed') return lastApp.get(event.app.key) === index
    if (event.type === 'host-changed') return lastHost === index
    return true
  })
}
