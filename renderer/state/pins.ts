import type { TrafficRow } from '../../runtime/contract/models.ts'
import { createStore } from './store.ts'

/** So many fit above the grid; one more pushes the first one out. */
const MOST = 8

/** Requests that a person keeps in sight, whatever the grid shows. */
export const pinsStore = createStore<readonly TrafficRow[]>([])

export function pin(row: TrafficRow): void {
  const others = pinsStore.get().filter(({ seq }) => seq !== row.seq)
  pinsStore.set([...others, row].slice(-MOST))
}

export function unpin(seq: number): void {
  pinsStore.set(pinsStore.get().filter((row) => row.seq !== seq))
}
