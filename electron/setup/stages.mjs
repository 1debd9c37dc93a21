/** The stages of `npm test`, in their order. Each says how many checks passed and failed. */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { build } from './builder.mjs'
import { findChromium } from './chromium.mjs'
import { withDesktopSession } from './desktop-session.mjs'
import { ensureElectron } from './electron.mjs'
import { inProject } from './folders.mjs'
import { follow } from './follow.mjs'
import { exclusively } from './lock.mjs'
import { packageUnpacked } from './packager.mjs'
import { smokeTest } from './smoke.mjs'

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 */

/**
 * @typedef {object} Stage
 * @property {string} name As given on the command line.
 * @property {string} title
 * @property {(args: string[]) => Promise<Counts>} run `args`: what follows the stage's name on the command line.
 * @property {boolean} [needsBuild]
 */

const MINUTE = 60_000

/** @type {Stage[]} */
export const STAGES = [
  {
    name: 'lint',
    title: 'Format and lint (Biome)',
    run: (args) => tool(['@biomejs', 'biome', 'bin', 'biome'], ['check', '.', ...args]),
  },
  {
    name: 'types',
    title: 'Types (tsc)',
    run: (args) => tool(['typescript', 'bin', 'tsc'], ['-p', 'tsconfig.json', '--noEmit', ...args]),
  },
  { name: 'layers', title: 'Layers (dependency-cruiser)', run: layers },
  { name: 'build', title: 'Build (Vite)', run: buildStage },
  { name: 'unit', title: 'Unit and integration tests (Vitest)', run: unit, needsBuild: true },
  { name: 'e2e', title: 'End to end tests (Playwright)', run: endToEnd, needsBuild: true },
  { name: 'package', title: 'Package and smoke test (electron-builder)', run: packageStage, needsBuild: true },
]

/**
 * A command that passes or fails as one.
 * @param {string[]} script In node_modules.
 * @param {string[]} args
 * @returns {Promise<Counts>}
 */
async function tool(script, args) {
  const code = await follow(
    process.execPath,
    [inProject('node_modules', ...script), ...args],
    {},
    { limit: 5 * MINUTE },
  )
  return one(code === 0)
}

/** @param {boolean} passed */
function one(passed) {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1 }
}

/** @param {string[]} args */
function layers(args) {
  const folders = ['electron', 'renderer', 'runtime', 'e2e']
  return tool(
    ['dependency-cruiser', 'bin', 'dependency-cruise.mjs'],
    [...folders, '--config', '.dependency-cruiser.cjs', ...args],
  )
}

async function buildStage() {
  await exclusively(build)
  return one(true)
}

/** @param {string[]} args */
async function unit(args) {
  const report = await freshReport('unit.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await follow(
    process.execPath,
    [inProject('node_modules', 'vitest', 'vitest.mjs'), 'run', ...reporters, ...args],
    {},
    { limit: 15 * MINUTE },
  )
  return atLeastOneFailure(code, vitestCounts(await readReport(report)))
}

/** @param {string[]} args */
async function endToEnd(args) {
  const report = await freshReport('e2e.json')
  const electron = await ensureElectron()
  const code = await withDesktopSession(({ env, inside }) => {
    const [command, all] = inside(process.execPath, [
      inProject('node_modules', '@playwright', 'test', 'cli.js'),
      'test',
      ...args,
    ])
    return follow(
      command,
      all,
      {
        ...env,
        // Where `import electron from 'electron'` finds the binary.
        ELECTRON_OVERRIDE_DIST_PATH: electron.folder,
        ATEK_CHROMIUM: findChromium() ?? undefined,
      },
      { limit: 15 * MINUTE },
    )
  })
  return atLeastOneFailure(code, playwrightCounts(await readReport(report)))
}

async function packageStage() {
  const app = await packageUnpacked(await ensureElectron())
  await smokeTest(app)
  return one(true)
}

/**
 * A tool can fail without a failed test: no tests, an error outside of one, a crash.
 * @param {number} code
 * @param {Counts} counts
 */
function atLeastOneFailure(code, counts) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** @param {string} name */
async function freshReport(name) {
  const file = inProject('test-results', name)
  await mkdir(inProject('test-results'), { recursive: true })
  await rm(file, { force: true })
  return file
}

/**
 * @param {string} file
 * @returns {Promise<any>} Null when the tool did not come to write it.
 */
async function readReport(file) {
  const text = await readFile(file, 'utf8').catch(() => 'null')
  return JSON.parse(text)
}

/**
 * @param {{ numPassedTests: number, numFailedTests: number, testResults: { status: string, assertionResults: unknown[] }[] } | null} report
 * @returns {Counts}
 */
export function vitestCounts(report) {
  if (report === null) return { passed: 0, failed: 1 }
  // A file that cannot be loaded has no tests to fail.
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length }
}

/**
 * @param {{ stats: { expected: number, unexpected: number, flaky: number } } | null} report
 * @returns {Counts}
 */
export function playwrightCounts(report) {
  if (report === null) return { passed: 0, failed: 1 }
  const { expected, unexpected, flaky } = report.stats
  return { passed: expected, failed: unexpected + flaky }
}
