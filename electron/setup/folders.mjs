/** Where set-up works: the project, and a cache of the user's that survives `rm -rf node_modules`. */
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project folder, without a slash at the end. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** Everything in it can be deleted; the next start makes it again. */
export const cacheFolder = join(userCache(), 'atek-desktop')

function userCache() {
  const xdg = process.env.XDG_CACHE_HOME
  // The XDG specification: a path that is not absolute is to be ignored.
  if (xdg && isAbsolute(xdg)) return xdg
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  if (process.platform === 'win32' && process.env.LOCALAPPDATA) return process.env.LOCALAPPDATA
  return join(homedir(), '.cache')
}

/** @param {string[]} segments */
export function inProject(...segments) {
  return join(root, ...segments)
}

/** @param {string[]} segments */
export function inCache(...segments) {
  return join(cacheFolder, ...segments)
}
