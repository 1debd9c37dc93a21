import { expect, hostAddress, installApp, type Page, rawRequest, screenshot, test } from './fixtures.ts'

/** Types into the palette and takes the first that is found. */
async function run(panel: Page, words: string, label: string): Promise<void> {
  await panel.keyboard.press('ControlOrMeta+k')
  await panel.getByRole('textbox', { name: 'Search screens, apps and actions' }).fill(words)
  await expect(panel.getByRole('dialog', { name: 'Go to' }).getByRole('button', { name: label }).first()).toBeVisible()
  await screenshot(panel, `palette-${words.replace(/\W/g, '-')}`)
  await panel.keyboard.press('Enter')
  await expect(panel.getByRole('dialog', { name: 'Go to' })).toHaveCount(0)
}

test('what Traffic can do is in the palette, from every screen', async ({ desktop }) => {
  const { panel } = desktop
  await installApp(panel, { example: 'Hello' })
  const { port } = await hostAddress(panel)
  await rawRequest(port, { host: `hello.localhost:${port}`, path: '/refused' })

  await run(panel, 'charts', 'Charts')
  await expect(panel.getByRole('radio', { name: 'Charts' })).toBeChecked()
  await run(panel, 'calls', 'Calls')
  await expect(panel.getByRole('radio', { name: 'Calls' })).toBeChecked()

  const filter = panel.getByRole('textbox', { name: 'Filter' })
  await run(panel, 'filter requests', 'Filter requests')
  await expect(filter).toBeFocused()
  await panel.keyboard.type('is:refused')
  await expect(filter).toHaveValue('is:refused')
  await panel.keyboard.press('Enter')
  await panel.getByRole('button', { name: 'Saved filters' }).click()
  await panel.getByRole('menuitem', { name: 'Save this filter' }).click()
  await panel.getByRole('textbox', { name: 'Name' }).fill('Turned away')
  await panel.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await expect(panel.getByRole('dialog')).toHaveCount(0)
  await filter.fill('')
  await panel.getByRole('link', { name: 'Apps' }).click()
  await run(panel, 'turned', 'Filter: Turned away')
  await expect(filter).toHaveValue('is:refused')
  await expect(filter).toBeFocused()
  await panel.getByRole('button', { name: 'Pause' }).focus()
  await panel.keyboard.press('ControlOrMeta+f')
  await expect(filter).toBeFocused()

  await run(panel, 'pause', 'Pause requests')
  await expect(panel.getByRole('button', { name: 'Resume' })).toBeVisible()
  await run(panel, 'resume', 'Resume requests')
  await expect(panel.getByRole('button', { name: 'Pause' })).toBeVisible()
  await panel.getByRole('link', { name: 'Settings' }).click()
  await run(panel, 'export', 'Export requests as HAR')
  await expect(panel.getByRole('dialog', { name: 'Export requests' })).toBeVisible()
  await panel.keyboard.press('Escape')
  await expect(panel.getByRole('dialog')).toHaveCount(0)

  const row = panel.getByRole('grid', { name: 'Requests' }).getByRole('row').filter({ hasText: '/refused' })
  await expect(row).toBeVisible()
  await run(panel, 'clear', 'Clear requests')
  const asked = panel.getByRole('dialog', { name: 'Clear requests' })
  await expect(asked).toContainText('cannot be taken back')
  await expect(row).toBeVisible()
  await asked.getByRole('button', { name: 'Clear' }).click()
  await expect(row).toHaveCount(0)
})
