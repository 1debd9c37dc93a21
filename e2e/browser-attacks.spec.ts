import { chromium } from '@playwright/test'
import { ADMIN, AS_ROOT, CHROMIUM, expect, hostAddress, installApp, openInBrowser, test } from './fixtures.ts'

test('A20: a name of somebody else’s that points here reaches nothing', async ({ desktop }) => {
  await installApp(desktop.panel, { example: 'Hello' })
  const { port } = await hostAddress(desktop.panel)
  const rebound = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...AS_ROOT, '--disable-gpu', '--host-resolver-rules=MAP *.evil.test 127.0.0.1'],
  })
  try {
    const page = await rebound.newPage()
    for (const host of ['app.evil.test', 'hello.evil.test', 'hello.localhost.evil.test']) {
      const response = await page.goto(`http://${host}:${port}/`)
      expect(response?.status(), host).toBe(421)
    }
  } finally {
    await rebound.close()
  }
})

test('A06: neither the page nor the app sees a cookie of the host', async ({ desktop, browser }) => {
  const { panel } = desktop
  await installApp(panel, { example: 'Hello' })
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await expect(page.getByRole('heading', { name: 'Hello, alice' })).toBeVisible()
  expect(await page.evaluate(() => document.cookie)).toBe('')
  // C29: host-only, out of reach of scripts, and the app's cookie is not the host's session.
  const cookies = await page.context().cookies()
  expect(cookies.length).toBeGreaterThanOrEqual(2)
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false })
    expect(cookie.domain.startsWith('.')).toBe(false)
  }
  expect(new Set(cookies.map((cookie) => cookie.value)).size).toBe(cookies.length)
  expect(page.url()).not.toContain('bst')
  for (const cookie of cookies) expect(await page.content()).not.toContain(cookie.value)
})

test('A27: after signing in, nobody is sent to another site', async ({ desktop, browser }) => {
  await installApp(desktop.panel, { example: 'Hello' })
  const { port } = await hostAddress(desktop.panel)
  const page = await (await browser.newContext()).newPage()
  const left: string[] = []
  page.on('request', (request) => {
    if (!new URL(request.url()).hostname.endsWith('.localhost')) left.push(request.url())
  })
  for (const redirect of [
    '//evil.test/',
    '/\\evil.test/',
    'http://evil.test/',
    'javascript:alert(1)',
    '/%09/evil.test',
    '/%5cevil.test/',
  ]) {
    await page.context().clearCookies()
    await page.goto(`http://atek.localhost:${port}/_atek/login?redirect=${encodeURIComponent(redirect)}`)
    const username = page.getByRole('textbox', { name: 'Username' })
    if (!(await username.isVisible())) continue
    await username.fill(ADMIN.username)
    await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForLoadState()
    expect(new URL(page.url()).hostname, redirect).toBe('atek.localhost')
  }
  expect(left).toEqual([])
})
