/** `npm run bench:start`: the README's table of what starting costs, measured on this machine. */
import { ensureBuild } from './builder.mjs'
import { withDesktopSession } from './desktop-session.mjs'
import { ensureElectron } from './electron.mjs'
import { inProject } from './folders.mjs'
import { follow } from './follow.mjs'
import { ensureNatives } from './natives.mjs'
import { checkNode, ensurePackages } from './packages.mjs'
import { explain, say } from './report.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

const LIMIT_MS = 15 * 60_000

try {
  checkNode()
  await ensurePackages()
  await ensureSystemPackages(['window', 'tests'])
  const electron = await ensureElectron()
  await ensureNatives(electron)
  await ensureBuild()
  say('| figure | median (least–most) |\n| --- | --- |')
  const codes = [
    await withDesktopSession(({ env, inside }) => {
      const [command, args] = inside(process.execPath, [inProject('runtime', 'bench', 'window.mjs')])
      return follow(command, args, { ...env, ATEK_ELECTRON: electron.executable }, { limit: LIMIT_MS })
    }),
    await follow(process.execPath, [inProject('runtime', 'bench', 'start.mjs')], {}, { limit: LIMIT_MS }),
  ]
  process.exitCode = Math.max(...codes)
} catch (error) {
  explain(error)
}
