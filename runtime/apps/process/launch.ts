import { mkdir, rm } from 'node:fs/promises'
import { AppError } from '../../contract/errors.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import { dataFolder } from '../folders.ts'
import type { AppLogs } from '../logs/app-logs.ts'
import { readPackage, resolveMain } from '../manifest.ts'
import { checkSocketFolder, socketPath } from '../socket-folder.ts'
import type { AppsDeps } from '../types.ts'
import { AppRun } from './app-run.ts'
import { appEnvironment } from './environment.ts'
import type { ProcessFiles } from './processes-file.ts'
import type { Sweeper } from './sweeper.ts'

export interface LaunchDeps
  extends Pick<AppsDeps, 'paths' | 'clock' | 'node' | 'logger' | 'serviceTokens' | 'hostPort'> {
  logs: AppLogs
  sweeper: Sweeper
  processes: ProcessFiles
}

/** Starts an app's process. Does not wait until it is ready. Throws an AppError that says what is wrong with it. */
export async function launch(deps: LaunchDeps, record: AppRecord): Promise<AppRun> {
  const { paths, serviceTokens } = deps
  const main = await resolveMain(record.packageFolder, record.packageMeta.main)
  const data = dataFolder(paths, record.key)
  await mkdir(data, { recursive: true, mode: 0o700 })
  checkSocketFolder(paths.sockets)
  const socket = socketPath(paths.sockets, record.key)
  // A socket that an earlier run left would make bind() fail.
  if (process.platform !== 'win32') await rm(socket, { force: true })

  const token = serviceTokens.issue(record.key)
  try {
    return new AppRun({
      execPath: deps.node.execPath,
      main,
      cwd: record.packageFolder,
      env: appEnvironment({
        socketPath: socket,
        serviceKey: record.key,
        hostPort: deps.hostPort(),
        token,
        dataFolder: data,
        config: record.config,
        node: deps.node,
      }),
      socketPath: socket,
      token,
      clock: deps.clock,
      sweeper: deps.sweeper,
      write: (stream, lines) => deps.logs.write(record.key, stream, lines),
      began: (pid) => void keepTrack(deps, () => deps.processes.add(pid)),
      ended: async (pid) => {
        serviceTokens.revoke(record.key)
        await keepTrack(deps, () => deps.processes.remove(pid))
      },
    })
  } catch (error) {
    serviceTokens.revoke(record.key)
    throw error
  }
}

/** On Linux a process tells by its environment whose it is, so there is nothing to keep. */
async function keepTrack(deps: LaunchDeps, write: () => Promise<void>): Promise<void> {
  if (process.platform === 'linux') return
  await write().catch((error) => deps.logger.warn('a process could not be noted down', { error }))
}

/**
 * An app that is run in place may have been changed since it was installed: what its files say now is what counts.
 * Null when nothing has changed.
 */
export async function refreshed(record: AppRecord): Promise<Partial<AppRecord> | null> {
  if (record.sourceType !== 'file') return null
  const found = await readPackage(record.packageFolder).catch((error: unknown) => {
    if (error instanceof AppError) throw error
    throw new AppError(
      'SOURCE_INVALID',
      `The folder ${record.packageFolder} cannot be read. Put it back, or uninstall the app.`,
    )
  })
  const now = { manifest: found.manifest, packageMeta: found.meta, installedVersion: found.version }
  const before = {
    manifest: record.manifest,
    packageMeta: record.packageMeta,
    installedVersion: record.installedVersion,
  }
  return JSON.stringify(now) === JSON.stringify(before) ? null : now
}
