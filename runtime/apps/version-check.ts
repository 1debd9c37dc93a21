import { join } from 'node:path'
import semver from 'semver'
import type { UpdateCheck } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { readPackage } from './manifest.ts'
import { latestNpm } from './sources/npm.ts'
import { parseSource } from './sources/parse-source.ts'
import type { FetchContext } from './sources/source.ts'
import type { SourceKind } from './types.ts'

/** Asks an app's source for its newest version in the wanted range. Throws as fetching does. Changes nothing. */
export async function checkForUpdate(record: AppRecord, context: FetchContext): Promise<UpdateCheck> {
  const { installedVersion, sourceUrl, desiredVersion } = record
  const source = parseSource(sourceUrl, sourceKind(record), desiredVersion ?? undefined)
  // A folder is run in place: what is in it is what is installed. What lives elsewhere is not installed at all.
  if (source.kind === 'folder' || source.kind === 'upstream')
    return { hasUpdate: false, installedVersion, latestVersion: installedVersion }
  if (source.kind === 'example') {
    const { version } = await readPackage(join(context.examplesFolder, source.name))
    return { hasUpdate: isUpdate(installedVersion, version, null), installedVersion, latestVersion: version }
  }
  const { range } = source
  const latestVersion =
    source.kind === 'npm'
      ? await latestNpm(source.name, range, context)
      : // Loaded when it is needed, not at every start of the host.
        await (await import('./sources/git.ts')).latestGit(source.url, range, context)
  return { hasUpdate: isUpdate(installedVersion, latestVersion, range), installedVersion, latestVersion }
}

export function sourceKind({ sourceType }: AppRecord): SourceKind {
  return sourceType === 'file' ? 'folder' : sourceType
}

/** Newer ones, and others where the one that is there is not what is wanted: then it may be an older one. */
export function isUpdate(installed: string | null, latest: string | null, range: string | null): boolean {
  if (latest === null || installed === latest) return false
  if (installed === null || semver.valid(installed) === null || semver.valid(latest) === null) return true
  if (semver.gt(latest, installed)) return true
  if (range === null) return false
  // What is no range is a tag of the npm registry, and is followed wherever it is moved to.
  return semver.validRange(range) === null || !semver.satisfies(installed, range)
}
