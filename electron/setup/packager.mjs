/** The app as people get it: unpacked for checks, or as installers. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inProject } from './folders.mjs'
import { SetupError, step } from './report.mjs'
import { run } from './run.mjs'

const PACKAGE_LIMIT_MS = 15 * 60_000
const PLATFORM_FLAGS = { linux: '--linux', darwin: '--mac', win32: '--win' }

/**
 * Needs a build and native modules in place.
 * @param {import('./electron.mjs').Electron} electron
 * @returns {Promise<{ folder: string, executable: string }>} The unpacked app.
 */
export async function packageUnpacked(electron) {
  const target = unpackedPlace()
  await rm(target.folder, { recursive: true, force: true })
  await step(`Packaging with Electron ${electron.version}`, () => builder(['--dir'], electron))
  if (!existsSync(target.executable)) throw new SetupError(`Packaging left no ${target.executable}.`)
  return target
}

/** @param {import('./electron.mjs').Electron} electron */
export async function packageInstallers(electron) {
  await step(`Making installers with Electron ${electron.version}`, () => builder([], electron))
}

/**
 * @param {string[]} args
 * @param {import('./electron.mjs').Electron} electron
 */
async function builder(args, electron) {
  const platform = PLATFORM_FLAGS[/** @type {keyof typeof PLATFORM_FLAGS} */ (process.platform)]
  if (platform === undefined) throw new SetupError(`There is no packaging for ${process.platform}.`)
  const all = [
    inProject('node_modules', 'electron-builder', 'cli.js'),
    platform,
    ...args,
    '--publish=never',
    `--config.electronDist=${electron.folder}`,
    `--config.electronVersion=${electron.version}`,
  ]
  await run(process.execPath, all, {
    timeout: PACKAGE_LIMIT_MS,
    failure: 'The app could not be packaged; the lines above say why.',
    hint: 'npm run package',
  })
}

function unpackedPlace() {
  const arch = process.arch === 'x64' ? '' : `-${process.arch}`
  if (process.platform === 'darwin') {
    const folder = inProject('dist', `mac${arch}`)
    return { folder, executable: join(folder, 'Atek Desktop.app', 'Contents', 'MacOS', 'Atek Desktop') }
  }
  if (process.platform === 'win32') {
    const folder = inProject('dist', `win${arch}-unpacked`)
    return { folder, executable: join(folder, 'Atek Desktop.exe') }
  }
  const folder = inProject('dist', `linux${arch}-unpacked`)
  return { folder, executable: join(folder, 'atek-desktop') }
}
