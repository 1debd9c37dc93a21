import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, hostAddress, installApp, openInBrowser, rawRequest, test } from './fixtures.ts'

test('filter, pause, resume and clear', async ({ desktop, browser }) => {
  const { panel } = desktop
  await installApp(panel, { example: 'Hello' })
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await expect(page.getByRole('heading', { name: 'Hello, alice' })).toBeVisible()
  await panel.getByRole('link', { name: 'Traffic' }).click()
  const grid = panel.getByRole('grid', { name: 'Requests' })
  const rows = grid.getByRole('row')
  const filter = panel.getByRole('textbox', { name: 'Filter' })

  await expect(rows.filter({ hasText: '/style.css' })).toHaveCount(1)
  await filter.fill('app:hello path:icon')
  await expect(rows.filter({ hasText: '/style.css' })).toHaveCount(0)
  await expect(rows.filter({ hasText: '/icon.svg' }).first()).toBeVisible()
  await filter.fill('')

  const { port } = await hostAddress(panel)
  const ask = (path: string) => rawRequest(port, { host: `hello.localhost:${port}`, path })
  await panel.getByRole('button', { name: 'Pause' }).click()
  await ask('/while-paused')
  await expect(panel.getByText(/1 new/)).toBeVisible()
  await expect(rows.filter({ hasText: '/while-paused' })).toHaveCount(0)
  await panel.getByRole('button', { name: 'Resume' }).click()
  await expect(rows.filter({ hasText: '/while-paused' })).toBeVisible()

  await panel.getByText('Refused', { exact: true }).click()
  await expect(rows.filter({ hasText: '/while-paused' })).toBeVisible()
  await expect(rows.filter({ hasText: '/style.css' })).toHaveCount(0)
  await panel.getByText('Refused', { exact: true }).click()

  await panel.getByRole('button', { name: 'Clear' }).click()
  await expect(rows.filter({ hasText: '/while-paused' })).toHaveCount(0)
  await ask('/after-clearing')
  await expect(rows.filter({ hasText: '/after-clearing' })).toBeVisible()
  await expect(rows.filter({ hasText: '/while-paused' })).toHaveCount(0)
})

test('A29: a path, a header, a title and a log line with HTML, ANSI and right-to-left marks are shown inert', async ({
  desktop,
}) => {
  const { panel } = desktop
  const folder = await mkdtemp(join(tmpdir(), 'atek-hostile-'))
  try {
    const hostile = '<img src=x onerror="document.title=1">\u202Etxt.exe\u001b[31m'
    await writeFile(`${folder}/atek.json`, JSON.stringify({ title: hostile, description: hostile, author: hostile }))
    await writeFile(
      `${folder}/index.js`,
      `console.log(${JSON.stringify(hostile)})
       require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`,
    )
    // On each screen that shows some of it.
    const expectInert = async () => {
      const text = await panel.evaluate(() => document.body.innerText)
      for (const mark of ['\u202E', '\u001b']) expect(text).not.toContain(mark)
      expect(await panel.locator('img[src=x]').count()).toBe(0)
      expect(await panel.title()).not.toBe('1')
    }
    await installApp(panel, { tab: 'Folder', source: folder })
    await expectInert()
    await panel.getByRole('tab', { name: 'Logs' }).click()
    await expect(panel.getByLabel('Log', { exact: true }).getByText('<img src=x').first()).toBeVisible()
    await expectInert()
    const { port } = await hostAddress(panel)
    const [app] = await panel.getByRole('heading', { level: 1 }).allTextContents()
    await rawRequest(port, {
      host: `nothing.localhost:${port}`,
      path: `/${encodeURIComponent(hostile)}<script>alert(1)</script>`,
      // Without the control character, which a header cannot hold.
      headers: { 'X-Evil': Buffer.from(hostile.replace('\u001b', '')).toString('latin1') },
    })
    await panel.getByRole('link', { name: 'Traffic' }).click()
    const row = panel.getByRole('grid', { name: 'Requests' }).getByRole('row').filter({ hasText: '<script>' })
    await row.click()
    await expect(panel.getByRole('region', { name: 'Request details' })).toBeVisible()
    await expectInert()
    await panel.getByRole('tab', { name: 'Headers' }).click()
    await expect(panel.getByText('X-Evil').first()).toBeVisible()
    await expectInert()
    await panel.getByRole('link', { name: 'Audit' }).click()
    await expect(panel.getByText(/alice installed/).first()).toBeVisible()
    for (const mark of ['\u202E', '\u001b']) expect(app).not.toContain(mark)
    await expectInert()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
