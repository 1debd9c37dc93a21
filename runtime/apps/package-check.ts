import { lstat, readdir, readlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { containedPath } from '../core/contained-path.ts'
import { tooLarge } from './sources/git-http.ts'

export interface PackageSize {
  files: number
  bytes: number
}

/**
 * Looks through a fetched package: files, folders and links that stay inside, and not more than the limits. Throws
 * SOURCE_INVALID, TOO_LARGE. Links are looked at by where they say they lead and by where they really lead (C45).
 */
export async function checkPackage(folder: string, signal: AbortSignal): Promise<PackageSize> {
  const size = { files: 0, bytes: 0 }
  await look(folder, folder, signal, size)
  return size
}

async function look(root: string, folder: string, signal: AbortSignal, size: PackageSize): Promise<void> {
  for (const name of await readdir(folder)) {
    signal.throwIfAborted()
    const path = join(folder, name)
    const stat = await lstat(path)
    size.files++
    size.bytes += stat.size
    if (size.files > LIMITS.packageFiles || size.bytes > LIMITS.packageBytes) throw tooLarge()
    if (stat.isDirectory()) await look(root, path, signal, size)
    else if (stat.isSymbolicLink()) await checkLink(root, path)
    else if (!stat.isFile()) throw refused(root, path, 'is a device or a pipe')
  }
}

async function checkLink(root: string, path: string): Promise<void> {
  const target = await readlink(path)
  const rest = relative(root, resolve(dirname(path), target))
  if (isAbsolute(target) || rest.startsWith('..') || isAbsolute(rest))
    throw refused(root, path, 'is a link out of its folder')
  await containedPath(root, relative(root, path)).catch(() => {
    throw refused(root, path, 'is a link out of its folder')
  })
}

function refused(root: string, path: string, what: string): AppError {
  return new AppError(
    'SOURCE_INVALID',
    `The app cannot be installed: ${JSON.stringify(relative(root, path))} in it ${what}.`,
  )
}
