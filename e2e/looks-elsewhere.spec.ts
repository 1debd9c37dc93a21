import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { GitServer } from '../runtime/apps/testing/git-server.ts'
import { createFirstUser, expect, hostAddress, installApp, type Page, rawRequest, test } from './fixtures.ts'
import { lookIn } from './look.ts'

const LONG_WORD = 'Donaudampfschifffahrtsgesellschaftskapitaen'
const LONG_PATH = `/${LONG_WORD.toLowerCase()}/a/very/deep/base/path/on/a/machine/with/many/tenants`
const NAMES = [
  'nightly backup',
  'שלום עולם, a script',
  'نسخة احتياطية',
  LONG_WORD.repeat(2).slice(0, 64),
  'A name of many words that goes on until nothing more fits in it',
  '…',
]

let server: Server
let address: string
let repositories: GitServer

test.beforeEach(async () => {
  server = createServer((_, res) => res.setHeader('Content-Type', 'text/html').end('<h1>Elsewhere</h1>'))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  repositories = await GitServer.start()
})
test.afterEach(async () => {
  server.close().closeAllConnections()
  await repositories.close()
})

/** As a script would: thirty of them by hand are too many. */
async function makeTokens(panel: Page, names: string[]): Promise<void> {
  await panel.evaluate(async (all) => {
    const { atek } = globalThis as unknown as { atek: { control(method: string, input: unknown): Promise<unknown> } }
    for (const name of all) await atek.control('me.createToken', { name })
  }, names)
}

for (const theme of ['light', 'dark'] as const) {
  test(`apps at an address, API tokens and refusals, ${theme}: no serious finding of axe, narrow and wide`, async ({
    home,
    start,
    browser,
  }) => {
    test.setTimeout(400_000)
    await mkdir(home.configFolder, { recursive: true })
    // So few that a person is refused within a test.
    const config = { port: 0, rateLimits: { app: { others: 20 } } }
    await writeFile(join(home.configFolder, 'config.json'), JSON.stringify(config))
    const desktop = await start()
    const { panel } = desktop
    const look = await lookIn(desktop, theme, ['narrow', 'wide'])
    await createFirstUser(panel)
    const { port, domain } = await hostAddress(panel)

    await panel.getByRole('link', { name: 'Settings' }).click()
    const tokens = panel.getByRole('region', { name: 'API tokens' })
    await expect(tokens.getByRole('button', { name: 'New token' })).toBeVisible()
    await tokens.scrollIntoViewIfNeeded()
    await look('tokens-none')
    await tokens.getByRole('button', { name: 'New token' }).click()
    await panel.getByRole('dialog').getByRole('button', { name: 'Create token' }).click()
    await look('tokens-unnamed')
    await panel.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('nightly backup')
    await panel.getByRole('dialog').getByRole('button', { name: 'Create token' }).click()
    await expect(panel.getByRole('region', { name: 'Refresh token' })).toBeVisible()
    await look('tokens-made')
    await panel.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
    await makeTokens(panel, [...NAMES, ...Array.from({ length: 24 }, (_, number) => `script ${number + 1}`)])
    await panel.getByRole('link', { name: 'Apps' }).click()
    await panel.getByRole('link', { name: 'Settings' }).click()
    await tokens.getByRole('button', { name: 'Show all 31' }).click()
    await expect(tokens.getByRole('row')).toHaveCount(32)
    await tokens.scrollIntoViewIfNeeded()
    await look('tokens-many')

    await panel.getByRole('link', { name: 'Apps' }).click()
    await panel.getByRole('button', { name: 'Install app' }).first().click()
    const dialog = panel.getByRole('dialog')
    const source = dialog.getByRole('textbox', { name: 'Source' })
    await dialog.getByRole('tab', { name: 'Address' }).click()
    await look('address-empty')
    for (const [name, wrong] of [
      ['no-address', 'wiki'],
      ['scheme', 'ftp://127.0.0.1:21/wiki'],
      ['own', `http://${domain}:${port}`],
    ] as const) {
      await source.fill(wrong)
      await dialog.getByRole('button', { name: 'Review' }).click()
      await expect(dialog.getByText(/Write the/)).toBeVisible()
      await expect(source).toBeFocused()
      await look(`address-${name}`)
    }
    await source.fill(`${address}${LONG_PATH}`)
    for (const name of ['Remote-User', 'X-User-Email', 'X-Forwarded-User', 'X-User-Role']) {
      await dialog.getByRole('button', { name, exact: true }).click()
    }
    for (let row = 5; row <= 12; row++) {
      await dialog.getByRole('button', { name: 'Another' }).click()
      const name = dialog.getByRole('textbox', { name: `Name of header ${row}` })
      await expect(name).toBeFocused()
      await name.fill(`X-${LONG_WORD}-${row}`)
    }
    await look('address-headers')
    await dialog.getByRole('button', { name: 'Review' }).click()
    const id = dialog.getByRole('textbox', { name: 'App ID' })
    await expect(id).toBeVisible()
    await look('address-review')
    await dialog.getByRole('button', { name: 'Back' }).click()
    // A header that is not allowed leads back to its field.
    const last = dialog.getByRole('textbox', { name: 'Name of header 12' })
    await last.fill('Host')
    await dialog.getByRole('button', { name: 'Review' }).click()
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await expect(dialog.getByText('Header 12 (Host): This header belongs to HTTP or to the host.')).toBeVisible()
    await expect(last).toBeFocused()
    await look('address-headers-refused')
    await last.fill('X-Last')
    await dialog.getByRole('button', { name: 'Review' }).click()
    await id.fill('wiki')
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await expect(panel.getByText('Running', { exact: true }).first()).toBeVisible()
    await look('address-overview')
    await panel.getByRole('tab', { name: 'Settings' }).click()
    await panel
      .getByRole('textbox', { name: 'External addresses' })
      .fill(`https://wiki.example.org\nhttps://${LONG_WORD.toLowerCase()}.example.org`)
    await look('address-settings')
    // What is refused is said where it is seen, and which header it is.
    await panel.getByRole('textbox', { name: 'Name of header 3' }).fill('Host')
    await panel.getByRole('button', { name: 'Save' }).click()
    await expect(panel.getByText('Header 3 (Host): This header belongs to HTTP or to the host.')).toBeInViewport()
    await look('address-settings-refused')
    // The focus stays with the rows when one of them goes.
    await panel.getByRole('button', { name: 'Remove header 12' }).click()
    await expect(panel.getByRole('button', { name: 'Remove header 11' })).toBeFocused()
    await panel.getByRole('tab', { name: 'Logs' }).click()
    await look('address-logs')

    // The same ID again, for something that is not there.
    await panel.getByRole('link', { name: 'Apps' }).click()
    await panel.getByRole('button', { name: 'Install app' }).first().click()
    await dialog.getByRole('tab', { name: 'Address' }).click()
    await source.fill('http://127.0.0.1:1')
    await dialog.getByRole('button', { name: 'Review' }).click()
    await expect(dialog.getByText('It cannot be reached now.', { exact: false })).toBeVisible()
    await id.fill('wiki')
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await expect(dialog.getByText(/taken|use/i).first()).toBeVisible()
    await look('address-taken')
    await id.fill('missing')
    await dialog.getByRole('button', { name: 'Install', exact: true }).click()
    await expect(panel.getByRole('region', { name: 'Unreachable' })).toBeVisible()
    await look('address-unreachable')

    // One that is to be built before it can start.
    const scripts = { build: `node -e "require('fs').copyFileSync('source.js', 'dist/index.js')"` }
    const files = { 'source.js': '', 'package.json': JSON.stringify({ name: 'built', main: 'dist/index.js', scripts }) }
    const repository = repositories.commit('built', files, 'v1.0.0')
    await panel.getByRole('link', { name: 'Apps' }).click()
    await panel.getByRole('button', { name: 'Install app' }).first().click()
    await dialog.getByRole('tab', { name: 'Git' }).click()
    await source.fill(repository)
    await dialog.getByRole('button', { name: 'Review' }).click()
    await expect(dialog.getByText(scripts.build)).toBeVisible()
    await expect(
      dialog.getByText('Its start file dist/index.js is made by its scripts.', { exact: false }),
    ).toBeVisible()
    await look('build-review')
    await panel.keyboard.press('Escape')

    await installApp(panel, { example: 'Hello' })
    await expect(panel.getByRole('heading', { name: 'Hello', level: 1 })).toBeVisible()
    await panel.getByRole('button', { name: 'Stop', exact: true }).click()
    await expect(panel.getByText('Stopped', { exact: true }).first()).toBeVisible()
    await panel.getByRole('link', { name: 'Settings' }).click()
    await expect(panel.getByLabel('Main app')).toBeVisible()
    await panel.getByLabel('Main app').scrollIntoViewIfNeeded()
    await panel.getByLabel('Main app').selectOption({ label: 'Hello (hello)' })
    await look('settings-main-app')

    // A browser in which somebody is signed in.
    const page = await (await browser.newContext({ colorScheme: theme })).newPage()
    await page.goto(`http://atek.localhost:${port}/_atek/apps`)
    await page.getByLabel('Username').fill('alice')
    await page.getByLabel('Password').fill('correct horse battery')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('Hello', { exact: true })).toBeVisible()
    await look('browser-home-mixed', page)
    await page.goto(`http://hello.localhost:${port}/`)
    await expect(page.getByRole('heading', { name: 'Hello is stopped' })).toBeVisible()
    await look('browser-stopped', page)
    await page.goto(`http://missing.localhost:${port}/`)
    await expect(page.getByRole('heading', { name: /did not answer/ })).toBeVisible()
    await look('browser-unreachable', page)

    const stranger = await (await browser.newContext({ colorScheme: theme })).newPage()
    for (let left = 20; left > 0; left--) await rawRequest(port, { host: `hello.localhost:${port}`, path: '/' })
    await stranger.goto(`http://hello.localhost:${port}/`)
    await expect(stranger.getByRole('heading', { name: 'Too many requests' })).toBeVisible()
    await look('browser-too-many', stranger)
    await stranger.getByRole('link', { name: 'Try again' }).click()
    await expect(stranger).toHaveURL(`http://hello.localhost:${port}/`)
  })
}
