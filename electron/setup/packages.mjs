/** The packages of package-lock.json, installed when they are missing or not those. */
import { readFile } from 'node:fs/promises'
import { inProject } from './folders.mjs'
import { exclusively } from './lock.mjs'
import { SetupError, step } from './report.mjs'
import { npmCommand, run } from './run.mjs'

const INSTALL_LIMIT_MS = 15 * 60_000
/** What the build tools ask for. */
const LEAST_NODE = [20, 19]

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return
  throw new SetupError(
    `Node ${LEAST_NODE.join('.')} or newer is needed; this is ${process.versions.node}. Get it from https://nodejs.org.`,
  )
}

export async function ensurePackages() {
  if (await upToDate()) return
  await exclusively(async () => {
    if (await upToDate()) return
    await step('Installing packages', install)
  })
}

/** Compares with what npm wrote down of the installation, so that a developer's own `npm install` counts too. */
async function upToDate() {
  const [wanted, installed] = await Promise.all([
    packagesIn(inProject('package-lock.json')),
    packagesIn(inProject('node_modules', '.package-lock.json')),
  ])
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const there = installed[path]
    // Optional packages are those of other platforms, mostly.
    return there === undefined ? entry.optional === true : there.version === entry.version && sameContent(there, entry)
  })
}

/**
 * @typedef {object} LockEntry
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [optional]
 */

/** @param {LockEntry} a @param {LockEntry} b */
function sameContent(a, b) {
  return a.integrity === undefined || b.integrity === undefined || a.integrity === b.integrity
}

/**
 * @param {string} file A lock file of npm's.
 * @returns {Promise<Record<string, LockEntry>>}
 */
async function packagesIn(file) {
  const text = await readFile(file, 'utf8').catch(() => '{}')
  return JSON.parse(text).packages ?? {}
}

async function install() {
  // .npmrc keeps scripts off: nothing of a package runs at installation.
  const [npm, args] = npmCommand(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  await run(npm, args, {
    timeout: INSTALL_LIMIT_MS,
    failure: 'The packages could not be installed. Check the network, then try again.',
    hint: 'npm ci',
  })
}
