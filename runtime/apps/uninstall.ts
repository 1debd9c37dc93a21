import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Clock } from '../core/clock.ts'
import type { HostPaths } from '../core/host-paths.ts'
import { dataFolder, deleteDataMarker, packagesOf, remove } from './folders.ts'
import type { IconCache } from './icon.ts'
import type { AppLogs } from './logs/app-logs.ts'
import type { Registry } from './registry.ts'
import type { Supervisor } from './supervisor.ts'
import type { ActorKey } from './types.ts'

interface UninstallDeps {
  paths: HostPaths
  clock: Clock
  audit: AuditLog
  registry: Registry
  supervisor: Supervisor
  logs: AppLogs
  icons: IconCache
}

/**
 * The row goes first, in one step with its audit row, so that nothing can start the app any more; its processes and
 * files follow. A host that is killed in between ends and removes them at its next start: processes, code and logs
 * because their row is gone, data because of the marker.
 */
export async function uninstallApp(
  deps: UninstallDeps,
  actor: ActorKey,
  key: string,
  { deleteData }: { deleteData: boolean },
): Promise<void> {
  const { paths, registry } = deps
  const record = registry.need(key)
  if (deleteData) await writeFile(deleteDataMarker(paths, key), '')
  registry.commit(key, (table) => {
    // Somebody else may have been quicker: it is uninstalled, and recorded, once.
    registry.need(key)
    table.delete(key, deps.clock.now(), { deleteData })
    deps.audit.record({ action: 'app.uninstall', actor, subject: key, details: { id: record.id, deleteData } })
  })
  await deps.supervisor.remove(key)
  deps.icons.delete(key)
  await deps.logs.delete(key)
  await remove(packagesOf(paths, key))
  await remove(join(paths.logs, key))
  if (deleteData) {
    await remove(dataFolder(paths, key))
    await remove(deleteDataMarker(paths, key))
  }
}
