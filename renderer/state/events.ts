import type { PanelEvent } from '../../electron/ipc/contract.ts'
import type { RuntimeEvent } from '../../runtime/contract/events.ts'
import type { AppSummary } from '../../runtime/contract/models.ts'
import { appsStore, dispatchApps } from './apps.ts'
import { type AuditPages, addAuditRow } from './audit.ts'
import { dispatchInstalls } from './installs.ts'
import { dispatchLogs } from './logs.ts'
import { hostStore, panelStore } from './panel.ts'
import { QUERY, queryClient } from './queries.ts'
import { announceTrafficWaiting } from './traffic/waiting.ts'

/** Everything that the main process announces goes through here into the stores. */
export function receive(event: PanelEvent, navigate: (to: string) => void): void {
  switch (event.type) {
    case 'panel':
      panelStore.set(event.info)
      return
    case 'navigate':
      navigate(event.to)
      return
    case 'runtime':
      // Without a person there is nobody to show it to.
      if (panelStore.get()?.state.phase !== 'ready') return
      for (const runtimeEvent of event.events) receiveRuntime(runtimeEvent)
      return
    case 'traffic-waiting':
      announceTrafficWaiting()
  }
}

function receiveRuntime(event: RuntimeEvent): void {
  if (event.type === 'app-changed') markChangedApp(appsStore.get().byKey.get(event.app.key), event.app)
  dispatchApps(event)
  dispatchLogs(event)
  dispatchInstalls(event)
  switch (event.type) {
    case 'host-changed':
      hostStore.set(event.status)
      return
    case 'users-changed':
      void queryClient.invalidateQueries({ queryKey: QUERY.users })
      return
    case 'sessions-ended':
      void queryClient.invalidateQueries({ queryKey: QUERY.mySessions })
      void queryClient.invalidateQueries({ queryKey: QUERY.myTokens })
      void queryClient.invalidateQueries({ queryKey: QUERY.userSessions(event.userKey) })
      void queryClient.invalidateQueries({ queryKey: QUERY.users })
      return
    case 'audit-added':
      queryClient.setQueryData<AuditPages>(QUERY.audit, (data) => addAuditRow(data, event.row))
      // Sign-ins and installations change what the table of users counts, and each leaves an audit row.
      void queryClient.invalidateQueries({ queryKey: QUERY.users })
      return
    default:
  }
}

/** Details are asked for again when something of them changed, not with every measurement of memory. */
function markChangedApp(before: AppSummary | undefined, app: AppSummary): void {
  const same =
    before !== undefined &&
    before.state === app.state &&
    before.id === app.id &&
    before.title === app.title &&
    before.version === app.version &&
    before.owner === app.owner &&
    before.process?.startedAt === app.process?.startedAt
  if (!same) void queryClient.invalidateQueries({ queryKey: QUERY.app(app.key) })
}
