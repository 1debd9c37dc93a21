/**
 * How long a person waits for the window: from starting the program until the control panel can be used (the first
 * run's form has its heading and takes typing), against the same Electron with an empty page. Rounds take turns.
 * Part of `npm run bench:start`. The executable is named by the environment variable ATEK_ELECTRON.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron as electron } from '@playwright/test'
import { shown, spread } from './spread.mjs'

const ROUNDS = 7
const project = resolve(import.meta.dirname, '../..')
const executablePath = process.env.ATEK_ELECTRON ?? ''
/** Electron refuses its sandbox as root. */
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const folder = await mkdtemp(join(tmpdir(), 'atek-window-'))

/** Milliseconds from start to `usable`. @param {string} app @param {string} home @param {string} usable A selector. */
async function round(app, home, usable) {
  const from = performance.now()
  const running = await electron.launch({
    executablePath,
    args: [...asRoot, `--user-data-dir=${home}`, app],
    env: { .../** @type {Record<string, string>} */ (process.env), ATEK_CONFIG_DIR: join(home, 'host') },
  })
  const page = await running.firstWindow()
  await page.locator(usable).waitFor()
  const took = performance.now() - from
  await running.close()
  return took
}

try {
  const empty = join(folder, 'empty')
  await mkdir(empty)
  await writeFile(join(empty, 'package.json'), '{"name":"empty","version":"1.0.0","main":"main.js"}')
  await writeFile(
    join(empty, 'main.js'),
    `const { app, BrowserWindow } = require('electron')
     app.whenReady().then(() => new BrowserWindow({ width: 1200, height: 780 }).loadURL('data:text/html,<h1>Empty</h1>'))`,
  )
  /** @type {number[]} */
  const ours = []
  /** @type {number[]} */
  const bare = []
  // The first of each warms the disk and is not counted.
  for (let n = 0; n <= ROUNDS; n++) {
    const panel = await round(project, join(folder, `panel-${n}`), 'input:not([type=password])')
    const page = await round(empty, join(folder, `empty-${n}`), 'h1')
    if (n === 0) continue
    ours.push(panel)
    bare.push(page)
  }
  console.log(`| window usable after start | ${shown(spread(ours), 'ms')} |`)
  console.log(`| the same Electron with an empty page | ${shown(spread(bare), 'ms')} |`)
  const ratios = ours.map((value, n) => value / (bare[n] ?? Number.NaN))
  console.log(`| ratio, round by round | ${shown(spread(ratios), '×', 2)} |`)
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
