/**
 * What the system has to bring on Linux: Electron's libraries, a compiler for the native modules, and for the tests a
 * display, a keychain and a browser. Looked for by what is there, not by package name, so that it holds on every
 * distribution; only the advice (and, as root on Debian and Ubuntu, the installation) speaks of packages.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { findChromium, findCommand } from './chromium.mjs'
import { exclusively } from './lock.mjs'
import { SetupError, step } from './report.mjs'
import { run, tryRun } from './run.mjs'

/**
 * @typedef {object} Need
 * @property {string} what For people on other systems than Debian.
 * @property {string[]} packages Debian's and Ubuntu's names; the first that exists there is taken.
 * @property {'compiler' | 'keychain headers' | 'window' | 'tests' | 'benchmark'} purpose
 * @property {() => boolean | Promise<boolean>} there
 */

/** @typedef {Need['purpose']} Purpose */

const INSTALL_LIMIT_MS = 15 * 60_000

/** @param {string} name @param {string[]} packages @returns {Need} */
const library = (name, packages) => ({ what: name, packages, purpose: 'window', there: () => hasLibrary(name) })

/** @param {string} name @param {string[]} packages @param {Purpose} purpose @returns {Need} */
const command = (name, packages, purpose) => ({
  what: name,
  packages,
  purpose,
  there: () => findCommand(name) !== null,
})

/** @type {Need[]} */
const NEEDS = [
  command('python3', ['python3'], 'compiler'),
  command('make', ['make'], 'compiler'),
  command('g++', ['g++'], 'compiler'),
  command('pkg-config', ['pkg-config'], 'keychain headers'),
  {
    what: "libsecret's headers",
    packages: ['libsecret-1-dev'],
    purpose: 'keychain headers',
    there: async () => (await tryRun('pkg-config', ['--exists', 'libsecret-1'])).code === 0,
  },
  library('libgtk-3.so.0', ['libgtk-3-0t64', 'libgtk-3-0']),
  library('libnss3.so', ['libnss3']),
  library('libasound.so.2', ['libasound2t64', 'libasound2']),
  library('libgbm.so.1', ['libgbm1']),
  library('libXss.so.1', ['libxss1']),
  library('libatk-bridge-2.0.so.0', ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0']),
  library('libdrm.so.2', ['libdrm2']),
  library('libsecret-1.so.0', ['libsecret-1-0']),
  command('Xvfb', ['xvfb'], 'tests'),
  command('xwininfo', ['x11-utils'], 'tests'),
  command('dbus-run-session', ['dbus-daemon', 'dbus'], 'tests'),
  command('gnome-keyring-daemon', ['gnome-keyring'], 'tests'),
  // Other proxies in front, with the configurations that the documentation has (C24).
  {
    what: 'nginx',
    packages: ['nginx-light'],
    purpose: 'tests',
    // Where Debian has it, which is not in the PATH of everybody.
    there: () => findCommand('nginx') !== null || existsSync('/usr/sbin/nginx'),
  },
  command('caddy', ['caddy'], 'tests'),
  command('wrk', ['wrk'], 'benchmark'),
  { what: 'Chromium', packages: ['chromium'], purpose: 'tests', there: () => findChromium() !== null },
  { what: 'a font', packages: ['fonts-dejavu-core'], purpose: 'tests', there: () => hasEntries('/usr/share/fonts') },
]

/**
 * @param {Purpose[]} purposes
 */
export async function ensureSystemPackages(purposes) {
  if (process.platform !== 'linux') return
  const missing = await missingOf(purposes)
  if (missing.length === 0) return
  if (!(await isDebian())) {
    throw new SetupError(
      `This system lacks: ${missing.map((need) => need.what).join(', ')}. Install the packages that have them, then try again.`,
    )
  }
  const packages = await packagesOf(missing)
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  if (process.getuid?.() !== 0) {
    throw new SetupError('Some packages of the system are missing. Install them, then try again:', {
      command: `sudo apt-get ${install.join(' ')}`,
    })
  }
  await exclusively(() => step(`Installing system packages (${packages.join(', ')})`, () => aptInstall(install)))
  const still = await missingOf(purposes)
  if (still.length > 0) {
    throw new SetupError(`Still missing after the installation: ${still.map((need) => need.what).join(', ')}.`)
  }
}

/** @param {Purpose[]} purposes */
async function missingOf(purposes) {
  libraries = null
  const asked = NEEDS.filter((need) => purposes.includes(need.purpose))
  const there = await Promise.all(asked.map((need) => need.there()))
  return asked.filter((_, i) => !there[i])
}

/** @param {string[]} install */
async function aptInstall(install) {
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeout: INSTALL_LIMIT_MS }
  if ((await tryRun('apt-get', install, options)).code === 0) return
  // The usual reason: the lists of packages are old, or (in a container) not there at all.
  await tryRun('apt-get', ['update'], options)
  await run('apt-get', install, {
    ...options,
    failure: 'The packages of the system could not be installed. Try it by hand:',
  })
}

/**
 * Ubuntu 24.04 and Debian 13 renamed libraries (…t64).
 * @param {Need[]} needs
 */
async function packagesOf(needs) {
  const names = await Promise.all(
    needs.map(async ({ packages }) => {
      for (const name of packages) if ((await tryRun('apt-cache', ['show', name])).code === 0) return name
      return packages.at(-1) ?? ''
    }),
  )
  return [...new Set(names)]
}

async function isDebian() {
  if (findCommand('apt-get') === null) return false
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release)
}

/** @type {Promise<string> | null} */
let libraries = null

/** @param {string} name */
async function hasLibrary(name) {
  libraries ??= listLibraries()
  const list = await libraries
  // No loader cache (NixOS, Alpine): nothing can be said, so nothing is asked for.
  return list === '' || list.includes(name)
}

async function listLibraries() {
  const tool = ['/sbin/ldconfig', '/usr/sbin/ldconfig'].find(existsSync)
  return tool === undefined ? '' : (await tryRun(tool, ['-p'])).stdout
}

/** @param {string} folder */
async function hasEntries(folder) {
  return (await readdir(folder).catch(() => [])).length > 0
}
