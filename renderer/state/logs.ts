import type { RuntimeEvent } from '../../runtime/contract/events.ts'
import type { LogLine } from '../../runtime/contract/models.ts'
import { mergeRows } from './sorted-rows.ts'
import { createStore } from './store.ts'

/** Lines kept for the app whose log is open. */
export const LOG_LINES = 100_000
/** The most that one call of apps.logs answers. */
export const LOG_PAGE = 2000

export interface AppLog {
  lines: readonly LogLine[]
  loaded: boolean
  moreBefore: boolean
}

/** Logs that are open in the window, by app key; lines of other apps are left to the host. */
export type LogsState = ReadonlyMap<string, AppLog>

export type LogsAction =
  | RuntimeEvent
  | { type: 'log-opened'; key: string }
  | { type: 'log-page'; key: string; lines: LogLine[]; limit: number }
  | { type: 'log-closed'; key: string }

export const noLogs: LogsState = new Map()

export function reduceLogs(state: LogsState, action: LogsAction): LogsState {
  switch (action.type) {
    case 'log-opened':
      return state.has(action.key) ? state : put(state, action.key, { lines: [], loaded: false, moreBefore: false })
    case 'log-closed':
    case 'app-removed': {
      if (!state.has(action.key)) return state
      const next = new Map(state)
      next.delete(action.key)
      return next
    }
    case 'app-log': {
      const log = state.get(action.key)
      if (log === undefined) return state
      return put(state, action.key, { ...log, lines: mergeRows(log.lines, action.lines, LOG_LINES) })
    }
    case 'log-page': {
      const log = state.get(action.key)
      if (log === undefined) return state
      const lines = mergeRows(log.lines, action.lines, LOG_LINES)
      // Once the window is full, older lines would only push out newer ones that are already gone from its end.
      const moreBefore = action.lines.length >= action.limit && lines.length < LOG_LINES
      return put(state, action.key, { lines, loaded: true, moreBefore })
    }
    default:
      return state
  }
}

function put(state: LogsState, key: string, log: AppLog): LogsState {
  return new Map(state).set(key, log)
}

export const logsStore = createStore<LogsState>(noLogs)

export function dispatchLogs(action: LogsAction): void {
  logsStore.set(reduceLogs(logsStore.get(), action))
}
