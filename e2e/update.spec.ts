import { GitServer } from '../runtime/apps/testing/git-server.ts'
import { expect, installApp, screenshot, test } from './fixtures.ts'

const app = (title: string, source: string) => ({ 'atek.json': JSON.stringify({ title }), 'index.js': source })
const LISTENS = `require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

test('an app is updated from its page; a version that does not start is taken back', async ({ desktop }) => {
  const { panel } = desktop
  const server = await GitServer.start()
  try {
    const source = server.commit('diary', app('Diary', LISTENS), 'v1.0.0')
    await installApp(panel, { tab: 'Git', source })
    await panel.getByRole('button', { name: 'Check for update' }).click()
    await expect(panel.getByText('This is the newest version.')).toBeVisible()

    server.commit('diary', app('Better diary', LISTENS), 'v1.1.0')
    await panel.getByRole('button', { name: 'Check for update' }).click()
    await expect(panel.getByText('1.1.0 is available.')).toBeVisible()
    await screenshot(panel, 'app-update')
    await panel.getByRole('button', { name: 'Update', exact: true }).click()
    await expect(panel.getByText('Updated to 1.1.0.')).toBeVisible()
    await expect(panel.getByRole('heading', { name: 'Better diary' })).toBeVisible()
    await expect(panel.getByText('Running', { exact: true }).first()).toBeVisible()

    server.commit('diary', app('Broken diary', 'process.exit(1)'), 'v1.2.0')
    await panel.getByRole('button', { name: 'Check for update' }).click()
    await panel.getByRole('button', { name: 'Update', exact: true }).click()
    await expect(panel.getByText(/did not start/).first()).toBeVisible()
    await expect(panel.getByRole('heading', { name: 'Better diary' })).toBeVisible()
    await expect(panel.getByText('Running', { exact: true }).first()).toBeVisible()

    // One that has to be built: what would run is shown, and nothing runs before there is an answer.
    const scripts = { build: `node -e "require('fs').renameSync('made.js', 'dist.js')"` }
    const files = { 'made.js': LISTENS, 'package.json': JSON.stringify({ main: 'dist.js', scripts }) }
    server.commit('diary', { ...app('Built diary', 'process.exit(1)'), ...files }, 'v1.3.0')
    await panel.getByRole('button', { name: 'Update', exact: true }).click()
    const consent = panel.getByRole('dialog', { name: 'Update Better diary' })
    await expect(consent.getByText(scripts.build)).toBeVisible()
    await screenshot(panel, 'app-update-scripts')
    await consent.getByRole('button', { name: 'Cancel' }).click()
    await expect(panel.getByRole('heading', { name: 'Better diary', exact: true })).toBeVisible()
    await panel.getByRole('button', { name: 'Update', exact: true }).click()
    await consent.getByRole('button', { name: 'Run scripts and update' }).click()
    await expect(panel.getByRole('heading', { name: 'Built diary' })).toBeVisible()
    await expect(panel.getByText('Running', { exact: true }).first()).toBeVisible()

    await panel.getByRole('link', { name: 'Audit' }).click()
    await expect(panel.getByText('alice updated Built diary to 1.1.0')).toBeVisible()
    await expect(panel.getByText('alice updated Built diary to 1.2.0 — failed')).toBeVisible()
  } finally {
    await server.close()
  }
})
