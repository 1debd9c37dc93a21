import { ADMIN, expect, hostAddress, installApp, openInBrowser, test } from './fixtures.ts'

test('an app calls another through the host: both see who calls, and Traffic shows it as such', async ({
  desktop,
  browser,
}) => {
  const { panel } = desktop
  await installApp(panel, { example: 'API provider' })
  await installApp(panel, { example: 'API caller' })
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await page.getByRole('button', { name: 'Call the API' }).click()
  await expect(page.getByRole('status').filter({ hasText: /Good \w+, alice/ })).toBeVisible()

  await panel.getByRole('link', { name: 'Traffic' }).click()
  await panel.getByText('App-to-app', { exact: true }).click()
  const call = panel
    .getByRole('grid', { name: 'Requests' })
    .getByRole('row', { name: /through api-caller/ })
    .last()
  await call.click()
  const details = panel.getByRole('region', { name: 'Request details' })
  const table = details.getByRole('table', { name: 'Auth headers' })
  await expect(table.getByRole('row').filter({ hasText: 'Atek-Auth-Service' })).toContainText('API caller')
  await expect(table.getByRole('row').filter({ hasText: 'Atek-Auth-User' })).toContainText('alice')
})

test('two people chat over WebSocket; signing one out everywhere closes her socket within a second', async ({
  desktop,
  browser,
}) => {
  const { panel } = desktop
  await panel.getByRole('link', { name: 'Users' }).click()
  await panel.getByRole('button', { name: 'Add user' }).click()
  await panel.getByRole('dialog').getByRole('textbox', { name: 'Username' }).fill('bob')
  await panel.getByRole('dialog').getByRole('textbox', { name: 'Password' }).fill('a password for bob')
  await panel.getByRole('dialog').getByRole('button', { name: 'Create user' }).click()
  await expect(panel.getByRole('row').filter({ hasText: 'bob' })).toBeVisible()

  await panel.getByRole('link', { name: 'Apps' }).click()
  await panel.getByRole('button', { name: 'Install app' }).first().click()
  const dialog = panel.getByRole('dialog')
  await dialog.getByRole('tab', { name: 'Examples' }).click()
  await dialog.getByText('Chat', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Review' }).click()
  await dialog.getByRole('combobox', { name: 'Owner' }).selectOption('system')
  await dialog.getByRole('button', { name: 'Install', exact: true }).click()
  await expect(panel.getByText('Running', { exact: true }).first()).toBeVisible()

  const { port } = await hostAddress(panel)
  const join = async (username: string, password: string) => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`http://chat.localhost:${port}/`)
    await page.getByRole('textbox', { name: 'Username' }).fill(username)
    await page.getByRole('textbox', { name: 'Password' }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('Connected', { exact: true })).toBeVisible()
    return page
  }
  const alice = await join(ADMIN.username, ADMIN.password)
  const bob = await join('bob', 'a password for bob')
  await bob.getByRole('textbox').fill('hello from bob')
  await bob.getByRole('button', { name: 'Send' }).click()
  await expect(alice.getByText('hello from bob')).toBeVisible()
  await expect(alice.getByText('bob', { exact: true }).first()).toBeVisible()

  await panel.getByRole('link', { name: 'Users' }).click()
  await panel.getByRole('row').filter({ hasText: 'bob' }).getByRole('button', { name: 'Sign out everywhere' }).click()
  await panel
    .getByRole('dialog')
    .getByRole('button', { name: /sign out/i })
    .click()
  await expect(bob.getByText('Connected', { exact: true })).toHaveCount(0, { timeout: 1500 })
})
