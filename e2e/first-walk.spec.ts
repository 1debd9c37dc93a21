import { expect, installApp, openInBrowser, screenshot, test } from './fixtures.ts'

test('first run, install an example, open it in the browser, see the request with both auth headers', async ({
  desktop,
  browser,
}) => {
  const { panel } = desktop
  await expect(panel.getByText('Install your first app')).toBeVisible()
  await screenshot(panel, 'walk-1-empty')
  await installApp(panel, { example: 'Hello' })
  await screenshot(panel, 'walk-2-installed')

  const serviceKey = await panel
    .getByText(/^[0-9a-f]{32}$/)
    .first()
    .textContent()
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await expect(page).toHaveURL(/^http:\/\/hello\.localhost:\d+\/$/)
  await expect(page.getByText('atek-auth-user', { exact: false }).first()).toBeVisible()
  await expect(page.getByText(serviceKey ?? 'no key').first()).toBeVisible()
  await screenshot(page, 'walk-3-browser')

  await panel.getByRole('link', { name: 'Traffic' }).click()
  const grid = panel.getByRole('grid', { name: 'Requests' })
  const row = grid.getByRole('row', { name: /hello alice GET \/ 200/ })
  await expect(row).toContainText('alice')
  await row.click()
  const table = panel.getByRole('region', { name: 'Request details' }).getByRole('table', { name: 'Auth headers' })
  await expect(table.getByRole('row').filter({ hasText: 'Atek-Auth-User' })).toContainText('alice')
  await expect(table.getByRole('row').filter({ hasText: 'Atek-Auth-Service' })).toContainText(serviceKey ?? 'no key')
  await screenshot(panel, 'walk-4-traffic')
})
