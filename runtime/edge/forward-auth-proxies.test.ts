import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { User } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { freePort, type ProxyKind, startProxy } from '../testing/proxy-process.ts'
import { type RawAnswer, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import { TestBrowser } from '../testing/test-browser.ts'

interface Seen {
  method: string
  url: string
  rawHeaders: string[]
  body: string
}

describe.each<ProxyKind>(['nginx', 'caddy'])('%s, configured as documented', (kind) => {
  let host: TestHost
  let alice: User
  let wiki: AppRecord
  let backend: Server
  let proxy: { close(): Promise<void> }
  let port: number
  let outside: string
  let asked = 0

  beforeAll(async () => {
    host = await startTestHost()
    alice = await host.user('alice')
    await host.user('Zoë')
    backend = createServer((req, res) => {
      asked++
      const chunks: Buffer[] = []
      req.on('data', (chunk) => chunks.push(chunk))
      req.on('end', () => {
        const { method, url, rawHeaders } = req
        res.end(JSON.stringify({ method, url, rawHeaders, body: Buffer.concat(chunks).toString() }))
      })
    })
    const sockets = new WebSocketServer({ server: backend, path: '/ws' })
    sockets.on('connection', (socket, req) => socket.on('message', () => socket.send(JSON.stringify(req.rawHeaders))))
    await new Promise<void>((done) => backend.listen(0, '127.0.0.1', done))
    const { port: appPort } = backend.address() as AddressInfo
    port = await freePort()
    outside = `http://wiki.localhost:${port}`
    const sourceUrl = `upstream:http://127.0.0.1:${appPort}`
    wiki = await host.apps.install({ actor: 'system', allowScripts: false, sourceUrl, id: 'wiki', owner: 'system' })
    await host.apps.configure('system', wiki.key, { externalOrigins: [outside] })
    proxy = await startProxy(kind, { host: host.port, app: appPort, proxy: port })
  }, 60_000)
  afterAll(async () => {
    await proxy?.close()
    await host?.close()
    backend?.close().closeAllConnections()
  })

  /** A browser that signed in by way of the proxy's address, and all the addresses on the way. */
  async function signedIn(name: string, path = '/') {
    const browser = new TestBrowser(host.port, { [`:${port}`]: port })
    const begun = await browser.follow(`${outside}${path}`)
    expect(begun.urls.at(-1)).toContain('/_atek/login')
    await browser.signIn(host.edge.address(), name, 'correct horse battery')
    const redirect = new URL(begun.urls.at(-1) ?? '').searchParams.get('redirect') ?? ''
    const { answer, urls } = await browser.follow(`${host.edge.address()}${redirect}`)
    return { browser, answer, urls }
  }

  function ask(
    browser: TestBrowser | null,
    path: string,
    lines: string[] = [],
    method = 'GET',
    body = '',
  ): Promise<RawAnswer> {
    const cookie = browser === null ? [] : [`Cookie: theme=dark; ${browser.cookieHeader('wiki.localhost')}`]
    return rawRequest(port, [`${method} ${path} HTTP/1.1`, `Host: wiki.localhost:${port}`, ...cookie, ...lines], body)
  }

  function valuesOf({ rawHeaders }: Seen, name: string): string[] {
    const canonical = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '-')
    return rawHeaders.filter((_, i) => i % 2 === 1 && canonical(rawHeaders[i - 1] ?? '') === name)
  }

  test('C24: a person signs in on the way to a page, and comes back to it', async () => {
    const { answer, urls } = await signedIn('alice', '/deep/page?x=1&y=%2F')
    expect(urls.at(-1)).toBe(`${outside}/deep/page?x=1&y=%2F`)
    const seen = answer.json() as Seen
    expect(seen.url).toBe('/deep/page?x=1&y=%2F')
    expect(valuesOf(seen, 'atek-auth-user')).toEqual([alice.key])
  })

  test('C24: the app is told who calls, and nothing that the caller says about it', async () => {
    const { browser } = await signedIn('alice')
    const names = ['Atek-Auth-User', 'Atek-Auth-Service', 'Remote-User', 'Remote-Name', 'Remote-Groups']
    const spellings = names.flatMap((name) => [
      name,
      name.toLowerCase(),
      name.replaceAll('-', '_'),
      name.replaceAll('-', '.'),
    ])
    const forged = spellings.flatMap((name) => [`${name}: root`, `${name}: root2`])
    const answer = await ask(browser, '/', [...forged, 'Authorization: Basic cm9vdDpyb290'])
    expect(answer.status).toBe(200)
    const seen = answer.json() as Seen
    expect(valuesOf(seen, 'atek-auth-user')).toEqual([alice.key])
    expect(valuesOf(seen, 'atek-auth-service')).toEqual([wiki.key])
    expect(valuesOf(seen, 'remote-user')).toEqual(['alice'])
    expect(valuesOf(seen, 'remote-name')).toEqual(['alice'])
    expect(valuesOf(seen, 'remote-groups')).toEqual(['admin'])
    expect(answer.body).not.toContain('root')
    expect(valuesOf(seen, 'authorization')).toEqual([])
    // A06: Atek's cookies stay out of the app's sight, its own do not.
    expect(valuesOf(seen, 'cookie').join()).toContain('theme=dark')
    expect(answer.body).not.toContain('atek_')
  })

  test('C24: the body of a POST reaches the app', async () => {
    const { browser } = await signedIn('Zoë')
    const body = 'x'.repeat(100_000)
    const lines = [`Content-Length: ${body.length}`, `Origin: ${outside}`]
    const seen = (await ask(browser, '/save', lines, 'POST', body)).json() as Seen
    expect(seen).toMatchObject({ method: 'POST', url: '/save', body })
    expect(valuesOf(seen, 'remote-user')).toEqual(['Zo%C3%AB'])
    expect(valuesOf(seen, 'remote-groups')).toEqual(['user'])
  })

  test('C24 C25: what changes something, and a WebSocket, must come from the app’s own page', async () => {
    const { browser } = await signedIn('alice')
    const before = asked
    for (const origin of ['http://evil.test', 'null', `http://other.localhost:${host.port}`]) {
      expect((await ask(browser, '/save', [`Origin: ${origin}`, 'Content-Length: 1'], 'POST', 'x')).status).toBe(403)
      await expect(webSocket(browser, origin)).rejects.toThrow('403')
    }
    expect(asked).toBe(before)
  })

  function webSocket(browser: TestBrowser, origin: string): Promise<string[]> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, {
      headers: {
        Host: `wiki.localhost:${port}`,
        Cookie: browser.cookieHeader('wiki.localhost'),
        'Remote-User': 'root',
      },
      origin,
    })
    return new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('open', () => socket.send('headers'))
      socket.once('message', (data) => {
        socket.close()
        resolve(JSON.parse(String(data)) as string[])
      })
    })
  }

  test('C24: a WebSocket is let through with the same headers', async () => {
    const { browser } = await signedIn('alice')
    const rawHeaders = await webSocket(browser, outside)
    expect(valuesOf({ method: '', url: '', body: '', rawHeaders }, 'remote-user')).toEqual(['alice'])
  })

  test('C24: who is not signed in gets 401, and a page load the way to sign in; the app hears of neither', async () => {
    const before = asked
    expect((await ask(null, '/')).status).toBe(401)
    expect((await ask(null, '/save', ['Content-Length: 1'], 'POST', 'x')).status).toBe(401)
    const page = await ask(null, '/page', ['Accept: text/html', 'Remote-User: root'])
    expect(page.status).toBe(303)
    expect(page.header('location')).toMatch(new RegExp(`^${outside}/_atek/auth/begin\\?service=wiki&at=`))
    expect(asked).toBe(before)
  })

  test('C24: an ended session is refused at the next request', async () => {
    const { browser } = await signedIn('alice')
    expect((await ask(browser, '/')).status).toBe(200)
    host.identity.sessions.endAll(alice.key, alice.key)
    expect((await ask(browser, '/')).status).toBe(401)
  })

  test('C24: what answers the proxy cannot be asked from outside', async () => {
    const { browser } = await signedIn('alice')
    const before = asked
    for (const path of ['/atek-validate', '/_atek/auth/validate?service=wiki', '/_atek/gateway', '/_atek/login']) {
      const answer = await ask(browser, path)
      expect(answer.header('atek-auth-user')).toBeNull()
      expect(answer.header('cookie')).toBeNull()
      // To the app, as every other path, or to nobody.
      expect([200, 404]).toContain(answer.status)
    }
    expect(asked).toBeGreaterThan(before)
  })

  test('C24: a stopped app, and one that is somebody else’s, is refused', async () => {
    const { browser } = await signedIn('alice')
    await host.apps.stop('system', wiki.key)
    expect((await ask(browser, '/')).status).toBe(403)
    await host.apps.start('system', wiki.key)
    expect((await ask(browser, '/')).status).toBe(200)
    const zoe = host.identity.users.byName('Zoë')
    host.storage.apps.update(wiki.key, { owner: zoe?.key ?? '' })
    await host.apps.configure('system', wiki.key, { autostart: 'on-request' })
    expect((await ask(browser, '/')).status).toBe(403)
    host.storage.apps.update(wiki.key, { owner: 'system' })
    await host.apps.configure('system', wiki.key, { autostart: 'on-request' })
  })
})
