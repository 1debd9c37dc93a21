import type { ErrorData } from '../../runtime/contract/errors.ts'
import type { RuntimeEvent } from '../../runtime/contract/events.ts'
import type { AppSummary } from '../../runtime/contract/models.ts'
import { createStore } from './store.ts'

export interface AppsState {
  status: 'loading' | 'ready' | 'failed'
  error: ErrorData | null
  byKey: ReadonlyMap<string, AppSummary>
  /** What was announced while the list was on its way; null for a removed app. It is newer than the list, so it wins. */
  early: ReadonlyMap<string, AppSummary | null>
}

export type AppsAction =
  | RuntimeEvent
  | { type: 'apps-loading' }
  | { type: 'apps-loaded'; apps: AppSummary[] }
  | { type: 'apps-failed'; error: ErrorData }

export const noApps: AppsState = { status: 'loading', error: null, byKey: new Map(), early: new Map() }

export function reduceApps(state: AppsState, action: AppsAction): AppsState {
  switch (action.type) {
    case 'apps-loading':
      return { ...state, status: 'loading', error: null, early: new Map() }
    case 'apps-failed':
      return { ...state, status: 'failed', error: action.error }
    case 'apps-loaded': {
      const byKey = new Map(action.apps.map((app) => [app.key, app]))
      for (const [key, app] of state.early) put(byKey, key, app)
      return { status: 'ready', error: null, byKey, early: new Map() }
    }
    case 'app-changed':
      return change(state, action.app.key, action.app)
    case 'app-removed':
      return change(state, action.key, null)
    default:
      return state
  }
}

function change(state: AppsState, key: string, app: AppSummary | null): AppsState {
  const byKey = put(new Map(state.byKey), key, app)
  const early = state.status === 'loading' ? new Map(state.early).set(key, app) : state.early
  return { ...state, byKey, early }
}

function put(map: Map<string, AppSummary>, key: string, app: AppSummary | null): Map<string, AppSummary> {
  if (app === null) map.delete(key)
  else map.set(key, app)
  return map
}

export const appsStore = createStore<AppsState>(noApps)

export function dispatchApps(action: AppsAction): void {
  appsStore.set(reduceApps(appsStore.get(), action))
}
