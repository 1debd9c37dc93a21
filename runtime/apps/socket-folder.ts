import { lstatSync } from 'node:fs'
import { chmod, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'

const posix = process.platform !== 'win32'

/**
 * Where an app listens. The name is short, because `sun_path` is. On Windows a named pipe, which lives in no folder.
 * Throws BAD_INPUT when the path would be too long for the system: bind() would cut it off or fail without saying so.
 */
export function socketPath(folder: string, key: string): string {
  const name = key.slice(0, 16)
  if (!posix) return `\\\\.\\pipe\\${folder.split(/[\\/]/).at(-1)}-${name}`
  const path = join(folder, `${name}.sock`)
  if (Buffer.byteLength(path) > LIMITS.socketPathBytes) {
    throw new AppError(
      'BAD_INPUT',
      `The folder ${folder} has too long a name for sockets. Set XDG_RUNTIME_DIR shorter.`,
    )
  }
  return path
}

/** Makes the folder, or takes over the one of an earlier run and empties it. Throws FORBIDDEN as checkSocketFolder. */
export async function makeSocketFolder(folder: string): Promise<void> {
  if (!posix) return
  await mkdir(dirname(folder), { recursive: true })
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  checkOwner(folder, await lstat(folder))
  // It is ours and no link: taking the rights away now locks everybody else out, and what they put in before goes.
  await chmod(folder, 0o700)
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
}

/**
 * C22, A08: whoever can reach an app's socket can tell the app that he is anybody. So the folder must be a real
 * folder, ours, closed to all others; and nobody else may be able to put another in its place. Throws FORBIDDEN.
 * Cheap; called before each start of an app too.
 */
export function checkSocketFolder(folder: string): void {
  if (!posix) return
  const stat = lstatSync(folder)
  checkOwner(folder, stat)
  if ((stat.mode & 0o077) !== 0) {
    throw new AppError('FORBIDDEN', `The folder ${folder} is open to other users. Make it private (mode 0700).`)
  }
  const parent = dirname(folder)
  const { mode, uid } = lstatSync(parent)
  const sticky = (mode & 0o1000) !== 0
  if (((mode & 0o022) !== 0 && !sticky) || (uid !== 0 && uid !== process.getuid?.())) {
    throw new AppError(
      'FORBIDDEN',
      `Other users can replace what is in ${parent}. Set XDG_RUNTIME_DIR to a private folder.`,
    )
  }
}

function checkOwner(folder: string, stat: { isDirectory(): boolean; uid: number }): void {
  // lstat, so that a link is seen as a link: it could lead to a folder that somebody else controls.
  if (!stat.isDirectory()) {
    throw new AppError('FORBIDDEN', `${folder} is a link or a file, and not a folder. Remove it and start Atek again.`)
  }
  if (stat.uid !== process.getuid?.()) {
    throw new AppError('FORBIDDEN', `The folder ${folder} belongs to another user. Remove it and start Atek again.`)
  }
}
