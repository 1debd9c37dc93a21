import { constants } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { AppError } from '../contract/errors.ts'

/**
 * Flags to open a file from outside with: what lies there may be a pipe, and opening one waits for its other end, for
 * ever, in one of the few threads that all of the host's files and passwords share. Windows has no such flag.
 */
export const OPEN_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Resolves a path from outside below a root and refuses it when it leaves that root, by `..`, by being absolute, or
 * through a link (C45). The root must exist; the path need not, then its nearest existing parent is what is checked.
 */
export async function containedPath(root: string, path: string): Promise<string> {
  const refuse = () => new AppError('BAD_INPUT', `The path "${path}" leaves its folder.`)
  if (path.includes('\0') || isAbsolute(path)) throw refuse()
  const target = resolve(root, path)
  if (!isInside(root, target)) throw refuse()

  const realRoot = await realpath(root)
  let probe = target
  for (;;) {
    const real = await realpath(probe).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    if (real !== null) {
      if (real !== realRoot && !isInside(realRoot, real)) throw refuse()
      return target
    }
    probe = resolve(probe, '..')
  }
}

function isInside(root: string, path: string): boolean {
  const rest = relative(resolve(root), path)
  return rest === '' || (rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest))
}
