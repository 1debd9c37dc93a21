import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Request } from '@playwright/test'
import {
  ADMIN,
  AS_ROOT,
  CHROMIUM,
  createFirstUser,
  type Desktop,
  expect,
  hostAddress,
  installApp,
  type Page,
  test,
} from './fixtures.ts'

/** Counts what changes it, and what opens a WebSocket to it. */
const VICTIM = `const crypto = require('node:crypto')
let changes = 0, sockets = 0
const server = require('node:http').createServer((req, res) => {
  res.setHeader('Content-Type', 'text/html')
  if (req.url === '/counts') return res.end(JSON.stringify({ changes, sockets, user: req.headers['atek-auth-user'] }))
  if (req.url === '/quiet') res.setHeader('Referrer-Policy', 'no-referrer')
  if (req.method !== 'GET' && req.method !== 'HEAD') changes++
  res.end('<h1>Victim</h1><form method="post" action="/change"><button>Save</button></form>')
})
server.on('upgrade', (req, socket) => {
  sockets++
  const accept = crypto.createHash('sha1').update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n')
})
server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

const ATTACKER = `require('node:http').createServer((req, res) => {
  const domain = (req.headers.host ?? '').split(':')[0].split('.').slice(1).join('.')
  if (req.url === '/toss') res.setHeader('Set-Cookie', ['tossed=1; Path=/; Domain=' + domain, 'atek_app=tossed; Path=/; Domain=' + domain])
  res.setHeader('Content-Type', 'text/html')
  res.end('<h1>Attacker</h1>')
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

interface Attack {
  port: number
  domain: string
  victim: Page
  attacker: Page
  host: string
}

const change = (attack: Attack) => `http://victim.${attack.domain}:${attack.port}/change`

let folder: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atek-cross-'))
  for (const [name, source] of [
    ['victim', VICTIM],
    ['attacker', ATTACKER],
  ] as const) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'index.js'), source)
    await writeFile(join(folder, name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }))
  }
})
test.afterEach(() => rm(folder, { recursive: true, force: true }))

/** Both apps installed, and open in one browser in which alice is signed in. */
async function prepare(desktop: Desktop, browser: Browser): Promise<Attack> {
  const { panel } = desktop
  await installApp(panel, { tab: 'Folder', source: join(folder, 'victim') })
  await installApp(panel, { tab: 'Folder', source: join(folder, 'attacker') })
  const { port, domain } = await hostAddress(panel)
  const context = await browser.newContext()
  const victim = await context.newPage()
  await victim.goto(`http://victim.${domain}:${port}/`)
  await victim.getByRole('textbox', { name: 'Username' }).fill(ADMIN.username)
  await victim.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
  await victim.getByRole('button', { name: 'Sign in' }).click()
  await expect(victim.getByRole('heading', { name: 'Victim' })).toBeVisible()
  const attacker = await context.newPage()
  await attacker.goto(`http://attacker.${domain}:${port}/`)
  await expect(attacker.getByRole('heading', { name: 'Attacker' })).toBeVisible()
  return { port, domain, victim, attacker, host: `http://atek.${domain}:${port}` }
}

const counts = (page: Page) =>
  page.evaluate(
    async () => (await (await fetch('/counts')).json()) as { changes: number; sockets: number; user: string },
  )

/** Everything with which a page can send something elsewhere, with the person's cookies where the browser adds them. */
async function sendFrom(page: Page, url: string, body = 'x=1'): Promise<string[]> {
  const isFramed = (request: Request) => request.method() === 'POST' && request.isNavigationRequest()
  // Where the browser itself does not let the frame ask, there is nothing to wait for.
  const waiting = { predicate: isFramed, timeout: 3000 }
  const framed = Promise.any([
    page.waitForEvent('requestfinished', waiting),
    page.waitForEvent('requestfailed', waiting),
  ]).catch(() => {})
  const said = await page.evaluate(
    async ([url, body]) => {
      const said: string[] = []
      const say = (what: string, call: Promise<Response>) =>
        call.then(
          (answer) => said.push(`${what} ${answer.type === 'opaque' ? 'opaque' : answer.status}`),
          () => said.push(`${what} refused`),
        )
      const all = { credentials: 'include', body } as const
      await say('simple', fetch(url, { ...all, method: 'POST', mode: 'no-cors' }))
      await say('readable', fetch(url, { ...all, method: 'POST' }))
      for (const method of ['PUT', 'PATCH', 'DELETE']) await say(method, fetch(url, { ...all, method }))
      await say('json', fetch(url, { ...all, method: 'POST', headers: { 'content-type': 'application/json' } }))
      navigator.sendBeacon(url, body)
      const frame = document.createElement('iframe')
      frame.name = 'hidden'
      document.body.append(frame)
      const form = document.createElement('form')
      Object.assign(form, { method: 'post', action: url, enctype: 'text/plain', target: 'hidden' })
      const field = document.createElement('input')
      ;[field.name = '', field.value = ''] = body.split('=', 2)
      form.append(field)
      document.body.append(form)
      form.submit()
      return said
    },
    [url, body] as const,
  )
  // In the hidden frame, where the host's answers are not shown.
  await framed
  return said
}

/** A form that the person is made to press, in the window itself. */
async function postInWindow(page: Page, url: string): Promise<number> {
  const answer = page.waitForResponse((response) => response.url() === url && response.request().method() === 'POST')
  await page.evaluate((url) => {
    const form = document.createElement('form')
    Object.assign(form, { method: 'post', action: url })
    document.body.append(form)
    form.submit()
  }, url)
  const { status } = { status: (await answer).status() }
  await page.waitForLoadState()
  return status
}

const openSocket = (page: Page, url: string) =>
  page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url)
        socket.onopen = () => resolve('open')
        socket.onerror = () => resolve('refused')
      }),
    url,
  )

async function expectSignedIn({ host, victim }: Attack): Promise<void> {
  const page = await victim.context().newPage()
  expect((await page.goto(`${host}/_atek/apps`))?.url()).toBe(`${host}/_atek/apps`)
  await page.close()
}

test('A21 A22 C25: a page of a sibling app changes nothing at another app or at the host, and opens no WebSocket', async ({
  desktop,
  browser,
}) => {
  const attack = await prepare(desktop, browser)
  const { victim, attacker, host, port, domain } = attack
  const { user } = await counts(victim)
  // To this browser siblings under localhost are sites of their own: SameSite keeps the cookies at home already.
  const carried: string[] = []
  attacker.on('request', async (request) => {
    const { cookie } = await request.allHeaders()
    if (!request.url().startsWith(`http://attacker.${domain}`) && cookie !== undefined) carried.push(cookie)
  })
  for (const url of [change(attack), `${host}/_atek/logout`, `${host}/_atek/gateway?api=atek.cloud/users-api`]) {
    const unread = ['readable', 'PUT', 'PATCH', 'DELETE', 'json'].map((what) => `${what} refused`)
    expect((await sendFrom(attacker, url)).slice(1), url).toEqual(unread)
  }
  const reads = await attacker.evaluate(
    (urls) =>
      Promise.all(
        urls.map((url) =>
          fetch(url, { credentials: 'include' }).then(
            () => 'read',
            () => 'refused',
          ),
        ),
      ),
    [change(attack), `${host}/_atek/apps`],
  )
  expect(reads).toEqual(['refused', 'refused'])
  expect(await openSocket(attacker, `ws://victim.${domain}:${port}/ws`)).toBe('refused')
  expect(await openSocket(attacker, `ws://atek.${domain}:${port}/_atek/gateway?api=x`)).toBe('refused')
  // A sandboxed frame of the app's own page has the Origin null.
  const inSandbox = await victim.evaluate(
    (url) =>
      new Promise((resolve) => {
        addEventListener('message', (event) => resolve(event.data), { once: true })
        const frame = document.createElement('iframe')
        frame.setAttribute('sandbox', 'allow-scripts')
        frame.srcdoc = `<script>
          const socket = new WebSocket('${url.replace('http', 'ws')}')
          socket.onopen = () => parent.postMessage('open', '*')
          socket.onerror = () => fetch('${url}', { method: 'POST', mode: 'no-cors', credentials: 'include' })
            .then(() => parent.postMessage('refused', '*'))
        </script>`
        document.body.append(frame)
      }),
    change(attack),
  )
  expect(inSandbox).toBe('refused')
  expect([401, 403]).toContain(await postInWindow(attacker, change(attack)))
  expect(await counts(victim)).toEqual({ changes: 0, sockets: 0, user })
  expect(carried).toEqual([])
  await expectSignedIn(attack)

  // The app's own page: it may, also where it tells no referrer and its forms have the Origin null.
  expect(await sendFrom(victim, change(attack))).toContain('PUT 200')
  expect(await openSocket(victim, `ws://victim.${domain}:${port}/ws`)).toBe('open')
  const before = (await counts(victim)).changes
  await victim.goto(change(attack).replace('/change', '/quiet'))
  await victim.getByRole('button', { name: 'Save' }).click()
  await victim.waitForURL('**/change')
  await expect(victim.getByRole('heading', { name: 'Victim' })).toBeVisible()
  expect((await counts(victim)).changes).toBe(before + 1)
})

test('A23 A25 A26: another server on this computer neither reads nor rides the session, nor guesses passwords', async ({
  desktop,
  browser,
}) => {
  const attack = await prepare(desktop, browser)
  const { victim, host, port } = attack
  const cookies: string[] = []
  const other = createServer((request, response) => {
    cookies.push(`${request.headers.host?.split(':')[0]} ${request.headers.cookie ?? ''}`)
    response.setHeader('content-type', 'text/html').end('<h1>Another server</h1>')
  })
  await new Promise<void>((resolve) => other.listen(0, resolve))
  try {
    const page = await victim.context().newPage()
    const elsewhere = (other.address() as AddressInfo).port
    const { user } = await counts(victim)
    const call =
      '{"jsonrpc":"2.0","id":1,"method":"create","params":[{"username":"eve","password":"evil evil evil","role":"admin"}]}'
    const gateway = '/_atek/gateway?api=atek.cloud/users-api'
    // Also under the very names of the host and its apps, which are one site with it whatever the port.
    for (const name of ['localhost', 'atek.localhost', 'victim.localhost']) {
      await page.goto(`http://${name}:${elsewhere}/`)
      for (const url of [`${host}${gateway}`, `http://localhost:${port}${gateway}`, change(attack)]) {
        expect(await sendFrom(page, url, call), `${name} ${url}`).not.toContainEqual(expect.stringMatching(/ 2\d\d$/))
      }
      const readable = await page.evaluate(
        (urls) =>
          Promise.all(
            urls.map((url) =>
              fetch(url, { credentials: 'include' }).then(
                () => 'read',
                () => 'refused',
              ),
            ),
          ),
        [`${host}/_atek/apps`, change(attack), `http://localhost:${port}/`],
      )
      expect(readable).toEqual(['refused', 'refused', 'refused'])
      expect(await openSocket(page, change(attack).replace('http', 'ws'))).toBe('refused')
      // Guesses, the right password among them: from a foreign page none is even tried, so none locks anybody out.
      for (const password of [...Array.from({ length: 12 }, (_, i) => `guess number ${i}`), ADMIN.password]) {
        await page.evaluate(
          ([url, body]) =>
            fetch(url, {
              method: 'POST',
              mode: 'no-cors',
              credentials: 'include',
              body: new URLSearchParams(body),
            }).catch(() => {}),
          [`${host}/_atek/login`, `username=${ADMIN.username}&password=${password}`] as const,
        )
      }
      expect(await page.evaluate(() => document.cookie)).not.toContain('atek_')
    }
    // Cookies know no ports, so our own names would get theirs anywhere; the name that all servers share gets none.
    expect(cookies.filter((line) => line.startsWith('localhost ') && line.includes('atek_'))).toEqual([])
    expect(await counts(victim)).toEqual({ changes: 0, sockets: 0, user })
    await expectSignedIn(attack)

    await desktop.panel.getByRole('link', { name: 'Users' }).click()
    await expect(desktop.panel.getByRole('row').filter({ hasText: 'alice' }).first()).toBeVisible()
    await expect(desktop.panel.getByRole('row').filter({ hasText: 'eve' })).toHaveCount(0)
    const fresh = await (await browser.newContext()).newPage()
    await fresh.goto(`${host}/_atek/login`)
    await fresh.getByRole('textbox', { name: 'Username' }).fill(ADMIN.username)
    await fresh.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password)
    await fresh.getByRole('button', { name: 'Sign in' }).click()
    await expect(fresh.getByRole('heading', { level: 1 })).toBeVisible()
    expect(fresh.url()).not.toContain('login')
  } finally {
    other.closeAllConnections()
    other.close()
  }
})

test('A22 A24 C25: the same where siblings are one site to the browser, and cookies can be set for all of them', async ({
  home,
  start,
}) => {
  const domain = 'apps.example'
  await mkdir(home.configFolder, { recursive: true })
  await writeFile(join(home.configFolder, 'config.json'), JSON.stringify({ port: 0, domain }))
  const desktop = await start()
  await createFirstUser(desktop.panel)
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...AS_ROOT, '--disable-gpu', `--host-resolver-rules=MAP *.${domain} 127.0.0.1`],
  })
  try {
    const attack = await prepare(desktop, browser)
    const { victim, attacker, host } = attack
    const { user } = await counts(victim)
    // Here the browser does send the app's cookie along: only the Origin tells.
    const sent: string[] = []
    attacker.on('request', async (request) => {
      const { cookie } = await request.allHeaders()
      if (request.url() === change(attack) && cookie !== undefined) sent.push(cookie)
    })
    for (const url of [change(attack), `${host}/_atek/logout`, `${host}/_atek/gateway?api=atek.cloud/users-api`]) {
      expect(await sendFrom(attacker, url)).not.toContainEqual(expect.stringMatching(/ 2\d\d$/))
    }
    expect(await postInWindow(attacker, change(attack))).toBe(403)
    expect(await attacker.textContent('body')).toContain('FOREIGN_ORIGIN')
    expect(sent.some((cookie) => cookie.includes('atek_app='))).toBe(true)
    expect(await counts(victim)).toEqual({ changes: 0, sockets: 0, user })
    await expectSignedIn(attack)

    // What an app's answer sets is its own name's alone.
    await attacker.goto(`http://attacker.${domain}:${attack.port}/toss`)
    const tossed = (await attacker.context().cookies()).filter(
      ({ name, value }) => name === 'tossed' || value === 'tossed',
    )
    expect(tossed).toMatchObject([{ name: 'tossed', domain: `attacker.${domain}` }])
    expect(await counts(victim)).toEqual({ changes: 0, sockets: 0, user })

    // What its script sets for all names nobody can keep from the browser; two sessions are neither of them believed.
    await attacker.evaluate((domain) => {
      // biome-ignore lint/suspicious/noDocumentCookie: as an attacker would.
      document.cookie = `atek_app=${'x'.repeat(43)}; path=/; domain=${domain}`
    }, domain)
    const answer = await victim.goto(change(attack).replace('/change', '/'))
    expect(answer?.status()).toBe(400)
    expect((await answer?.allHeaders())?.['clear-site-data']).toBe('"cookies"')
  } finally {
    await browser.close()
  }
})
