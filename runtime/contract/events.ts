import type { AppSummary, AuditRow, HostStatus, InstallProgress, LogLine } from './models.ts'

/**
 * What the runtime announces. Events say that something has happened; nothing in the host waits for one or is driven
 * by one. Who may see which is decided by control.maySee.
 */
export type RuntimeEvent =
  | { type: 'app-changed'; app: AppSummary }
  | { type: 'app-removed'; key: string }
  | { type: 'app-log'; key: string; lines: LogLine[] }
  | { type: 'install-progress'; progress: InstallProgress; actor: string }
  | { type: 'traffic-cleared' }
  | { type: 'users-changed' }
  /** Sessions of this user ended; `sessionIds` null means all of them. */
  | { type: 'sessions-ended'; userKey: string; sessionIds: string[] | null }
  | { type: 'audit-added'; row: AuditRow }
  | { type: 'host-changed'; status: HostStatus }

export type RuntimeEventType = RuntimeEvent['type']
