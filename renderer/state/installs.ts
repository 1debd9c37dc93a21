import type { RuntimeEvent } from '../../runtime/contract/events.ts'
import type { InstallProgress } from '../../runtime/contract/models.ts'
import { createStore } from './store.ts'

/** What was announced about each installation, by review id, in order. */
export type InstallsState = ReadonlyMap<string, readonly InstallProgress[]>

export type InstallsAction = RuntimeEvent | { type: 'install-forgotten'; reviewId: string }

export const noInstalls: InstallsState = new Map()
/** Messages kept of one installation; a package manager may be talkative. */
const MESSAGES = 2000

export function reduceInstalls(state: InstallsState, action: InstallsAction): InstallsState {
  switch (action.type) {
    case 'install-progress': {
      const { progress } = action
      const before = state.get(progress.reviewId) ?? []
      return new Map(state).set(progress.reviewId, [...before, progress].slice(-MESSAGES))
    }
    case 'install-forgotten': {
      if (!state.has(action.reviewId)) return state
      const next = new Map(state)
      next.delete(action.reviewId)
      return next
    }
    default:
      return state
  }
}

export const installsStore = createStore<InstallsState>(noInstalls)

export function dispatchInstalls(action: InstallsAction): void {
  installsStore.set(reduceInstalls(installsStore.get(), action))
}
