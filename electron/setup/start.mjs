/**
 * `npm start`: from a fresh clone to the control panel. Gets what is missing, builds what is old, starts Electron in the
 * project folder. `npm start -- --headless […]` starts the host alone, under plain Node.
 */
import { ensureBuild } from './builder.mjs'
import { ensureElectron } from './electron.mjs'
import { inProject, root } from './folders.mjs'
import { follow } from './follow.mjs'
import { ensureNatives } from './natives.mjs'
import { checkNode, ensurePackages } from './packages.mjs'
import { explain, SetupError, say } from './report.mjs'
import { sandboxArguments } from './sandbox.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

const args = process.argv.slice(2)
const headless = args.includes('--headless')
const rest = args.filter((arg) => arg !== '--headless')

try {
  checkNode()
  if (headless) await startHost()
  else await startDesktop()
} catch (error) {
  explain(error)
}

async function startHost() {
  await ensurePackages()
  await ensureNatives(null)
  await ensureBuild()
  process.exitCode = await follow(process.execPath, [inProject('out', 'runtime', 'cli.js'), 'run', ...rest], {})
}

async function startDesktop() {
  // First of all: nobody should wait for a set-up whose result cannot be shown.
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    throw new SetupError('There is no display here, so no window can be shown. The host runs without one:', {
      command: 'npm start -- --headless',
    })
  }
  await ensurePackages()
  await ensureSystemPackages(['window'])
  const electron = await ensureElectron()
  await ensureNatives(electron)
  await ensureBuild()
  const sandbox = await sandboxArguments(electron)
  if (sandbox.length > 0)
    say('Started as root: Chromium runs without its sandbox (--no-sandbox). Use a plain account otherwise.')
  process.exitCode = await follow(electron.executable, [...sandbox, root, ...rest], {
    // An Electron that starts another one must not make it a plain Node.
    ELECTRON_RUN_AS_NODE: undefined,
  })
}
