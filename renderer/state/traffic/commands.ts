import { createStore } from '../store.ts'

/** What the palette asks of the Traffic screen, which may not be open yet. */
export type TrafficCommand =
  /** The cursor goes into the filter; with a text, that one is put there. */
  { do: 'filter'; text: string | null } | { do: 'pause' } | { do: 'clear' } | { do: 'export' }

/** Waits here until the screen takes it. */
export const trafficCommandStore = createStore<TrafficCommand | null>(null)

/** Whether the screen stands still, as the palette names what it would do. */
export const trafficPausedStore = createStore<boolean>(false)
