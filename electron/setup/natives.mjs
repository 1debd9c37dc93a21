/**
 * Native modules, built where no prebuilt file fits. Results stay in the user's cache, so that a new node_modules
 * costs a copy and not a compilation. argon2 is not here: it ships files that run everywhere.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inCache, inProject, root } from './folders.mjs'
import { exclusively, temporaryFolder } from './lock.mjs'
import { SetupError, step } from './report.mjs'
import { run, tryRun } from './run.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

/** better-sqlite3's prebuilt files are for this Node-API; older hosts crash on them instead of refusing them. */
const SQLITE_NAPI = 10
const BUILD_LIMIT_MS = 15 * 60_000
const header = inProject('electron', 'setup', 'napi9.h')

/**
 * @typedef {object} Native
 * @property {string} name The package.
 * @property {string} file Of the binary, in build/Release.
 * @property {string} variant What the binary depends on beside the package's version.
 * @property {import('./system-packages.mjs').Purpose[]} needs What the system has to bring for the build.
 * @property {string} [note] Said while it is built.
 * @property {string[]} args For node-gyp.
 * @property {Record<string, string>} env
 */

/**
 * @param {{ executable: string, version: string } | null} electron Null when only plain Node is going to run.
 */
export async function ensureNatives(electron) {
  // Only the desktop speaks with a keychain.
  if (electron !== null) await place(keytar())
  const napi = Math.min(Number(process.versions.napi), await electronNapi(electron))
  if (napi < SQLITE_NAPI || !existsSync(sqlitePrebuilt())) await place(await sqlite())
}

/** @returns {Native} */
function keytar() {
  return {
    name: 'keytar',
    file: 'keytar.node',
    variant: 'napi3',
    needs: ['compiler', 'keychain headers'],
    args: ['rebuild', '--release'],
    env: {},
  }
}

/** @returns {Promise<Native>} */
async function sqlite() {
  if (process.platform === 'win32') {
    throw new SetupError(
      `better-sqlite3 needs Node 22.14 or newer on Windows; this is ${process.versions.node}. Get it from https://nodejs.org.`,
    )
  }
  const hash = createHash('sha256')
    .update(await readFile(header))
    .digest('hex')
    .slice(0, 8)
  return {
    name: 'better-sqlite3',
    file: 'better_sqlite3.node',
    variant: `napi9-${hash}`,
    needs: ['compiler'],
    note: ', which takes a minute or two and is done once',
    args: ['rebuild', '--release', '--force_build=1'],
    env: { CXXFLAGS: `-include ${quoted(header)} -UNAPI_VERSION -DNAPI_VERSION=9` },
  }
}

/** make takes the flags through a shell. @param {string} path */
function quoted(path) {
  return /\s/.test(path) ? `'${path}'` : path
}

function sqlitePrebuilt() {
  return inProject('node_modules', 'better-sqlite3', 'prebuilds', `${process.platform}-${process.arch}.node`)
}

/** @param {{ executable: string, version: string } | null} electron */
async function electronNapi(electron) {
  if (electron === null) return Number.POSITIVE_INFINITY
  // Electron 36 is the first with Node 22.14, which is the first with Node-API 10.
  return Number(electron.version.split('.')[0]) >= 36 ? SQLITE_NAPI : 9
}

/**
 * Puts the binary where its package looks for it.
 * @param {Native} native
 */
async function place(native) {
  const folder = inProject('node_modules', native.name)
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const key = `${native.name}-${version}-${native.variant}-${process.platform}-${process.arch}`
  const target = join(folder, 'build', 'Release', native.file)
  const stamp = `${target}.key`
  const placed = async () => existsSync(target) && (await readFile(stamp, 'utf8').catch(() => '')) === key
  if (await placed()) return
  await exclusively(async () => {
    if (await placed()) return
    const cached = inCache('natives', `${key}.node`)
    if (!existsSync(cached)) {
      await ensureSystemPackages(native.needs)
      await step(`Building ${native.name} ${version}${native.note ?? ''}`, () => build(native, folder, cached))
    }
    await mkdir(dirname(target), { recursive: true })
    // Renamed into place: a running host keeps the file that it has loaded.
    await copyFile(cached, `${target}.${process.pid}`)
    await rename(`${target}.${process.pid}`, target)
    await writeFile(stamp, key)
  })
}

/**
 * Compiles in a copy, so that a build that is cut off leaves nothing in node_modules.
 * @param {Native} native
 * @param {string} folder
 * @param {string} cached
 */
async function build(native, folder, cached) {
  await mkdir(dirname(cached), { recursive: true })
  const work = await temporaryFolder('build')
  const copy = join(work, 'node_modules', native.name)
  try {
    await mkdir(dirname(copy), { recursive: true })
    await cp(folder, copy, { recursive: true, filter: (source) => source !== join(folder, 'build') })
    await linkBuildDependencies(copy)
    await run(
      process.execPath,
      [inProject('node_modules', 'node-gyp', 'bin', 'node-gyp.js'), ...native.args, ...headersArgument()],
      {
        cwd: copy,
        env: { JOBS: 'max', ...native.env },
        timeout: BUILD_LIMIT_MS,
        failure: `${native.name} could not be built. ${compilerAdvice()}`,
        hint: 'npm start',
      },
    )
    const built = join(copy, 'build', 'Release', native.file)
    await tryLoading(native, built)
    await copyFile(built, `${cached}.${process.pid}`)
    await rename(`${cached}.${process.pid}`, cached)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * binding.gyp asks for node-addon-api by require; the copy stands outside the project.
 * @param {string} copy
 */
async function linkBuildDependencies(copy) {
  const name = 'node-addon-api'
  if (existsSync(join(copy, 'node_modules', name))) return
  await symlink(inProject('node_modules', name), join(dirname(copy), name), 'junction')
}

/**
 * node-gyp downloads Node's headers unless they are on this machine already, as Node's own archives and Debian's
 * packages have them.
 */
function headersArgument() {
  if (process.env.npm_config_nodedir) return []
  const folders = [join(dirname(process.execPath), '..'), '/usr', '/usr/local']
  const found = folders.find((folder) => existsSync(join(folder, 'include', 'node', 'node_api.h')))
  return found === undefined ? [] : [`--nodedir=${found}`]
}

/**
 * In a process of its own: a binary that does not fit can end the process that loads it.
 * @param {Native} native
 * @param {string} file
 */
async function tryLoading(native, file) {
  const result = await tryRun(process.execPath, ['-e', 'require(process.argv[1])', file], {
    cwd: root,
    timeout: 60_000,
  })
  if (result.code !== 0) {
    throw new SetupError(`${native.name} was built but cannot be loaded.`, { output: result.output })
  }
}

function compilerAdvice() {
  if (process.platform === 'darwin')
    return 'It needs the command line tools of Xcode (xcode-select --install). Then run:'
  if (process.platform === 'win32') return 'It needs Visual Studio Build Tools with C++ and Python 3. Then run:'
  return 'It needs a C++ compiler, make and Python 3. Then run:'
}
