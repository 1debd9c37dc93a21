import { expect, hostAddress, installApp, rawRequest, screenshot, test } from './fixtures.ts'

test('a member in the panel: sees what is theirs, manages only that, installs for nobody else', async ({ desktop }) => {
  const { panel } = desktop
  await installApp(panel, { example: 'Hello' })
  await panel.getByRole('link', { name: 'Users' }).click()
  await panel.getByRole('button', { name: 'Add user' }).click()
  await panel.getByRole('dialog').getByRole('textbox', { name: 'Username' }).fill('bob')
  await panel.getByRole('dialog').getByRole('textbox', { name: 'Password' }).fill('a password for bob')
  await panel.getByRole('dialog').getByRole('button', { name: 'Create user' }).click()
  await expect(panel.getByRole('row').filter({ hasText: 'bob' })).toBeVisible()
  const { port } = await hostAddress(panel)
  await rawRequest(port, { host: `hello.localhost:${port}`, path: '/of-alice' })

  await panel.getByRole('button', { name: /alice/ }).click()
  await panel.getByRole('menuitem', { name: 'Sign out' }).click()
  await panel.getByRole('textbox', { name: 'Username' }).fill('bob')
  await panel.getByRole('textbox', { name: 'Password' }).fill('a password for bob')
  await panel.getByRole('button', { name: 'Sign in' }).click()

  await expect(panel.getByText('Install your first app')).toBeVisible()
  await expect(panel.getByRole('link', { name: 'Users' })).toHaveCount(0)
  await expect(panel.getByRole('link', { name: 'Audit' })).toHaveCount(0)
  await panel.getByRole('link', { name: 'Traffic' }).click()
  await expect(panel.getByText('Open an app and its requests appear here')).toBeVisible()
  await panel.getByRole('link', { name: 'Settings' }).click()
  await expect(panel.getByRole('region', { name: 'My sessions' })).toBeVisible()
  await expect(panel.getByLabel('Port')).toHaveCount(0)

  await panel.getByRole('link', { name: 'Apps' }).click()
  await panel.getByRole('button', { name: 'Install app' }).first().click()
  await expect(panel.getByRole('tab', { name: 'Git' })).toHaveAttribute('aria-selected', 'true')
  await expect(panel.getByRole('tab', { name: 'Folder' })).toHaveCount(0)
  await panel.keyboard.press('Escape')

  await installApp(panel, { example: 'Notes' })
  await expect(panel.getByRole('button', { name: 'Stop', exact: true })).toBeVisible()
  await screenshot(panel, 'member-app')

  await panel.getByRole('link', { name: 'Settings' }).click()
  const main = panel.getByLabel('Main app')
  await expect(main).toHaveValue('')
  await main.selectOption({ label: 'Notes (notes)' })
  await panel.getByRole('link', { name: 'Apps' }).click()
  await panel.getByRole('link', { name: 'Settings' }).click()
  await expect(main.locator('option:checked')).toHaveText('Notes (notes)')
  await screenshot(panel, 'member-settings')

  const answers = await panel.evaluate(async () => {
    const { atek } = globalThis as unknown as {
      atek: { control(method: string, input: unknown): Promise<{ error?: { code: string }; value?: unknown[] }> }
    }
    const code = async (method: string, input: unknown) => (await atek.control(method, input)).error?.code
    return {
      apps: (await atek.control('apps.list', {})).value?.length,
      users: await code('users.list', {}),
      audit: await code('audit.list', {}),
      clear: await code('traffic.clear', {}),
      folder: await code('apps.review', { reviewId: crypto.randomUUID(), source: '/tmp', kind: 'folder' }),
    }
  })
  expect(answers).toEqual({ apps: 1, users: 'FORBIDDEN', audit: 'FORBIDDEN', clear: 'FORBIDDEN', folder: 'FORBIDDEN' })
})
