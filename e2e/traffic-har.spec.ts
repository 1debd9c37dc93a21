import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, hostAddress, installApp, openInBrowser, rawRequest, screenshot, test } from './fixtures.ts'
import { openNetworkPanel } from './network-panel.ts'

test("what is exported is opened by a browser's network panel: rows, types, headers, bodies, frames", async ({
  desktop,
  browser,
  home,
}) => {
  test.setTimeout(180_000)
  const { panel, app } = desktop
  await installApp(panel, { example: 'API provider' })
  await installApp(panel, { example: 'API caller' })
  const caller = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await caller.getByRole('button', { name: 'Call the API' }).click()
  await expect(caller.getByRole('status').filter({ hasText: /Good \w+, alice/ })).toBeVisible()

  await installApp(panel, { example: 'Chat' })
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await expect(page.getByText('Connected', { exact: true })).toBeVisible()
  await panel.getByRole('link', { name: 'Traffic' }).click()
  const rows = panel.getByRole('grid', { name: 'Requests' }).getByRole('row')
  const details = panel.getByRole('region', { name: 'Request details' })
  await rows.filter({ hasText: '/script.js' }).last().click()
  await details.getByRole('tab', { name: 'Body' }).click()
  await details.getByRole('button', { name: 'Keep bodies of Chat' }).click()
  await expect(details.getByRole('button', { name: 'Stop keeping bodies of Chat' })).toBeVisible()
  await page.reload()
  await expect(page.getByText('Connected', { exact: true })).toBeVisible()
  await page.getByRole('textbox').first().fill('said in a frame')
  await page.keyboard.press('Enter')
  await expect(page.getByText('said in a frame')).toBeVisible()
  const { port } = await hostAddress(panel)
  await rawRequest(port, {
    host: `chat.localhost:${port}`,
    path: '/secret?a=1',
    headers: { Authorization: 'Bearer my-own-secret' },
  })
  await expect(rows.filter({ hasText: '/secret' })).toBeVisible()

  const exported = async (name: string, secrets: boolean): Promise<string> => {
    const file = join(home.folder, name)
    await app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath })
    }, file)
    await panel.getByRole('button', { name: 'Export' }).click()
    const asked = panel.getByRole('dialog')
    if (secrets) await asked.getByRole('switch', { name: 'With secrets and bodies' }).check()
    await asked.getByRole('button', { name: /^Export/ }).click()
    await expect(asked).toHaveCount(0)
    await expect(panel.getByText(`saved as ${file}`)).toBeVisible()
    return file
  }
  const masked = await exported('masked.har', false)
  const whole = await exported('whole.har', true)
  const text = await readFile(masked, 'utf8')
  expect(text).not.toContain('my-own-secret')
  expect(text).not.toContain('said in a frame')
  const { entries } = (JSON.parse(text) as { log: { entries: unknown[] } }).log

  const network = await openNetworkPanel(browser, join(home.folder, 'looked-into'))
  try {
    const { page: tools } = network
    const shown = tools.getByRole('row')
    const open = async (name: string, tab: string) => {
      await shown.filter({ hasText: name }).last().getByText(name).first().click()
      await tools.getByRole('tab', { name: tab, exact: true }).click()
    }
    await network.importHar(masked)
    await expect(tools.getByText(`${entries.length} requests`, { exact: true })).toBeVisible()
    await screenshot(tools, 'har')
    await expect(shown.filter({ hasText: 'script.js' }).last()).toContainText(/200\s*script\s/, { useInnerText: true })
    await expect(shown.filter({ hasText: 'style.css' }).last()).toContainText(/200\s*stylesheet\s/, {
      useInnerText: true,
    })
    await expect(shown.filter({ hasText: /^socket/ }).last()).toContainText(/101\s*websocket\s/, { useInnerText: true })
    await expect(shown.filter({ hasText: 'gateway?api=atek-examples%2Fgreeter' }).last()).toContainText(
      /200\s*fetch\s/,
      { useInnerText: true },
    )
    await expect(shown.filter({ hasText: 'secret?a=1' })).toContainText('401')
    await open('secret?a=1', 'Headers')
    await expect(tools.getByText(`http://chat.localhost:${port}/secret?a=1`)).toBeVisible()
    await expect(tools.getByText(`127.0.0.1:${port}`)).toBeVisible()
    await expect(tools.getByText('Bearer •••')).toBeVisible()
    await screenshot(tools, 'har-headers')

    await network.importHar(whole)
    await open('secret?a=1', 'Headers')
    await expect(tools.getByText('Bearer my-own-secret')).toBeVisible()
    await open('script.js', 'Response')
    await expect(tools.getByText('const GROUP_WITHIN')).toBeVisible()
    await screenshot(tools, 'har-body')
    await open('socket', 'Messages')
    await expect(tools.getByText(/said in a frame/).first()).toBeVisible()
    await screenshot(tools, 'har-messages')
  } finally {
    await network.close()
  }
})
