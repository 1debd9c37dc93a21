import { expect, hostAddress, installApp, openInBrowser, rawRequest, test } from './fixtures.ts'
import { lookIn } from './look.ts'

for (const theme of ['light', 'dark'] as const) {
  test(`every screen, ${theme}: no serious finding of axe, narrow and wide`, async ({ start, browser }) => {
    test.setTimeout(300_000)
    const desktop = await start()
    const { panel } = desktop
    const look = await lookIn(desktop, theme, ['narrow', 'wide'])

    await expect(panel.getByRole('heading', { name: 'Welcome to Atek' })).toBeVisible()
    await look('first-run')
    await panel.getByRole('textbox', { name: 'Username' }).fill('alice')
    await panel.getByRole('textbox', { name: 'Password', exact: true }).fill('correct horse battery')
    await panel.getByRole('textbox', { name: 'Confirm password' }).fill('correct horse battery')
    await panel.getByRole('button', { name: 'Create account' }).click()

    await expect(panel.getByText('Install your first app')).toBeVisible()
    await look('apps-empty')
    await panel.getByRole('link', { name: 'Traffic' }).click()
    await expect(panel.getByText('Open an app and its requests appear here')).toBeVisible()
    await look('traffic-empty')

    await panel.getByRole('link', { name: 'Apps' }).click()
    await panel.getByRole('button', { name: 'Install app' }).first().click()
    await look('install-source')
    await panel.getByRole('dialog').getByRole('tab', { name: 'Examples' }).click()
    await panel.getByRole('dialog').getByText('Notes', { exact: true }).click()
    await look('install-examples')
    await panel.getByRole('dialog').getByRole('button', { name: 'Review' }).click()
    await expect(panel.getByRole('dialog').getByRole('button', { name: 'Install', exact: true })).toBeVisible()
    await look('install-review')
    await panel.keyboard.press('Escape')

    for (const example of ['Notes', 'API provider', 'API caller', 'Chat', 'Hello']) await installApp(panel, { example })
    await look('app-overview')
    const open = () => panel.getByRole('button', { name: 'Open', exact: true }).first().click()
    const page = await openInBrowser(desktop, browser, open)
    await page.emulateMedia({ colorScheme: theme })
    await expect(page.getByRole('heading', { name: 'Hello, alice' })).toBeVisible()
    await look('browser-hello', page)
    for (const tab of ['Traffic', 'Logs', 'Settings']) {
      await panel.getByRole('tab', { name: tab }).click()
      await look(`app-${tab.toLowerCase()}`)
    }

    const { port } = await hostAddress(panel)
    for (const id of ['notes', 'api-caller', 'api-provider', 'chat']) {
      await page.goto(`http://${id}.localhost:${port}/`)
      await expect(page.getByRole('heading').first()).toBeVisible()
      await look(`browser-${id}`, page)
    }
    await page.goto(`http://atek.localhost:${port}/`)
    await look('browser-home', page)
    await page.goto(`http://nothing.localhost:${port}/`)
    await look('browser-not-found', page)

    const stranger = await (await browser.newContext({ colorScheme: theme })).newPage()
    await stranger.goto(`http://notes.localhost:${port}/`)
    await look('browser-sign-in', stranger)

    await panel.getByRole('link', { name: 'Apps' }).click()
    await expect(panel.getByRole('article', { name: 'Chat' })).toBeVisible()
    await look('apps')

    // A request that is refused, and one that lies about who it is.
    await rawRequest(port, {
      host: `hello.localhost:${port}`,
      path: '/data.json',
      headers: { 'Atek-Auth-User': 'mallory' },
    })
    await panel.getByRole('link', { name: 'Traffic' }).click()
    const grid = panel.getByRole('grid', { name: 'Requests' })
    await grid.getByRole('row').filter({ hasText: '/data.json' }).click()
    await expect(panel.getByRole('region', { name: 'Request details' }).getByText('mallory')).toBeVisible()
    await look('traffic')
    await page.setExtraHTTPHeaders({ 'Atek-Auth-User': 'mallory', Atek_Auth_Service: 'mine' })
    await page.goto(`http://notes.localhost:${port}/?forged`)
    await grid.getByRole('row').filter({ hasText: '/?forged' }).last().click()
    await expect(panel.getByRole('region', { name: 'Request details' }).getByText('mallory')).toBeVisible()
    await look('traffic-forged')
    const details = panel.getByRole('region', { name: 'Request details' })
    for (const tab of ['Headers', 'Body', 'Timing', 'Chain']) {
      await details.getByRole('tab', { name: tab }).click()
      await look(`traffic-${tab.toLowerCase()}`)
    }
    await details.getByRole('button', { name: 'Pin' }).click()
    await grid.getByRole('row').filter({ hasText: '/?forged' }).last().click()
    await panel.keyboard.press('ArrowUp')
    await details.getByRole('button', { name: 'Compare' }).click()
    await panel.getByRole('menuitem', { name: /forged/ }).click()
    await expect(panel.getByRole('dialog').getByRole('columnheader').nth(2)).toBeVisible()
    await look('traffic-compare')
    await panel.keyboard.press('Escape')
    await details.getByRole('button', { name: 'Replay' }).click()
    await expect(panel.getByRole('dialog').getByLabel('As')).toBeVisible()
    await look('traffic-replay')
    await panel.keyboard.press('Escape')
    await panel.getByRole('button', { name: 'Export' }).click()
    await expect(panel.getByRole('dialog')).toBeVisible()
    await look('traffic-export')
    await panel.keyboard.press('Escape')
    await panel.getByRole('textbox', { name: 'Filter' }).click()
    await panel.keyboard.type('is:foo status:')
    await expect(panel.getByRole('option', { name: '4xx' })).toBeVisible()
    await look('traffic-filter')
    await panel.keyboard.press('Escape')
    await panel.keyboard.press('Escape')
    for (const view of ['Charts', 'Calls']) {
      await panel.getByText(view, { exact: true }).click()
      await expect(panel.getByRole('table').first()).toBeVisible()
      await look(`traffic-${view.toLowerCase()}`)
    }

    await panel.getByRole('link', { name: 'Users' }).click()
    await look('users')
    await panel.getByRole('button', { name: 'Add user' }).click()
    await look('users-add')
    await panel.keyboard.press('Escape')
    await panel.getByRole('link', { name: 'Audit' }).click()
    await expect(panel.getByText(/alice installed/).first()).toBeVisible()
    await look('audit')
    await panel.getByRole('link', { name: 'Settings' }).click()
    await expect(panel.getByLabel('Port')).toBeVisible()
    await look('settings')
    for (const document of ['Writing apps', 'The protocol', 'API tokens', 'Other proxies', 'Security', 'Limits']) {
      await panel.getByRole('link', { name: 'Settings' }).click()
      await panel.getByRole('button', { name: document, exact: true }).click()
      await expect(panel.getByRole('heading', { name: document, level: 1 })).toBeVisible()
      await look(`docs-${document.toLowerCase().replaceAll(' ', '-')}`)
      // The column is as wide in either window. A table that is wider is read by scrolling sideways.
      const text = panel.getByRole('article', { name: document })
      expect(await text.evaluate((article) => article.scrollWidth - article.clientWidth), document).toBeLessThanOrEqual(
        0,
      )
    }
    await panel.getByRole('link', { name: 'Settings' }).click()
    await panel.keyboard.press('ControlOrMeta+k')
    await look('palette')
    await panel.keyboard.press('Escape')

    await panel.getByRole('button', { name: /alice/ }).click()
    await panel.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(panel.getByRole('button', { name: 'Sign in' })).toBeVisible()
    await look('locked')
  })
}
