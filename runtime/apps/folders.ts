import { mkdir, readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { HostPaths } from '../core/host-paths.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { checkSocketFolder, makeSocketFolder } from './socket-folder.ts'

/** data/<service key>: what an app keeps. */
export function dataFolder(paths: HostPaths, key: string): string {
  return join(paths.data, key)
}

/** packages/<service key>: the app's versions. */
export function packagesOf(paths: HostPaths, key: string): string {
  return join(paths.packages, key)
}

/** A marker in staging: the data of this app is to go, if the app does. */
const DELETE_DATA = 'delete-data-'

export function deleteDataMarker(paths: HostPaths, key: string): string {
  return join(paths.staging, `${DELETE_DATA}${key}`)
}

/** One file for each running process; see process/processes-file.ts. */
export function processesFolder(paths: HostPaths): string {
  return join(paths.config, 'processes')
}

/** Makes and checks every folder that apps need, nobody else's to read (0700). */
export async function prepareFolders(paths: HostPaths): Promise<void> {
  for (const folder of [paths.packages, paths.staging, paths.data, paths.logs, processesFolder(paths)]) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  }
  await makeSocketFolder(paths.sockets)
  checkSocketFolder(paths.sockets)
}

/**
 * Removes what a killed host left half done: half-fetched sources, packages and logs without a row, versions other than
 * the one that the row names (an update that did not come to its end), and data whose removal was told but not done. Data of apps that were uninstalled without it stays.
 */
export async function sweepFolders(paths: HostPaths, recordOf: (key: string) => AppRecord | null): Promise<void> {
  const installed = (key: string) => recordOf(key) !== null
  for (const name of await readdir(paths.staging)) {
    const key = name.startsWith(DELETE_DATA) ? name.slice(DELETE_DATA.length) : null
    if (key !== null && /^[0-9a-f]{32}$/.test(key) && !installed(key)) await remove(dataFolder(paths, key))
    await remove(join(paths.staging, name))
  }
  for (const folder of [paths.packages, paths.logs]) {
    for (const key of await readdir(folder)) if (!installed(key)) await remove(join(folder, key))
  }
  for (const key of await readdir(paths.packages)) {
    const record = recordOf(key)
    if (record !== null) await removeOtherVersions(paths, record)
  }
}

/** Removes all of an app's versions but the one that its record names; all of them, if it runs from elsewhere. */
export async function removeOtherVersions(paths: HostPaths, record: AppRecord): Promise<void> {
  const folder = packagesOf(paths, record.key)
  if (record.sourceType === 'file') return remove(folder)
  // By its name and not its path: the config folder may be reached by another way than before.
  const kept = basename(record.packageFolder)
  for (const name of await readdir(folder)) if (name !== kept) await remove(join(folder, name))
}

export function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 3 })
}
