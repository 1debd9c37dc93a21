import { readdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect, screenshot, test } from './fixtures.ts'

test.describe('a source that does not answer', () => {
  let silent: Server
  test.beforeEach(async () => {
    // Takes the connection and says nothing, ever.
    silent = createServer()
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
  })
  test.afterEach(() => silent.close())

  test('can be cancelled, and nothing stays', async ({ desktop }) => {
    const { panel, configFolder } = desktop
    const { port } = silent.address() as { port: number }
    await panel.getByRole('button', { name: 'Install app' }).first().click()
    const dialog = panel.getByRole('dialog')
    await dialog.getByRole('tab', { name: 'Git' }).click()
    await dialog.getByRole('textbox', { name: 'Source' }).fill(`http://127.0.0.1:${port}/app.git`)
    await dialog.getByRole('button', { name: 'Review' }).click()
    await expect(dialog.getByText(/Reading|Fetching|Asking/)).toBeVisible()
    await screenshot(panel, 'install-waiting')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await expect(dialog.getByRole('textbox', { name: 'Source' })).toBeVisible()
    await expect.poll(() => readdir(join(configFolder, 'staging'))).toEqual([])
  })
})

test('everything up to an installed app goes by keyboard alone', async ({ desktop }) => {
  const { panel } = desktop
  await panel.keyboard.press('ControlOrMeta+k')
  await panel.keyboard.type('install')
  await panel.keyboard.press('Enter')
  const dialog = panel.getByRole('dialog', { name: 'Install app' })
  await expect(dialog).toBeVisible()
  await expect(dialog.getByRole('textbox', { name: 'Source' })).toBeFocused()
  await dialog.getByRole('tab', { name: 'Folder' }).focus()
  await panel.keyboard.press('ArrowLeft')
  await expect(dialog.getByRole('tab', { name: 'Examples' })).toHaveAttribute('aria-selected', 'true')
  await dialog.getByRole('radio', { name: 'Hello' }).focus()
  await panel.keyboard.press('Space')
  await dialog.getByRole('button', { name: 'Review' }).focus()
  await panel.keyboard.press('Enter')
  await dialog.or(panel.getByRole('dialog')).getByRole('button', { name: 'Install', exact: true }).focus()
  await panel.keyboard.press('Enter')
  await expect(panel.getByText('Running', { exact: true }).first()).toBeVisible({ timeout: 20_000 })
  // It ends on the app's page with Open in focus.
  await expect(panel.getByRole('button', { name: 'Open', exact: true })).toBeFocused()
  for (const [digit, heading] of [
    ['2', 'Traffic'],
    ['3', 'Users'],
    ['4', 'Audit'],
    ['5', 'Settings'],
    ['1', 'Apps'],
  ] as const) {
    await panel.keyboard.press(`ControlOrMeta+${digit}`)
    await expect(panel.getByRole('heading', { name: heading, level: 1 })).toBeVisible()
  }
})

test('at 200 % zoom nothing is cut off sideways', async ({ desktop }) => {
  const { panel, app } = desktop
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(2))
  for (const screen of ['Traffic', 'Users', 'Audit', 'Settings', 'Apps']) {
    await panel.getByRole('link', { name: screen }).click()
    await expect(panel.getByRole('heading', { name: screen, level: 1 })).toBeVisible()
    await screenshot(panel, `zoom-200-${screen.toLowerCase()}`)
    expect(await panel.evaluate(() => document.documentElement.scrollWidth - innerWidth), screen).toBeLessThanOrEqual(0)
  }
})
