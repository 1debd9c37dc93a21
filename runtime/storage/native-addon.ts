import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What better-sqlite3's ready-made file needs (Node 22.14, Electron 36). */
const PREBUILT_NODE_API = 10

/**
 * Looks before better-sqlite3 loads its native part: its ready-made file ends a process with an older Node-API by a
 * segmentation fault, without a word. Set-up builds one for such a Node, which is found first.
 */
export function assertAddonLoadable(nodeApi = Number(process.versions.napi), built = builtAddon()): void {
  if (nodeApi >= PREBUILT_NODE_API || existsSync(built)) return
  throw new Error(
    `better-sqlite3 has no native file for this Node (Node-API ${nodeApi}). Run "npm start -- --headless" once: it builds one.`,
  )
}

function builtAddon(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json'))
  return join(folder, 'build', 'Release', 'better_sqlite3.node')
}
