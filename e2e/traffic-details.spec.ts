import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, hostAddress, installApp, openInBrowser, type Page, rawRequest, test } from './fixtures.ts'

const box = (panel: Page) => panel.getByRole('textbox', { name: 'Filter' })
const rowsOf = (panel: Page) => panel.getByRole('grid', { name: 'Requests' }).getByRole('row')

test('the filter is completed from the keyboard, says calmly what is wrong, and is kept under a name', async ({
  desktop,
}) => {
  const { panel } = desktop
  await installApp(panel, { example: 'Hello' })
  const { port } = await hostAddress(panel)
  await rawRequest(port, { host: `hello.localhost:${port}`, path: '/refused' })
  await rawRequest(port, { host: `nothing.localhost:${port}`, path: '/nowhere' })
  await panel.getByRole('link', { name: 'Traffic' }).click()
  await expect(rowsOf(panel).filter({ hasText: '/nowhere' })).toBeVisible()

  const filter = box(panel)
  await filter.click()
  await panel.keyboard.type('sta')
  await expect(panel.getByRole('option', { name: 'status: 404, 4xx' })).toBeVisible()
  await panel.keyboard.press('Tab')
  await expect(filter).toHaveValue('status:')
  await expect(panel.getByRole('option', { name: '404', exact: true })).toBeVisible()
  await panel.keyboard.press('ArrowDown')
  await panel.keyboard.press('Enter')
  await expect(filter).toHaveValue('status:>=400 ')
  await panel.keyboard.type('app:he')
  await panel.keyboard.press('Tab')
  await expect(filter).toHaveValue('status:>=400 app:hello ')
  await expect(rowsOf(panel).filter({ hasText: '/refused' })).toBeVisible()
  await expect(rowsOf(panel).filter({ hasText: '/nowhere' })).toHaveCount(0)

  await filter.fill('is:strange')
  await expect(panel.getByText(/"is:strange" is not known/)).toBeVisible()
  await expect(rowsOf(panel).filter({ hasText: '/nowhere' })).toBeVisible()
  // Rows carry no headers: the host says which ones match.
  await filter.fill('header:x-none')
  await expect(panel.getByText('No request matches.')).toBeVisible()
  await filter.fill('header:host path:nowhere')
  await expect(rowsOf(panel).filter({ hasText: '/nowhere' })).toBeVisible()
  await rawRequest(port, { host: `nothing.localhost:${port}`, path: '/nowhere/again' })
  await expect(rowsOf(panel).filter({ hasText: '/nowhere/again' })).toBeVisible()

  await filter.fill('to:=hello -is:error')
  await panel.keyboard.press('Enter')
  await panel.getByRole('button', { name: 'Saved filters' }).click()
  await panel.getByRole('menuitem', { name: 'Save this filter' }).click()
  await panel.getByRole('textbox', { name: 'Name' }).fill('Quiet hello')
  await panel.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(panel.getByRole('dialog')).toHaveCount(0)
  await filter.fill('')
  await panel.getByRole('button', { name: 'Saved filters' }).click()
  await panel.getByRole('menuitem', { name: /Quiet hello/ }).click()
  await expect(filter).toHaveValue('to:=hello -is:error')
})

test('a request is looked into, pinned, compared, copied, exported and made again; secrets on asking', async ({
  desktop,
  browser,
  home,
}) => {
  test.setTimeout(120_000)
  const { panel, app } = desktop
  await installApp(panel, { example: 'Hello' })
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await expect(page.getByRole('heading', { name: 'Hello, alice' })).toBeVisible()
  const { port } = await hostAddress(panel)
  await rawRequest(port, {
    host: `hello.localhost:${port}`,
    path: '/secret',
    headers: { Authorization: 'Bearer my-own-secret' },
  })
  await panel.getByRole('link', { name: 'Traffic' }).click()
  const details = panel.getByRole('region', { name: 'Request details' })
  await rowsOf(panel).filter({ hasText: '/secret' }).click()

  await details.getByRole('tab', { name: 'Headers' }).click()
  await expect(details.getByText('my-own-secret')).toHaveCount(0)
  await details
    .getByRole('row', { name: /authorization/i })
    .getByRole('button', { name: 'Show' })
    .click()
  await expect(details.getByText(/my-own-secret/)).toBeVisible()
  await details.getByRole('button', { name: 'Pin' }).click()
  await expect(panel.getByRole('list', { name: 'Pinned requests' }).getByText('/secret')).toBeVisible()

  await rowsOf(panel).filter({ hasText: '/style.css' }).first().click()
  await expect(details.getByText('/style.css').first()).toBeVisible()
  await details.getByRole('tab', { name: 'Timing' }).click()
  await expect(details.getByRole('rowheader', { name: /^App/ })).toBeVisible()
  await details.getByRole('tab', { name: 'Chain' }).click()
  await expect(details.getByText(/It was not made for another request/)).toBeVisible()
  await details.getByRole('button', { name: 'Compare' }).click()
  await panel.getByRole('menuitem', { name: /\/secret/ }).click()
  const dialog = panel.getByRole('dialog')
  await expect(dialog.getByRole('row', { name: /Status/ })).toContainText('401')
  await panel.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)

  await details.getByRole('button', { name: 'More actions' }).click()
  await panel.getByRole('menuitem', { name: 'Copy as cURL', exact: true }).click()
  await expect
    .poll(() => app.evaluate(({ clipboard }) => clipboard.readText()))
    .toMatch(/^curl [\s\S]*hello\.localhost[\s\S]*\/style\.css/)

  const file = join(home.folder, 'out.har')
  await app.evaluate(({ dialog: dialogs }, filePath) => {
    dialogs.showSaveDialog = async () => ({ canceled: false, filePath })
  }, file)
  await panel.getByRole('button', { name: 'Export' }).click()
  await dialog.getByRole('button', { name: 'Export' }).click()
  await expect(panel.getByText(/requests? saved as/)).toBeVisible()
  const text = await readFile(file, 'utf8')
  expect((JSON.parse(text) as { log: { version: string; entries: unknown[] } }).log.entries.length).toBeGreaterThan(2)
  expect(text).not.toContain('my-own-secret')
  expect((await stat(file)).mode & 0o077).toBe(0)

  await details.getByRole('button', { name: 'Replay' }).click()
  await dialog.getByRole('button', { name: 'Replay' }).click()
  await expect(panel.getByText('Made again. The answer was 200.')).toBeVisible()
  await details.getByRole('tab', { name: 'Summary' }).click()
  await expect(details.getByText('Replay of')).toBeVisible()
  await box(panel).fill('is:replay')
  await expect(rowsOf(panel).filter({ hasText: '/style.css' })).toHaveCount(1)
})

test('charts and the drawing of calls lead to requests', async ({ desktop, browser }) => {
  const { panel } = desktop
  await panel.getByRole('link', { name: 'Traffic' }).click()
  await panel.getByText('Charts', { exact: true }).click()
  await expect(panel.getByText('Nothing to draw yet')).toBeVisible()
  await installApp(panel, { example: 'Hello' })
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await expect(page.getByRole('heading', { name: 'Hello, alice' })).toBeVisible()
  await expect(panel.getByRole('img', { name: /Requests and errors\. \d+ requests/ })).toBeVisible({ timeout: 15_000 })

  await panel.getByRole('link', { name: 'Traffic' }).click()
  await panel.getByText('Charts', { exact: true }).click()
  await expect(panel.getByRole('img', { name: /^Requests per second/ })).toBeVisible()
  await expect(panel.getByRole('table', { name: 'Requests by app' }).getByRole('row', { name: /hello/ })).toBeVisible()
  await panel.getByText('Calls', { exact: true }).click()
  const arrow = panel.getByRole('button', { name: /^People to hello: \d+ requests/ })
  await arrow.focus()
  await panel.keyboard.press('Enter')
  await expect(box(panel)).toHaveValue('to:=hello -is:app-to-app')
  await expect(rowsOf(panel).filter({ hasText: '/style.css' }).first()).toBeVisible()
})

test('bodies are kept once that is asked for, and shown by their type; frames of a WebSocket as they pass', async ({
  desktop,
  browser,
}) => {
  const { panel } = desktop
  await installApp(panel, { example: 'Chat' })
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await expect(page.getByRole('heading').first()).toBeVisible()
  await panel.getByRole('link', { name: 'Traffic' }).click()
  const details = panel.getByRole('region', { name: 'Request details' })
  await rowsOf(panel).filter({ hasText: '/style.css' }).first().click()
  await details.getByRole('tab', { name: 'Body' }).click()
  await details.getByRole('button', { name: 'Keep bodies of Chat' }).click()
  await expect(details.getByRole('button', { name: 'Stop keeping bodies of Chat' })).toBeVisible()

  await page.reload()
  await expect(page.getByRole('heading').first()).toBeVisible()
  await box(panel).fill('path:style.css')
  // The one of the page as it was loaded again.
  await expect(rowsOf(panel).filter({ hasText: '/style.css' })).toHaveCount(2)
  await rowsOf(panel).filter({ hasText: '/style.css' }).last().click()
  await expect(details.getByRole('region', { name: /^Answer, text/ })).toContainText('{')
  await details.getByText('Bytes', { exact: true }).click()
  await expect(details.getByRole('region', { name: /^Answer, bytes/ })).toContainText('000000')

  await box(panel).fill('is:websocket')
  await expect(rowsOf(panel).filter({ hasText: '/socket' })).toHaveCount(2)
  await rowsOf(panel).filter({ hasText: '/socket' }).last().click()
  await details.getByRole('tab', { name: 'Frames' }).click()
  await expect(details.getByText(/frames? from the caller, \d+ to it/)).toBeVisible()
  await page.getByRole('textbox').first().fill('seen in the frames')
  await page.keyboard.press('Enter')
  await expect(details.getByRole('row', { name: /seen in the frames/ }).first()).toBeVisible()
})
