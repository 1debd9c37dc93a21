import { useSyncExternalStore } from 'react'

export interface Store<S> {
  get(): S
  set(next: S): void
  subscribe(listener: () => void): () => void
}

/** Holds one immutable value and tells listeners when another takes its place. */
export function createStore<S>(first: S): Store<S> {
  let state = first
  const listeners = new Set<() => void>()
  return {
    get: () => state,
    set(next) {
      if (Object.is(next, state)) return
      state = next
      for (const listener of [...listeners]) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Renders again when the selected part changes. `select` must answer the same object for the same state. */
export function useStore<S, T>(store: Store<S>, select: (state: S) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}
