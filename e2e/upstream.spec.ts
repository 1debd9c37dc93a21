import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, openInBrowser, screenshot, test } from './fixtures.ts'

let server: Server
let address: string

test.beforeEach(async () => {
  server = createServer((req, res) => {
    res.setHeader('Content-Type', 'text/html')
    res.end(`<h1>Elsewhere</h1><p id="who">${req.headers['remote-user']} ${req.headers['x-user-email']}</p>`)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
test.afterEach(() => {
  server.close().closeAllConnections()
})

test('C23: an app at an address is installed, opened signed in, changed and seen to go away', async ({
  desktop,
  browser,
}) => {
  test.setTimeout(180_000)
  const { panel, app } = desktop
  const both = async (name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.evaluate(({ nativeTheme }, source) => {
        nativeTheme.themeSource = source
      }, theme)
      await panel.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)))
      await screenshot(panel, `${name}-${theme}`)
    }
  }
  await panel.getByRole('button', { name: 'Install app' }).first().click()
  const dialog = panel.getByRole('dialog')
  await dialog.getByRole('tab', { name: 'Address' }).click()
  await dialog.getByRole('textbox', { name: 'Source' }).fill(address)
  await dialog.getByRole('button', { name: 'Remote-User' }).click()
  await dialog.getByRole('button', { name: 'X-User-Email' }).click()
  await both('upstream-source')
  await dialog.getByRole('button', { name: 'Review' }).click()
  await dialog.getByRole('textbox', { name: 'App ID' }).fill('wiki')
  await expect(dialog.getByText('X-User-Email')).toBeVisible()
  await both('upstream-review')
  await dialog.getByRole('button', { name: 'Install', exact: true }).click()
  await expect(panel.getByRole('heading', { name: 'wiki', level: 1 })).toBeVisible()
  await expect(panel.getByText('Running', { exact: true }).first()).toBeVisible()
  await both('upstream-overview')

  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).click(),
  )
  await expect(page.locator('#who')).toHaveText('alice alice@localhost')

  await panel.getByRole('tab', { name: 'Settings' }).click()
  await panel.getByRole('textbox', { name: 'Name of header 1' }).fill('Host')
  await panel.getByRole('textbox', { name: 'External addresses' }).fill('https://wiki.example.org')
  await panel.getByRole('button', { name: 'Save' }).click()
  await expect(panel.getByText('This header belongs to HTTP or to the host.')).toBeVisible()
  await both('upstream-settings-refused')
  await panel.getByRole('textbox', { name: 'Name of header 1' }).fill('X-Name')
  await panel.getByRole('button', { name: 'Save' }).click()
  await expect(panel.getByText('Saved.', { exact: true })).toBeVisible()
  await page.reload()
  await expect(page.locator('#who')).toHaveText('undefined alice@localhost')

  await new Promise((done) => server.close(done).closeAllConnections())
  // The host looks again by itself; there is nothing to restart.
  await expect(panel.getByText('Unreachable', { exact: true }).first()).toBeVisible({ timeout: 60_000 })
  await expect(panel.getByRole('button', { name: 'Restart' })).toHaveCount(0)
  await expect(panel.getByRole('region', { name: 'Unreachable' })).toContainText('Nothing answers at its address.')
  await both('upstream-unreachable')
  await page.reload()
  await expect(page.getByText('Nothing answers at its address.')).toBeVisible()
})
