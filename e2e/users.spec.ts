import { expect, hostAddress, installApp, screenshot, test } from './fixtures.ts'

test('add, promote, demote, reset the password, sign out everywhere, delete', async ({ desktop, browser }) => {
  const { panel } = desktop
  await installApp(panel, { example: 'Hello' })
  const { port } = await hostAddress(panel)
  await panel.getByRole('link', { name: 'Users' }).click()

  await panel.getByRole('button', { name: 'Add user' }).click()
  const dialog = panel.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Username' }).fill('bob')
  await dialog.getByRole('textbox', { name: 'Password' }).fill('too short')
  await dialog.getByRole('button', { name: 'Create user' }).click()
  await expect(dialog.getByText(/at least 10 characters/).first()).toBeVisible()
  await dialog.getByRole('textbox', { name: 'Password' }).fill('a password for bob')
  await dialog.getByRole('button', { name: 'Create user' }).click()
  const row = panel.getByRole('row').filter({ hasText: 'bob' })
  await expect(row).toBeVisible()

  // Bob signs in, in a browser of his own.
  const page = await (await browser.newContext()).newPage()
  const signIn = async (password: string) => {
    await page.goto(`http://atek.localhost:${port}/_atek/login`)
    await page.getByRole('textbox', { name: 'Username' }).fill('bob')
    await page.getByRole('textbox', { name: 'Password' }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  await signIn('a password for bob')
  await expect(page.getByRole('heading', { name: /apps/i }).first()).toBeVisible()
  // A07: Hello is alice's own; he is told no, not asked to sign in.
  await page.goto(`http://hello.localhost:${port}/`)
  await expect(page.getByText(/belongs to|not yours|no access|cannot open/i).first()).toBeVisible()

  await row.getByRole('button', { name: 'Sign out everywhere' }).click()
  await panel
    .getByRole('dialog')
    .getByRole('button', { name: /sign out/i })
    .click()
  await expect
    .poll(async () => {
      await page.goto(`http://atek.localhost:${port}/`)
      return page.url()
    })
    .toContain('/_atek/login')

  await row.getByRole('button', { name: 'Reset password' }).click()
  await panel.getByRole('dialog').getByRole('textbox', { name: 'Password', exact: true }).fill('another one for bob')
  await panel.getByRole('dialog').getByRole('textbox', { name: 'Confirm password' }).fill('another one for bob')
  await panel
    .getByRole('dialog')
    .getByRole('button', { name: /password/i })
    .last()
    .click()
  await expect(panel.getByRole('dialog')).toHaveCount(0)
  await signIn('a password for bob')
  await expect(page.getByRole('alert')).toBeVisible()
  await signIn('another one for bob')
  await expect(page).not.toHaveURL(/login/)

  for (const [action, role] of [
    ['Make administrator', 'Administrator'],
    ['Make member', 'Member'],
  ] as const) {
    await row.getByRole('button', { name: action }).click()
    await panel.getByRole('dialog').getByRole('button', { name: action }).click()
    await expect(row.getByText(role)).toBeVisible()
  }
  await screenshot(panel, 'users-with-bob')

  await row.getByRole('button', { name: 'Delete' }).click()
  await panel.getByRole('dialog').getByRole('textbox').fill('bob')
  await panel.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(panel.getByRole('row').filter({ hasText: 'bob' })).toHaveCount(0)
  await signIn('another one for bob')
  await expect(page.getByRole('alert')).toBeVisible()

  // The last administrator stays.
  const mine = panel.getByRole('row').filter({ hasText: 'alice' })
  await mine.getByRole('button', { name: 'Delete' }).click()
  await panel.getByRole('dialog').getByRole('textbox').fill('alice')
  await panel.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(panel.getByText(/only administrator/)).toBeVisible()
  await panel.keyboard.press('Escape')
  await expect(mine).toBeVisible()

  await panel.getByRole('link', { name: 'Audit' }).click()
  await expect(panel.getByText(/alice .*(made|created|added).*/i).first()).toBeVisible()
  await screenshot(panel, 'audit-after-users')
})
