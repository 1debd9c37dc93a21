import { resolve } from 'node:path'
import { expect, installApp, openInBrowser, screenshot, test } from './fixtures.ts'

/** Written as for the original Atek, with its packages and express; run in place. */
const app = (name: string) => ({ tab: 'Folder' as const, source: resolve(import.meta.dirname, 'apps', name) })

test('apps written for Atek run unchanged: one keeps its entries and calls the other, and Traffic shows whose call it was', async ({
  desktop,
  browser,
}) => {
  const { panel } = desktop
  await installApp(panel, app('greeter'))
  await installApp(panel, app('guestbook'))
  // The new app's own page.
  await expect(panel.getByRole('heading', { name: 'Guestbook', level: 1 })).toBeVisible()
  await expect(panel.getByRole('dialog')).toHaveCount(0)
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await expect(page.getByText('Welcome, alice!')).toBeVisible()
  await page.getByRole('textbox', { name: 'Your entry' }).fill('It works <here> & there')
  await page.getByRole('button', { name: 'Sign' }).click()
  await expect(page.getByRole('listitem')).toHaveText(['It works <here> & there'])

  await panel.getByRole('link', { name: 'Traffic' }).click()
  await panel.getByText('App-to-app', { exact: true }).click()
  const grid = panel.getByRole('grid', { name: 'Requests' })
  // Its own records, and the greeting that it asks the other app for, which asks the host for the name.
  await grid
    .getByRole('row', { name: /greeter.*through guestbook/ })
    .last()
    .click()
  const details = panel.getByRole('region', { name: 'Request details' })
  await expect(details).toContainText('example.com/greeter')
  await expect(details).toContainText('hello')
  const table = details.getByRole('table', { name: 'Auth headers' })
  await expect(table.getByRole('row').filter({ hasText: 'Atek-Auth-Service' })).toContainText('Guestbook')
  await expect(table.getByRole('row').filter({ hasText: 'Atek-Auth-User' })).toContainText('alice')
  await screenshot(panel, 'atek-apps-traffic')
  await expect(grid.getByRole('row', { name: /through greeter/ }).first()).toBeVisible()
})
