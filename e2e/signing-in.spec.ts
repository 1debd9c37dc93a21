import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ADMIN, createFirstUser, expect, hostAddress, installApp, openInBrowser, test } from './fixtures.ts'

test('another browser gets the sign-in page and lands on the path that was asked for', async ({ desktop, browser }) => {
  await installApp(desktop.panel, { example: 'Hello' })
  const { port } = await hostAddress(desktop.panel)
  const page = await (await browser.newContext()).newPage()
  await page.goto(`http://hello.localhost:${port}/some/where?with=this`)
  await expect(page).toHaveURL(new RegExp(`^http://atek\\.localhost:${port}/_atek/login`))

  await page.getByRole('textbox', { name: 'Username' }).fill(ADMIN.username)
  await page.getByRole('textbox', { name: 'Password' }).fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toBeVisible()

  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(`http://hello.localhost:${port}/some/where?with=this`)
})

test('C15: the ticket of "Open" works once, and for no other browser', async ({ desktop, browser }) => {
  await installApp(desktop.panel, { example: 'Hello' })
  const first = await openInBrowser(desktop, browser, () =>
    desktop.panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await expect(first).toHaveURL(/^http:\/\/hello\.localhost:\d+\/$/)

  const [address] = await desktop.opened()
  const second = await (await browser.newContext()).newPage()
  await second.goto(address ?? '')
  await expect(second).toHaveURL(/\/_atek\/login/)
})

test('A28: a bind token that somebody else got hold of opens nothing in another browser', async ({
  desktop,
  browser,
}) => {
  await installApp(desktop.panel, { example: 'Hello' })
  const { port } = await hostAddress(desktop.panel)
  const context = await browser.newContext()
  const page = await context.newPage()
  const tokens: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('bst=')) tokens.push(request.url())
  })
  // The attacker holds the token back by stopping his own browser in the middle.
  await page.route(/bst=/, (route) => route.abort())
  await page.goto(`http://atek.localhost:${port}/_atek/login`)
  await page.getByRole('textbox', { name: 'Username' }).fill(ADMIN.username)
  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.goto(`http://hello.localhost:${port}/`).catch(() => {})
  await expect.poll(() => tokens.length).toBeGreaterThan(0)

  const victim = await (await browser.newContext()).newPage()
  await victim.goto(tokens[0] ?? '')
  await expect(victim.getByRole('heading', { name: 'This link cannot be used again' })).toBeVisible()
  await victim.goto(`http://hello.localhost:${port}/`)
  await expect(victim).toHaveURL(/\/_atek\/login/)
})

test('the panel remembers the person through the keychain, until signed out', async ({ start, home }) => {
  const first = await start()
  await createFirstUser(first.panel)
  await first.app.close()

  const second = await start()
  await expect(second.panel.getByRole('link', { name: 'Apps' })).toBeVisible()
  await expect(second.panel.getByText('no keychain')).toHaveCount(0)
  await expect(readFile(join(home.userData, 'secrets.json'))).rejects.toMatchObject({ code: 'ENOENT' })

  await second.panel.getByRole('button', { name: /alice/ }).click()
  await second.panel.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(second.panel.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await second.app.close()

  const third = await start()
  await expect(third.panel.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await third.panel.getByRole('textbox', { name: 'Username' }).fill(ADMIN.username)
  await third.panel.getByRole('textbox', { name: 'Password' }).fill('wrong password')
  await third.panel.getByRole('button', { name: 'Sign in' }).click()
  await expect(third.panel.getByText(/not right|do not match|wrong/i)).toBeVisible()
  await third.panel.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await third.panel.getByRole('button', { name: 'Sign in' }).click()
  await expect(third.panel.getByRole('link', { name: 'Apps' })).toBeVisible()
})

test('without a keychain the panel says so and keeps the sign-in in a file for this user only', async ({
  start,
  home,
}) => {
  const noKeychain = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' }
  const first = await start({ env: noKeychain })
  await createFirstUser(first.panel)
  await expect(first.panel.getByText('no keychain')).toBeVisible()
  const file = join(home.userData, 'secrets.json')
  await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toContain('panel:')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await first.app.close()
  const second = await start({ env: noKeychain })
  await expect(second.panel.getByRole('link', { name: 'Apps' })).toBeVisible()
})
