import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  type Browser,
  test as base,
  chromium,
  type ElectronApplication,
  _electron as electron,
  expect,
  type Page,
} from '@playwright/test'
import { findElectron } from '../electron/setup/electron.mjs'

const PROJECT = resolve(import.meta.dirname, '..')
const SCREENSHOTS = join(PROJECT, 'screenshots')
export const CHROMIUM = process.env.ATEK_CHROMIUM ?? '/usr/bin/chromium'
/** Chromium and Electron refuse their sandbox as root. Tests only; never in the packaged app. */
export const AS_ROOT = process.getuid?.() === 0 ? ['--no-sandbox'] : []

export const ADMIN = { username: 'alice', password: 'correct horse battery' }

export interface Desktop {
  app: ElectronApplication
  /** The control panel. */
  panel: Page
  configFolder: string
  /** Addresses that the panel handed to the system browser. */
  opened(): Promise<string[]>
  pid: number
}

export interface Home {
  folder: string
  configFolder: string
  userData: string
}

interface Fixtures {
  /** A person's folders, empty at first. */
  home: Home
  /** Starts the desktop app in this home; closed after the test. */
  start(options?: { port?: number; env?: Record<string, string> }): Promise<Desktop>
  /** Started, first account made, Apps open. */
  desktop: Desktop
  /** A real browser, apart from Electron's. */
  browser: Browser
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern.
  home: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'atek-e2e-'))
    await use({ folder, configFolder: join(folder, 'host'), userData: join(folder, 'user') })
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  },

  start: async ({ home }, use) => {
    const running: Desktop[] = []
    await use(async (options = {}) => {
      const desktop = await launch(home, options)
      running.push(desktop)
      return desktop
    })
    for (const { app } of running) await app.close().catch(() => {})
  },

  desktop: async ({ start }, use) => {
    const desktop = await start()
    await createFirstUser(desktop.panel)
    await use(desktop)
  },

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern.
  browser: async ({}, use) => {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...AS_ROOT, '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    })
    await use(browser)
    await browser.close()
  },
})

async function launch(home: Home, options: { port?: number; env?: Record<string, string> }): Promise<Desktop> {
  await mkdir(home.configFolder, { recursive: true })
  const configFile = join(home.configFolder, 'config.json')
  const existing = await readFile(configFile, 'utf8').catch(() => null)
  if (existing === null) await writeFile(configFile, JSON.stringify({ port: options.port ?? 0 }))
  const electronHere = await findElectron()
  if (electronHere === null) throw new Error('Electron is missing: run these tests with npm test.')
  const app = await electron.launch({
    executablePath: electronHere.executable,
    // As the system has it: Playwright would otherwise pretend a light one.
    colorScheme: null,
    args: [...AS_ROOT, `--user-data-dir=${home.userData}`, PROJECT],
    env: { ...(process.env as Record<string, string>), ATEK_CONFIG_DIR: home.configFolder, ...options.env },
  })
  insistOnAnswers(app)
  const panel = await app.firstWindow({ timeout: 20_000 })
  // The host has started, one way or the other.
  await expect(panel.getByRole('heading', { level: 1 }).first()).toBeVisible({ timeout: 30_000 })
  await app.evaluate(({ shell }) => {
    const opened: string[] = []
    Object.assign(globalThis, { openedByTest: opened })
    // The system browser is the test's own: it takes the address from here.
    shell.openExternal = async (url) => {
      opened.push(url)
    }
  })
  return {
    app,
    panel,
    configFolder: home.configFolder,
    opened: () => app.evaluate(() => (globalThis as unknown as { openedByTest: string[] }).openedByTest),
    pid: app.process().pid ?? 0,
  }
}

const ANSWER_MS = 10_000

/**
 * The main process's collector may take away the promise that the debugger waits for; then an evaluation fails for that
 * reason, or never answers. It is made again: what tests evaluate may be done twice.
 */
function insistOnAnswers(app: ElectronApplication): void {
  const evaluate = app.evaluate.bind(app) as (...args: unknown[]) => Promise<unknown>
  const insist = async (...args: unknown[]): Promise<unknown> => {
    for (let left = 5; ; left--) {
      let timer: NodeJS.Timeout | undefined
      const silence = new Promise<never>((_, fail) => {
        timer = setTimeout(() => fail(new Error('The main process gave no answer: garbage collected?')), ANSWER_MS)
      })
      try {
        return await Promise.race([evaluate(...args), silence])
      } catch (error) {
        if (left === 0 || !String(error).includes('garbage collected')) throw error
      } finally {
        clearTimeout(timer)
      }
    }
  }
  Object.assign(app, { evaluate: insist })
}

export async function createFirstUser(panel: Page): Promise<void> {
  await expect(panel.getByRole('heading', { name: 'Welcome to Atek' })).toBeVisible()
  await panel.getByRole('textbox', { name: 'Username' }).fill(ADMIN.username)
  await panel.getByRole('textbox', { name: 'Password', exact: true }).fill(ADMIN.password)
  await panel.getByRole('textbox', { name: 'Confirm password' }).fill(ADMIN.password)
  await panel.getByRole('button', { name: 'Create account' }).click()
  await expect(panel.getByRole('link', { name: 'Apps' })).toBeVisible()
}

/** Installs from the dialog's tab and waits until the app runs. */
export async function installApp(
  panel: Page,
  from: { tab: 'Folder' | 'Git' | 'npm'; source: string } | { example: string },
): Promise<void> {
  await panel.getByRole('link', { name: 'Apps' }).click()
  await panel.getByRole('button', { name: 'Install app' }).first().click()
  const dialog = panel.getByRole('dialog')
  if ('example' in from) {
    await dialog.getByRole('tab', { name: 'Examples' }).click()
    await dialog.getByText(from.example, { exact: true }).click()
  } else {
    await dialog.getByRole('tab', { name: from.tab }).click()
    await dialog.getByRole('textbox', { name: 'Source' }).fill(from.source)
  }
  const review = dialog.getByRole('button', { name: 'Review' })
  if (await review.isVisible()) await review.click()
  await dialog.getByRole('button', { name: 'Install', exact: true }).click()
  await expect(panel.getByText('Running', { exact: true }).first()).toBeVisible({ timeout: 30_000 })
}

/** The page that "Open" leads to, in a fresh context of a real browser. */
export async function openInBrowser(desktop: Desktop, browser: Browser, click: () => Promise<void>): Promise<Page> {
  const before = (await desktop.opened()).length
  await click()
  await expect.poll(async () => (await desktop.opened()).length).toBeGreaterThan(before)
  const url = (await desktop.opened()).at(-1) ?? ''
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** The address that the panel's window shows for the host, read over IPC as the panel does. */
export async function hostAddress(panel: Page): Promise<{ port: number; domain: string }> {
  const result = await panel.evaluate(() =>
    (globalThis as unknown as { atek: { control(method: string, input: unknown): Promise<unknown> } }).atek.control(
      'host.status',
      {},
    ),
  )
  return (result as { value: { port: number; domain: string } }).value
}

export interface RawRequest {
  /** The Host header. */
  host: string
  path: string
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** A request as no browser would make it: to the loopback address, with a Host header of its own. */
export function rawRequest(port: number, options: RawRequest): Promise<{ status: number; body: string }> {
  const { host, path, method = 'GET', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { ...headers, Host: host } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Processes of apps that belong to this config folder, by what the host gave them. */
export async function appProcesses(configFolder: string): Promise<number[]> {
  const found: number[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const environment = await readFile(join('/proc', entry, 'environ'), 'latin1').catch(() => '')
    if (environment.includes('ATEK_ASSIGNED_SERVICE_KEY=') && environment.includes(`=${configFolder}/`)) {
      found.push(Number(entry))
    }
  }
  return found
}

/** Writes a screenshot for looking at, into a folder that git ignores. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true })
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
}

export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' })
}

export { expect, type Page }
