/** Builds out/ when a source is newer. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inProject } from './folders.mjs'
import { exclusively } from './lock.mjs'
import { step } from './report.mjs'
import { run } from './run.mjs'

const SOURCES = ['electron', 'renderer', 'runtime', 'resources', 'vite.config.ts', 'package.json', 'package-lock.json']
const BUILD_LIMIT_MS = 5 * 60_000
const out = inProject('out')
/** Holds the time of the newest source that went in. */
const stamp = join(out, 'built-from')

export async function ensureBuild() {
  if (await isFresh()) return
  await exclusively(async () => {
    if (!(await isFresh())) await build()
  })
}

/** Builds whatever the state of out/ is. Call it holding the set-up lock. */
export async function build() {
  // Read first: what is saved while it builds makes the next start build again.
  const newest = await newestSource()
  await step('Building', async () => {
    const made = inProject('node_modules', '.cache', 'atek-build')
    const old = `${made}-old`
    await mkdir(inProject('node_modules', '.cache'), { recursive: true })
    // What a killed build left behind.
    await rm(made, { recursive: true, force: true })
    await rm(old, { recursive: true, force: true })
    try {
      await run(
        process.execPath,
        [inProject('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'],
        {
          env: { ATEK_BUILD_FOLDER: made, NODE_ENV: 'production' },
          timeout: BUILD_LIMIT_MS,
          failure: 'The build failed; the lines above say where.',
          hint: 'npm run build',
        },
      )
      await writeFile(join(made, 'built-from'), String(newest))
      // Swapped in whole: a build that fails, or a start in the middle of one, never sees half of it.
      if (existsSync(out)) await rename(out, old)
      await rename(made, out)
    } finally {
      await rm(made, { recursive: true, force: true })
      await rm(old, { recursive: true, force: true })
    }
  })
}

async function isFresh() {
  const built = Number(await readFile(stamp, 'utf8').catch(() => '0'))
  return built > 0 && (await newestSource()) <= built
}

async function newestSource() {
  const times = await Promise.all(SOURCES.map((name) => newestIn(inProject(name))))
  return Math.max(...times)
}

/**
 * Folders count too: deleting a file changes its folder only.
 * @param {string} path
 * @returns {Promise<number>} In milliseconds since 1970; 0 when there is nothing.
 */
async function newestIn(path) {
  const status = await stat(path).catch(() => null)
  if (status === null) return 0
  if (!status.isDirectory()) return status.mtimeMs
  const names = (await readdir(path)).filter((name) => name !== 'setup' && name !== 'node_modules')
  const inner = await Promise.all(names.map((name) => newestIn(join(path, name))))
  return Math.max(status.mtimeMs, ...inner)
}
