import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditLog } from '../audit/audit-log.ts'
import type { HostPaths } from '../core/host-paths.ts'
import { dataFolder, deleteDataMarker, packagesOf, remove } from './folders.ts'
import type { IconCache } from './icon.ts'
import type { AppLogs } from './logs/app-logs.ts'
import type { Registry } from './registry.ts'
import type { Supervisor } from './supervisor.ts'
import type { ActorKey } from './types.ts'

interface UninstallDeps {
  paths: HostPaths
  audit: AuditLog
  registry: Registry
  supervisor: Supervisor
  logs: AppLogs
  icons: IconCache
}

/**
 * The row goes first, in one step with its audit row; files follow. A host that is killed in between removes them at
 * its next start: code and logs because their row is gone, data because of the marker.
 */
export async function uninstallApp(
  deps: UninstallDeps,
  actor: ActorKey,
  key: string,
  { deleteData }: { deleteData: boolean },
): Promise<void> {
  const { paths, registry } = deps
  const record = registry.need(key)
  await deps.supervisor.remove(key)
  if (deleteData) await writeFile(deleteDataMarker(paths, key), '')
  registry.commit(key, (table) => {
    table.delete(key)
    deps.audit.record({ action: 'app.uninstall', actor, subject: key, details: { id: record.id, deleteData } })
  })
  deps.icons.delete(key)
  await deps.logs.delete(key)
  await remove(packagesOf(paths, key))
  await remove(join(paths.logs, key))
  if (deleteData) {
    await remove(dataFolder(paths, key))
    await remove(deleteDataMarker(paths, key))
  }
}
