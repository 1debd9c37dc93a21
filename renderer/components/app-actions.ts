import { useMutation } from '@tanstack/react-query'
import { navigate } from 'wouter/use-hash-location'
import type { AppState, AppSummary } from '../../runtime/contract/models.ts'
import { control, desktop, toCallError } from '../api.ts'
import { notifyError } from './notify.tsx'

/** Whether an app's process is there or on its way, so that "Stop" is what can be done. */
export function isUp(state: AppState): boolean {
  return state === 'running' || state === 'unreachable' || state === 'starting' || state === 'stopping'
}

export type AppAction = 'open' | 'start' | 'stop' | 'restart'

/** What the panel does to an app; used by the list, the app's page and the palette. */
export function runAppAction(app: Pick<AppSummary, 'key'>, action: AppAction): Promise<void> {
  const { key } = app
  if (action === 'open') return desktop('desktop.openApp', { key })
  return control(`apps.${action}`, { key })
}

/** A failed start is explained by the app's own words, so the button leads to them. */
export function showAppError(app: Pick<AppSummary, 'key'>, error: unknown): void {
  const callError = toCallError(error)
  const aboutStart = callError.code.startsWith('APP_')
  notifyError(callError, aboutStart ? { label: 'Show log', run: () => navigate(`/apps/${app.key}/logs`) } : undefined)
}

export function useAppAction(app: Pick<AppSummary, 'key'>) {
  const mutation = useMutation({
    mutationFn: (action: AppAction) => runAppAction(app, action),
    onError: (error) => showAppError(app, error),
    meta: { inline: true },
  })
  return {
    run: (action: AppAction) => mutation.mutate(action),
    pending: mutation.isPending ? mutation.variables : null,
  }
}
