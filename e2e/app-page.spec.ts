import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appProcesses, expect, hostAddress, installApp, screenshot, test } from './fixtures.ts'

let folder: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atek-app-'))
  await writeFile(join(folder, 'package.json'), '{"name":"teller","version":"3.1.4","main":"teller.js"}')
  await writeFile(
    join(folder, 'atek.json'),
    '{"title":"Teller","author":"Ann","exports":[{"api":"example.com/tell","path":"/tell"}]}',
  )
  await writeFile(
    join(folder, 'teller.js'),
    `console.log('greeting is ' + process.env.GREETING)
     console.error('a complaint')
     require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
     setInterval(() => console.log('tick ' + Date.now()), 200)`,
  )
})
test.afterEach(() => rm(folder, { recursive: true, force: true }))

test('an app’s page: key, state, logs, settings, stop and start, uninstall', async ({ desktop }) => {
  const { panel, app, configFolder } = desktop
  await installApp(panel, { tab: 'Folder', source: folder })
  await expect(panel.getByRole('heading', { name: 'Teller' })).toBeVisible()

  // Overview
  const key =
    (await panel
      .getByText(/^[0-9a-f]{32}$/)
      .first()
      .textContent()) ?? ''
  await panel.getByRole('button', { name: 'Copy service key' }).click()
  await expect.poll(() => app.evaluate(({ clipboard }) => clipboard.readText())).toBe(key)
  await expect(panel.getByText('3.1.4')).toBeVisible()
  await expect(panel.getByText('Ann', { exact: true })).toBeVisible()
  await expect(panel.getByText('example.com/tell')).toBeVisible()
  await expect(panel.getByText(/\d+ MB/).first()).toBeVisible()

  // Logs, live
  await panel.getByRole('tab', { name: 'Logs' }).click()
  const log = panel.getByLabel('Log', { exact: true })
  await expect(log.getByText('greeting is undefined')).toBeVisible()
  await expect(log.getByText('a complaint')).toBeVisible()
  await expect(log.getByText(/tick \d+/).first()).toBeVisible()
  await screenshot(panel, 'app-logs')

  // Settings: ID and config
  await panel.getByRole('tab', { name: 'Settings' }).click()
  await panel.getByRole('textbox', { name: 'ID', exact: true }).fill('fabler')
  await panel.getByRole('button', { name: 'Add variable' }).click()
  await panel.getByRole('textbox', { name: 'Name of variable 1' }).fill('greeting')
  await panel.getByRole('textbox', { name: 'Value of variable 1' }).fill('hello there')
  await panel.getByRole('button', { name: 'Save' }).click()
  const { port } = await hostAddress(panel)
  await expect(panel.getByText(`fabler.localhost:${port}`).first()).toBeVisible()
  await screenshot(panel, 'app-settings-restart-needed')
  await panel.getByRole('button', { name: 'Restart' }).last().click()
  await panel.getByRole('tab', { name: 'Logs' }).click()
  await expect(log.getByText('greeting is hello there')).toBeVisible()

  // Stop and start
  await panel.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(panel.getByText('Stopped', { exact: true }).first()).toBeVisible()
  await expect.poll(() => appProcesses(configFolder)).toEqual([])
  await panel.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(panel.getByText('Running', { exact: true }).first()).toBeVisible()

  // Uninstall asks for the name and leaves the person's own folder alone
  await panel.getByRole('button', { name: 'Uninstall' }).click()
  const dialog = panel.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: 'Uninstall' })
  await expect(confirm).toBeDisabled()
  await screenshot(panel, 'app-uninstall')
  await dialog.getByRole('textbox', { name: 'App ID' }).fill('fabler')
  await confirm.click()
  await expect(panel.getByText('Install your first app')).toBeVisible()
  await expect.poll(() => appProcesses(configFolder)).toEqual([])
  expect(await readFile(join(folder, 'package.json'), 'utf8')).toContain('teller')
})

test('A44: config that would change how the process is loaded is refused in the form', async ({ desktop }) => {
  const { panel } = desktop
  await installApp(panel, { tab: 'Folder', source: folder })
  await panel.getByRole('tab', { name: 'Settings' }).click()
  await panel.getByRole('button', { name: 'Add variable' }).click()
  await panel.getByRole('textbox', { name: 'Name of variable 1' }).fill('NODE_OPTIONS')
  await panel.getByRole('textbox', { name: 'Value of variable 1' }).fill('--require /tmp/x.js')
  await panel.getByRole('button', { name: 'Save' }).click()
  await expect(panel.getByText(/belongs to the host/)).toBeVisible()
})

test('what goes wrong with an app is a sentence with what to do, and leaves nothing half installed', async ({
  desktop,
}) => {
  const { panel } = desktop
  const empty = join(folder, 'empty')
  const broken = join(folder, 'broken')
  await mkdir(empty)
  await mkdir(broken)
  await writeFile(join(broken, 'index.js'), '')
  await writeFile(join(broken, 'atek.json'), '{"title": 5}')
  const cases: [tab: 'Folder' | 'Git' | 'npm', source: string, says: RegExp][] = [
    ['Folder', join(folder, 'nothing-here'), /not exist|no folder|cannot be found|not found/i],
    ['Folder', empty, /package\.json/],
    ['Folder', broken, /title/],
    ['Git', 'https://127.0.0.1:1/nobody.git', /not answer|reach/i],
    ['npm', '@atek-desktop-tests/no-such-package', /no npm package|not reach|not answer/i],
  ]
  await panel.getByRole('button', { name: 'Install app' }).first().click()
  const dialog = panel.getByRole('dialog')
  for (const [tab, source, says] of cases) {
    await dialog.getByRole('tab', { name: tab }).click()
    await dialog.getByRole('textbox', { name: 'Source' }).fill(source)
    await dialog.getByRole('button', { name: 'Review' }).click()
    await expect(dialog.getByRole('alert').filter({ hasText: says })).toBeVisible({ timeout: 30_000 })
    await screenshot(panel, `install-error-${tab}-${cases.findIndex(([, from]) => from === source)}`)
  }
  await panel.keyboard.press('Escape')
  await expect(panel.getByText('Install your first app')).toBeVisible()
})

test('an app that exits at once shows what happened first, and starts when it is mended', async ({ desktop }) => {
  const { panel } = desktop
  const good = await readFile(join(folder, 'teller.js'), 'utf8')
  await writeFile(join(folder, 'teller.js'), `console.error('the sky is falling'); process.exit(3)`)
  await panel.getByRole('button', { name: 'Install app' }).first().click()
  const dialog = panel.getByRole('dialog')
  await dialog.getByRole('tab', { name: 'Folder' }).click()
  await dialog.getByRole('textbox', { name: 'Source' }).fill(folder)
  await dialog.getByRole('button', { name: 'Review' }).click()
  await dialog.getByRole('button', { name: 'Install', exact: true }).click()
  const crash = panel.getByRole('region', { name: 'Crash' })
  await expect(crash).toBeVisible({ timeout: 20_000 })
  await expect(crash.getByText('the sky is falling')).toBeVisible()
  await expect(crash).toContainText('exit code 3')
  await screenshot(panel, 'app-crashed')
  // The first tries follow each other closely, and each takes the button away. After this one there are 8 s.
  await expect(crash).toContainText('3 restarts', { timeout: 60_000 })
  await writeFile(join(folder, 'teller.js'), good)
  await crash.getByRole('button', { name: 'Start now' }).click()
  await expect(panel.getByText('Running', { exact: true }).first()).toBeVisible()
})
