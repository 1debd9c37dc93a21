import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Browser, Page } from '@playwright/test'
import { AS_ROOT, CHROMIUM, expect } from './fixtures.ts'

export interface NetworkPanel {
  page: Page
  /** Chooses a file with the panel's own "Import HAR file…", in place of what is shown. */
  importHar(file: string): Promise<void>
  close(): Promise<void>
}

/**
 * The network panel of Chromium's own developer tools, in a window of `browser`. A second Chromium serves it, as it
 * does for every debugger that comes from elsewhere, and is the one that is looked into.
 */
export async function openNetworkPanel(browser: Browser, profile: string): Promise<NetworkPanel> {
  const looked = spawn(
    CHROMIUM,
    [
      ...AS_ROOT,
      '--headless=new',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--remote-debugging-port=0',
      '--remote-allow-origins=*',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = new Promise<void>((done) => looked.once('exit', () => done()))
  const close = async () => {
    looked.kill()
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const port = await Promise.race([portOf(looked.stderr), ended.then(() => null)])
    if (port === null) throw new Error('Chromium ended before it could be looked into.')
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`)
    const targets = (await answer.json()) as { id: string; type: string }[]
    const target = targets.find(({ type }) => type === 'page')
    const context = await browser.newContext({ viewport: { width: 1500, height: 800 } })
    const page = await context.newPage()
    const socket = `127.0.0.1:${port}/devtools/page/${target?.id}`
    await page.goto(`http://127.0.0.1:${port}/devtools/inspector.html?ws=${socket}&panel=network`)
    await page.getByRole('button', { name: /^Toggle screencast/ }).click()
    const choose = page.getByRole('button', { name: /^Import HAR/ })
    await expect(choose).toBeVisible({ timeout: 30_000 })
    return {
      page,
      importHar: async (file) => {
        await page.getByRole('button', { name: /^Clear network log/ }).click()
        const [chooser] = await Promise.all([page.waitForEvent('filechooser'), choose.click()])
        await chooser.setFiles(file)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Chromium says where it listens in a line of its own; null when it says nothing more. */
async function portOf(errors: NodeJS.ReadableStream): Promise<string | null> {
  for await (const line of createInterface(errors)) {
    const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line)?.[1]
    if (port !== undefined) {
      errors.resume()
      return port
    }
  }
  return null
}
