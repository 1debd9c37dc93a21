/** `npm run bench`: what a request costs through the host and through others; its options are those of the benchmark. */
import { spawnSync } from 'node:child_process'
import { ensureBuild } from './builder.mjs'
import { withDesktopSession } from './desktop-session.mjs'
import { ensureElectron } from './electron.mjs'
import { inProject } from './folders.mjs'
import { follow } from './follow.mjs'
import { ensureNatives } from './natives.mjs'
import { checkNode, ensurePackages } from './packages.mjs'
import { explain } from './report.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

const LIMIT_MS = 3 * 3_600_000

const script = inProject('runtime', 'bench', 'request-path.mjs')
const args = process.argv.slice(2)
// What is asked for wrongly, or is help alone, ends here, before minutes of setting up.
const { status } = spawnSync(process.execPath, [script, '--check', ...args], { stdio: 'inherit' })
if (status !== 0 || args.includes('--help')) process.exit(status ?? 1)

try {
  checkNode()
  await ensurePackages()
  await ensureSystemPackages(['window', 'tests', 'benchmark'])
  const electron = await ensureElectron()
  await ensureNatives(electron)
  await ensureBuild()
  // The desktop's host is one of those that are measured, so there has to be a display.
  process.exitCode = await withDesktopSession(({ env, inside }) => {
    const [command, words] = inside(process.execPath, [script, ...args])
    return follow(command, words, { ...env, ATEK_ELECTRON: electron.executable }, { limit: LIMIT_MS })
  })
} catch (error) {
  explain(error)
}
