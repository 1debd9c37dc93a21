import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join, resolve } from 'node:path'
import { findElectron } from '../electron/setup/electron.mjs'
import {
  AS_ROOT,
  appProcesses,
  createFirstUser,
  expect,
  hostAddress,
  installApp,
  openInBrowser,
  screenshot,
  test,
} from './fixtures.ts'

test('closing the window leaves the host and its apps running and says so once; a second start brings it back', async ({
  desktop,
  browser,
  home,
}) => {
  const { app, panel, configFolder } = desktop
  await installApp(panel, { example: 'Hello' })
  const page = await openInBrowser(desktop, browser, () =>
    panel.getByRole('button', { name: 'Open', exact: true }).first().click(),
  )
  await app.evaluate(({ Notification }) => {
    const told: string[] = []
    Object.assign(globalThis, { toldByTest: told })
    Notification.isSupported = () => true
    Notification.prototype.show = function show(this: Electron.Notification) {
      told.push(this.title)
    }
  })
  const visible = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false)
  const close = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  const told = () => app.evaluate(() => (globalThis as unknown as { toldByTest: string[] }).toldByTest)

  await close()
  await expect.poll(visible).toBe(false)
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Hello, alice' })).toBeVisible()
  expect(await appProcesses(configFolder)).not.toEqual([])

  const electronHere = await findElectron()
  const second = spawn(
    electronHere?.executable ?? '',
    [...AS_ROOT, `--user-data-dir=${home.userData}`, resolve(import.meta.dirname, '..')],
    { env: { ...process.env, ATEK_CONFIG_DIR: configFolder }, stdio: 'ignore' },
  )
  const code = await new Promise((done) => second.on('exit', done))
  expect(code).toBe(0)
  await expect.poll(visible).toBe(true)

  await close()
  await expect.poll(visible).toBe(false)
  expect(await told()).toHaveLength(1)
})

test('quitting ends every app process', async ({ desktop }) => {
  await installApp(desktop.panel, { example: 'Hello' })
  expect(await appProcesses(desktop.configFolder)).not.toEqual([])
  const gone = new Promise((done) => desktop.app.process().on('exit', done))
  await desktop.app.evaluate(({ app }) => app.quit())
  expect(await gone).toBe(0)
  expect(await appProcesses(desktop.configFolder)).toEqual([])
})

test('a quit in the middle of the start is clean, too', async ({ home }) => {
  const electronHere = await findElectron()
  for (const wait of [150, 300, 450, 600, 800, 1000]) {
    const child = spawn(
      electronHere?.executable ?? '',
      [...AS_ROOT, `--user-data-dir=${home.userData}`, resolve(import.meta.dirname, '..')],
      { env: { ...process.env, ATEK_CONFIG_DIR: home.configFolder }, stdio: 'ignore' },
    )
    const ended = new Promise((done) => child.on('exit', (code, signal) => done(signal ?? code)))
    // Not for a condition: it is the moments in between that are looked at.
    await new Promise((next) => setTimeout(next, wait))
    child.kill('SIGTERM')
    // Before it listens for signals, the signal itself ends it; never an abort.
    expect([0, 'SIGTERM'], `after ${wait} ms`).toContain(await ended)
  }
})

test('after kill -9 the next start is clean: nothing lost, no orphan, the app runs again', async ({ start }) => {
  const first = await start()
  await createFirstUser(first.panel)
  await installApp(first.panel, { example: 'Notes' })
  const orphans = await appProcesses(first.configFolder)
  expect(orphans).not.toEqual([])
  const gone = new Promise((done) => first.app.process().on('exit', done))
  process.kill(first.pid, 'SIGKILL')
  await gone

  const second = await start()
  await expect(second.panel.getByRole('article', { name: 'Notes' })).toBeVisible()
  const left = await appProcesses(second.configFolder)
  expect(left.filter((pid) => orphans.includes(pid))).toEqual([])
})

test('a damaged database: the panel says so and the file stays as it was', async ({ start, home }) => {
  const first = await start()
  await createFirstUser(first.panel)
  await first.app.close()
  const file = join(home.configFolder, 'atek.db')
  const bytes = await readFile(file)
  bytes.fill(0x5a, 0, 4096)
  await writeFile(file, bytes)

  const second = await start()
  await expect(second.panel.getByRole('heading', { name: 'Atek could not start' })).toBeVisible()
  await expect(second.panel.getByText(file)).toBeVisible()
  await screenshot(second.panel, 'database-damaged')
  await second.app.close()
  expect((await readFile(file)).equals(bytes)).toBe(true)
})

test.describe('a taken port', () => {
  let taken: Server
  test.beforeEach(async () => {
    taken = createServer()
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done))
  })
  test.afterEach(() => taken.close())

  test('the next free one is used, and the panel says so', async ({ start }) => {
    const port = (taken.address() as { port: number }).port
    const { panel } = await start({ port })
    await createFirstUser(panel)
    await expect(panel.getByText(`Port ${port} is used by another program`)).toBeVisible()
    expect((await hostAddress(panel)).port).toBeGreaterThan(port)
  })
})
