/** Our host inside the desktop app's main process, with the panel's Traffic screen open: every request is shown. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { _electron as electron } from '@playwright/test'
import { installed, PASSWORD, signIn, TOKEN } from '../host-client.mjs'
import { isApp, processTree, project } from '../system.mjs'
import { hostRunning } from './headless.mjs'

/** Electron refuses its sandbox as root. */
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const executablePath = process.env.ATEK_ELECTRON ?? ''

/** @type {import('./types.ts').Contestant} */
export const desktop = {
  name: 'Atek in Electron, Traffic open',
  missing: () => (executablePath === '' ? 'Electron (npm run bench brings it)' : null),
  async start({ folder, appFolders }) {
    const configFolder = join(folder, 'host')
    await mkdir(configFolder, { recursive: true })
    await writeFile(join(configFolder, 'config.json'), JSON.stringify({ port: 0, systemAuthTokens: [TOKEN] }))
    const app = await electron.launch({
      executablePath,
      args: [...asRoot, `--user-data-dir=${join(folder, 'user')}`, project],
      env: { .../** @type {Record<string, string>} */ (process.env), ATEK_CONFIG_DIR: configFolder },
    })
    const panel = await app.firstWindow()
    await panel.getByRole('textbox', { name: 'Username' }).fill('alice')
    await panel.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD)
    await panel.getByRole('textbox', { name: 'Confirm password' }).fill(PASSWORD)
    await panel.getByRole('button', { name: 'Create account' }).click()
    await panel.getByRole('link', { name: 'Traffic' }).click()
    const port = await panel.evaluate(async () => {
      /** @type {any} */
      const { atek } = globalThis
      return (await atek.control('host.status', {})).value.port
    })
    await installed(port, appFolders.static, 'static')
    await installed(port, appFolders.node, 'node')
    const [forStatic = '', forNode = ''] = await signIn(port, 'alice', ['static', 'node'])
    // Signing in was the first request that is shown.
    await panel.getByRole('grid', { name: 'Requests' }).waitFor()
    const cookies = { static: [forStatic], node: [forNode] }
    const pids = () => processTree(app.process().pid ?? 0, isApp)
    return hostRunning(port, cookies, pids, () => app.close())
  },
}
