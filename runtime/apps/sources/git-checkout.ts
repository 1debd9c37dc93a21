import fs from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import git from 'isomorphic-git'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { tooLarge } from './git-http.ts'

interface Checkout {
  gitdir: string
  folder: string
  signal: AbortSignal
}

interface Totals {
  files: number
  bytes: number
  links: { path: string; target: string }[]
}

/**
 * Writes a commit's files. By hand, because a repository is input from outside: names are checked before they are
 * paths, sizes are counted as they come, and links are made last, so that no file is ever written through one (A42).
 * What they point at is checked with the rest of the package afterwards.
 */
export async function checkOut(commit: string, checkout: Checkout): Promise<void> {
  const { folder } = checkout
  await mkdir(folder, { recursive: true })
  const totals: Totals = { files: 0, bytes: 0, links: [] }
  await writeTree(commit, '', checkout, totals)
  for (const { path, target } of totals.links) await symlink(target, join(folder, path))
}

async function writeTree(oid: string, path: string, checkout: Checkout, totals: Totals): Promise<void> {
  const { gitdir, folder, signal } = checkout
  const { tree } = await git.readTree({ fs, gitdir, oid })
  const seen = new Set<string>()
  for (const entry of tree) {
    signal.throwIfAborted()
    const at = path === '' ? entry.path : `${path}/${entry.path}`
    checkName(entry.path, at)
    // On macOS and Windows two names that differ by case are one file.
    const folded = entry.path.normalize('NFC').toLowerCase()
    if (seen.has(folded)) throw unsafeFile(at)
    seen.add(folded)
    if (++totals.files > LIMITS.packageFiles) throw tooLarge()

    if (entry.type === 'tree') {
      await mkdir(join(folder, at))
      await writeTree(entry.oid, at, checkout, totals)
    } else if (entry.type === 'blob') {
      const { blob } = await git.readBlob({ fs, gitdir, oid: entry.oid })
      totals.bytes += blob.length
      if (totals.bytes > LIMITS.packageBytes) throw tooLarge()
      if (entry.mode === '120000') totals.links.push({ path: at, target: Buffer.from(blob).toString('utf8') })
      else await writeFile(join(folder, at), blob, { flag: 'wx', mode: entry.mode === '100755' ? 0o755 : 0o644 })
    }
    // A submodule (type commit) is another repository: it is left out, as by a plain clone.
  }
}

function checkName(name: string, at: string): void {
  const odd = name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name) || dirname(name) !== '.'
  if (odd || name.toLowerCase() === '.git') throw unsafeFile(at)
}

export function unsafeFile(path: string): AppError {
  return new AppError(
    'SOURCE_INVALID',
    `The repository holds a file that cannot be written safely: ${JSON.stringify(path)}.`,
  )
}
