import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeTestApp } from '../runtime/testing/test-apps.ts'
import { expect, installApp, openInBrowser, type Page, test } from './fixtures.ts'

let folder: string
test.beforeEach(async () => {
  folder = await writeTestApp(join(await mkdtemp(join(tmpdir(), 'atek-e2e-app-')), 'echo'), 'echo')
})
test.afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }))

/** Opens a WebSocket to the page's own app and leaves word of its end in `ended`. */
function connect(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        const socket = new WebSocket(`ws://${location.host}/ws`)
        Object.assign(globalThis, {
          ended: new Promise((end) => {
            socket.onclose = ({ code, reason, wasClean }) => end({ code, reason, wasClean })
          }),
        })
        socket.onerror = () => reject(new Error('The WebSocket failed.'))
        socket.onopen = () => socket.send('hello')
        socket.onmessage = ({ data }) => resolve(String(data))
      }),
  )
}

const ended = (page: Page) => page.evaluate(() => (globalThis as unknown as { ended: Promise<unknown> }).ended)

test('C09: a page’s WebSocket is closed with 4401 when its person signs out elsewhere', async ({
  desktop,
  browser,
}) => {
  const { panel } = desktop
  await installApp(panel, { tab: 'Folder', source: folder })
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  expect(await connect(page)).toBe('hello')
  const elsewhere = await page.context().newPage()
  await elsewhere.goto(`http://atek.localhost:${new URL(page.url()).port}/_atek/apps`)
  await elsewhere.getByRole('button', { name: 'Sign out' }).click()
  expect(await ended(page)).toEqual({ code: 4401, reason: 'The session ended.', wasClean: true })
})

test('C09: a page’s WebSocket is closed with 1001 when its app is stopped', async ({ desktop, browser }) => {
  const { panel } = desktop
  await installApp(panel, { tab: 'Folder', source: folder })
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  expect(await connect(page)).toBe('hello')
  await panel.getByRole('button', { name: 'Stop', exact: true }).first().click()
  expect(await ended(page)).toMatchObject({ code: 1001, wasClean: true })
})
