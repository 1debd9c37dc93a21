import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { IdentityHeader } from '../contract/identity-headers.ts'
import type { User } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { TEST_AUTHORITY, TEST_CERTIFICATE, TEST_KEY, TEST_SELF_SIGNED } from '../testing/certificates.ts'
import { rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import type { TestBrowser } from '../testing/test-browser.ts'
import { headerText } from './identity-headers.ts'

let host: TestHost
let alice: User
let zoe: User
const servers: Server[] = []
let installed = 0

const HEADERS: IdentityHeader[] = [
  { name: 'X-User-Email', fact: 'email', domain: 'example.org' },
  { name: 'Remote-User', fact: 'username' },
  { name: 'X-Role', fact: 'role' },
]

beforeAll(async () => {
  host = await startTestHost({ authorities: [TEST_AUTHORITY] })
  alice = await host.user('alice')
  zoe = await host.user('Zoë 東@x')
})
afterAll(() => host.close())
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

interface Seen {
  method: string
  url: string
  rawHeaders: string[]
  body: string
}

/** An app somewhere else, which answers with what it was sent unless told otherwise. */
async function elsewhere(
  answer: (req: IncomingMessage, res: ServerResponse) => void = echo,
  tls?: { key: string; cert: string },
): Promise<string> {
  const server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`
}

function echo(req: IncomingMessage, res: ServerResponse): void {
  const chunks: Buffer[] = []
  req.on('data', (chunk) => chunks.push(chunk))
  req.on('end', () => {
    const { method, url, rawHeaders } = req
    res.end(JSON.stringify({ method, url, rawHeaders, body: Buffer.concat(chunks).toString() }))
  })
}

function install(
  address: string,
  { owner = 'system', identityHeaders = HEADERS }: { owner?: string; identityHeaders?: IdentityHeader[] } = {},
): Promise<AppRecord> {
  const sourceUrl = `upstream:${address}`
  const id = `wiki-${++installed}`
  return host.apps.install({ actor: 'system', allowScripts: false, sourceUrl, id, owner, identityHeaders })
}

function ask(app: AppRecord, browser: TestBrowser, path: string, lines: string[] = [], method = 'GET', body = '') {
  const name = `${app.id}.localhost`
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${name}:${host.port}`, `Cookie: ${browser.cookieHeader(name)}`]
  return rawRequest(host.port, [...head, ...lines], body)
}

/** Values under every name that some server reads as this one. */
function valuesOf({ rawHeaders }: Seen, name: string): string[] {
  const canonical = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '-')
  return rawHeaders.filter((_, i) => i % 2 === 1 && canonical(rawHeaders[i - 1] ?? '') === name)
}

const lastDetails = () => {
  const { rows } = host.recorder.list({ limit: 1, visible: () => true })
  return host.recorder.get(rows[0]?.seq ?? 0)
}

test('C23: an app at an address is behind the same sign-in, and told who calls under names of its choosing', async () => {
  const address = await elsewhere()
  const app = await install(`${address}/base/`)
  expect(app).toMatchObject({ sourceType: 'upstream', sourceUrl: `upstream:${address}/base`, packageFolder: '' })
  expect(host.apps.state(app.key)).toMatchObject({ state: 'running', process: null })

  const nobody = await rawRequest(host.port, ['GET / HTTP/1.1', `Host: ${app.id}.localhost:${host.port}`])
  expect(nobody.status).toBe(401)
  const browser = await host.signedIn('alice', app.id)
  const own = `http://${app.id}.localhost:${host.port}`
  const lines = ['Content-Length: 2', 'X-Forwarded-For: 6.6.6.6', `Origin: ${own}`]
  const seen = (await ask(app, browser, '/page?x=1', lines, 'POST', 'hi')).json() as Seen
  expect(seen).toMatchObject({ method: 'POST', url: '/base/page?x=1', body: 'hi' })
  expect(valuesOf(seen, 'atek-auth-user')).toEqual([alice.key])
  expect(valuesOf(seen, 'atek-auth-service')).toEqual([app.key])
  expect(valuesOf(seen, 'x-user-email')).toEqual(['alice@example.org'])
  expect(valuesOf(seen, 'remote-user')).toEqual(['alice'])
  expect(valuesOf(seen, 'x-role')).toEqual(['admin'])
  expect(valuesOf(seen, 'host')).toEqual([new URL(address).host])
  expect(valuesOf(seen, 'origin')).toEqual([address])
  expect(valuesOf(seen, 'x-forwarded-for')).toEqual(['127.0.0.1'])
  expect(valuesOf(seen, 'x-forwarded-host')).toEqual([`${app.id}.localhost:${host.port}`])
  expect(valuesOf(seen, 'cookie')).toEqual([])
})

const SPELLINGS = [
  'X-User-Email',
  'x-user-email',
  'X_User_Email',
  'X.User-Email',
  'X-User~Email',
  'REMOTE_USER',
  'remote.user',
]

test.each(SPELLINGS)('C23 A02: %s from a signed-in client never reaches an app that is told by it', async (name) => {
  const app = await install(await elsewhere())
  const browser = await host.signedIn('alice', app.id)
  const answer = await ask(app, browser, '/', [`${name}: root@example.org`, `${name}: bob`])
  const seen = answer.json() as Seen
  expect(answer.body).not.toContain('root@')
  expect(valuesOf(seen, 'x-user-email')).toEqual(['alice@example.org'])
  expect(valuesOf(seen, 'remote-user')).toEqual(['alice'])
  expect(JSON.stringify(lastDetails()?.authHeaders)).toContain('root@example.org')
})

test('C23: the record shows what was sent and what was received of the chosen headers', async () => {
  const app = await install(await elsewhere())
  const browser = await host.signedIn('alice', app.id)
  await ask(app, browser, '/', ['X-User-Email: bob@x.org', 'X_User_Email: eve@x.org'])
  expect(lastDetails()?.authHeaders).toMatchObject([
    { name: 'Atek-Auth-User', received: alice.key },
    { name: 'Atek-Auth-Service', received: app.key },
    { name: 'X-User-Email', sent: 'bob@x.org', received: 'alice@example.org', action: 'replaced' },
    { name: 'Remote-User', sent: null, received: 'alice', action: 'injected' },
    { name: 'X-Role', sent: null, received: 'admin', action: 'injected' },
    { name: 'Cookie', action: 'stripped' },
    { name: 'X_User_Email', sent: 'eve@x.org', received: null, action: 'stripped' },
  ])
})

test('C23: a name that is not ASCII is percent-encoded, and cannot become somebody else’s address', async () => {
  const app = await install(await elsewhere())
  const browser = await host.signedIn(zoe.username, app.id)
  const seen = (await ask(app, browser, '/')).json() as Seen
  expect(valuesOf(seen, 'remote-user')).toEqual(['Zo%C3%AB %E6%9D%B1@x'])
  expect(decodeURIComponent(valuesOf(seen, 'remote-user')[0] ?? '')).toBe(zoe.username)
  expect(valuesOf(seen, 'x-user-email')).toEqual(['Zo%C3%AB%20%E6%9D%B1%40x@example.org'])
  expect(valuesOf(seen, 'x-role')).toEqual(['user'])
  expect(headerText('a\r\nb: c%\ud800')).toBe('a%0D%0Ab: c%25%EF%BF%BD')
})

test.each([
  'Host',
  'Cookie',
  'Authorization',
  'Connection',
  'Transfer-Encoding',
  'Content-Length',
  'Upgrade',
  'Atek-Auth-User',
  'atek-x',
  'X-Forwarded-For',
  'X-Real-IP',
  'Forwarded',
  'Proxy-Authorization',
  'Sec-Fetch-Site',
  'Origin',
  'Via',
  'X_User',
  'X User',
  'X-User:',
  'X-User\r\nY',
  '',
])('C23: the name %j is refused', async (name) => {
  const address = await elsewhere()
  await expect(install(address, { identityHeaders: [{ name, fact: 'username' }] })).rejects.toMatchObject({
    code: 'BAD_INPUT',
  })
})

test('C23: which header is refused is told', async () => {
  const identityHeaders: IdentityHeader[] = [...HEADERS, { name: 'Host', fact: 'username' }]
  await expect(install(await elsewhere(), { identityHeaders })).rejects.toMatchObject({
    message: 'This header belongs to HTTP or to the host.',
    details: { field: `identityHeaders.${HEADERS.length}.name` },
  })
})

test('C23: two spellings of one name are refused', async () => {
  const identityHeaders: IdentityHeader[] = [
    { name: 'X-User', fact: 'username' },
    { name: 'x-user', fact: 'role' },
  ]
  await expect(install(await elsewhere(), { identityHeaders })).rejects.toMatchObject({ code: 'BAD_INPUT' })
})

test('C23: an app on this computer may choose headers, too, and a WebSocket over the gateway carries them', async () => {
  const app = await host.install('echo', 'system', 'local', {
    manifest: { exports: [{ api: 'test.org/local', path: '/ws/proxied', transport: 'proxy' }] },
  })
  await host.apps.configure('system', app.key, { identityHeaders: HEADERS })
  const browser = await host.signedIn('alice', app.id)
  const seen = (await ask(app, browser, '/', ['Remote_User: root'])).json() as Seen
  expect(valuesOf(seen, 'remote-user')).toEqual(['alice'])

  const cookie = browser.cookieHeader('atek.localhost')
  const headers = { Host: `atek.localhost:${host.port}`, Cookie: cookie, 'X-User-Email': 'root@x', Remote_User: 'root' }
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}/_atek/gateway?api=test.org/local`, { headers })
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  const told = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))))
  socket.send('headers')
  const text = await told
  expect(text).not.toContain('root')
  expect(text).toContain('alice@example.org')
  socket.close()
})

test('C23: addresses and cookies of an app elsewhere become those of the app here', async () => {
  const address = await elsewhere((req, res) => {
    res.setHeader('Set-Cookie', [
      'a=1; Domain=127.0.0.1; Path=/base/x; HttpOnly',
      'b=2; Path=/base',
      'c=3; Path=/other',
    ])
    const to = req.url?.split('?')[1]
    if (to === undefined) res.end()
    else res.writeHead(302, { Location: decodeURIComponent(to) }).end()
  })
  const { host: authority } = new URL(address)
  const app = await install(`${address}/base`)
  const browser = await host.signedIn('alice', app.id)
  const own = `http://${app.id}.localhost:${host.port}`
  const to = async (location: string) => {
    const answer = await ask(app, browser, `/go?${encodeURIComponent(location)}`)
    expect(answer.status).toBe(302)
    expect(answer.all('set-cookie')).toEqual(['a=1; Path=/x; HttpOnly', 'b=2; Path=/', 'c=3; Path=/other'])
    return answer.header('location')
  }
  expect(await to(`${address}/base/in?x#y`)).toBe(`${own}/in?x#y`)
  expect(await to(`https://${authority}/base`)).toBe(`${own}/`)
  expect(await to(`//${authority}/base/in`)).toBe(`${own}/in`)
  expect(await to('/base/in')).toBe('/in')
  expect(await to('in?x')).toBe('in?x')
  expect(await to('/basement')).toBe('/basement')
  expect(await to(`${address}/elsewhere`)).toBe(`${address}/elsewhere`)
  expect(await to('https://login.example.org/base/in')).toBe('https://login.example.org/base/in')
})

test.each(['/../admin', '/a/..', '/%2e%2e/admin', '/..%2fadmin', '/a/.%2E/b', '/..\\admin'])(
  'C23 C45: %s does not lead out of the path at which the app lives',
  async (path) => {
    let asked = 0
    const address = await elsewhere((_req, res) => {
      asked++
      res.end()
    })
    const app = await install(`${address}/base`)
    const browser = await host.signedIn('alice', app.id)
    const before = asked
    expect((await ask(app, browser, path)).status).toBe(400)
    expect(asked).toBe(before)
    expect((await ask(app, browser, '/ok?u=/../x')).status).toBe(200)
  },
)

test('C23: WebSockets work, carry the chosen headers, and end when the app is stopped', async () => {
  const address = await elsewhere()
  const server = servers.at(-1)
  if (server === undefined) throw new Error('There is no server.')
  const sockets = new WebSocketServer({ server, path: '/base/ws' })
  sockets.on('connection', (socket, req) => socket.on('message', () => socket.send(JSON.stringify(req.rawHeaders))))
  const app = await install(`${address}/base`)
  const browser = await host.signedIn('alice', app.id)
  const name = `${app.id}.localhost`
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}/ws`, {
    headers: { Host: `${name}:${host.port}`, Cookie: browser.cookieHeader(name), 'X-User_Email': 'root@x' },
    origin: `http://${name}:${host.port}`,
  })
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  const told = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))))
  socket.send('hello')
  const rawHeaders = JSON.parse(await told) as string[]
  const seen: Seen = { method: '', url: '', body: '', rawHeaders }
  expect(valuesOf(seen, 'x-user-email')).toEqual(['alice@example.org'])
  expect(valuesOf(seen, 'atek-auth-user')).toEqual([alice.key])
  expect(valuesOf(seen, 'origin')).toEqual([address])
  const closed = new Promise((resolve) => socket.on('close', resolve))
  await host.apps.stop(alice.key, app.key)
  await closed
  expect(host.apps.state(app.key).state).toBe('stopped')
  const answer = await ask(app, browser, '/', ['Accept: text/html'])
  expect(answer.status).toBe(503)
  expect(answer.body).toContain('"kind":"stopped"')
  await host.apps.start(alice.key, app.key)
  expect((await ask(app, browser, '/')).status).toBe(200)
  sockets.close()
})

test('C23: an https address must have a certificate that this computer trusts', async () => {
  const trusted = await install(await elsewhere(echo, { key: TEST_KEY, cert: TEST_CERTIFICATE }))
  const browser = await host.signedIn('alice', trusted.id)
  expect((await ask(trusted, browser, '/')).json()).toMatchObject({ method: 'GET' })

  const selfSigned = await install(await elsewhere(echo, { key: TEST_KEY, cert: TEST_SELF_SIGNED }))
  const state = host.apps.state(selfSigned.key)
  expect(state.state).toBe('unreachable')
  expect(state.unreachable).toMatch(/signed its certificate itself/)
  await browser.follow(`${host.edge.appAddress(selfSigned.id)}/`)
  const page = await ask(selfSigned, browser, '/', ['Accept: text/html'])
  expect(page.status).toBe(502)
  expect(page.body).toContain('"kind":"unavailable"')
  expect(page.body).toContain('signed its certificate itself')

  const address = await elsewhere(echo, { key: TEST_KEY, cert: TEST_CERTIFICATE })
  const otherName = await install(address.replace('localhost', '127.0.0.1'))
  expect(host.apps.state(otherName.key).unreachable).toMatch(/made for another name/)
})

test('C23: what cannot be reached says why, and its state too, and comes back by itself', async () => {
  const address = await elsewhere()
  const app = await install(address)
  const browser = await host.signedIn('alice', app.id)
  const { port } = new URL(address)
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const page = await ask(app, browser, '/x', ['Accept: text/html'])
  expect(page.status).toBe(502)
  expect(page.body).toContain('Nothing answers at its address.')
  await host.apps.restart('system', app.key)
  expect(host.apps.state(app.key)).toMatchObject({
    state: 'unreachable',
    unreachable: 'Nothing answers at its address.',
  })

  const again = createServer(echo)
  servers.push(again)
  await new Promise<void>((resolve) => again.listen(Number(port), '127.0.0.1', resolve))
  expect((await ask(app, browser, '/')).status).toBe(200)
})

test('C23: an address of the host itself is refused, whatever it is called', async () => {
  for (const name of [
    'localhost',
    '127.0.0.1',
    '127.1.2.3',
    '0x7f000001',
    'atek.localhost',
    'notes.localhost.',
    '[::1]',
    '0',
  ]) {
    await expect(install(`http://${name}:${host.port}`), name).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  }
  for (const bad of [
    'ftp://x',
    'http://',
    'http://u:p@x',
    'http://x/?q',
    'http://x/#h',
    'file:///etc',
    'http://x/a%2f..',
  ]) {
    await expect(install(bad), bad).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  }
})

test('C23: a request that comes round is stopped at its second time', async () => {
  let asked = 100
  // Another proxy that leads back: what a name known only to its name server would do.
  const address = await elsewhere((req, res) => {
    asked++
    if (asked > 3) return void res.writeHead(200).end('round and round')
    const headers = [...req.rawHeaders]
    headers[headers.findIndex((text) => text.toLowerCase() === 'host') + 1] = name
    headers.push('Cookie', cookie)
    request({ host: '127.0.0.1', port: host.port, path: req.url, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500)
      answer.pipe(res)
    }).end()
  })
  const app = await install(address)
  const browser = await host.signedIn('alice', app.id)
  const name = `${app.id}.localhost:${host.port}`
  const cookie = browser.cookieHeader(`${app.id}.localhost`)
  asked = 0
  expect((await ask(app, browser, '/')).status).toBe(508)
  expect(asked).toBe(1)
})

test('C23: another address is a change like any other, and counts at once', async () => {
  const app = await install(await elsewhere((_req, res) => void res.end('first')))
  const browser = await host.signedIn('alice', app.id)
  expect((await ask(app, browser, '/')).body).toBe('first')
  const next = await elsewhere((_req, res) => void res.end('second'))
  await host.apps.configure('system', app.key, { sourceUrl: `upstream:${next}` })
  expect((await ask(app, browser, '/')).body).toBe('second')
  const moved = host.apps.configure('system', app.key, { sourceUrl: 'npm:hello' })
  await expect(moved).rejects.toMatchObject({ code: 'BAD_INPUT' })
  const own = host.apps.configure('system', app.key, { sourceUrl: `upstream:http://localhost:${host.port}` })
  await expect(own).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  await host.apps.uninstall('system', app.key, { deleteData: true })
  expect(host.apps.target(app.key)).toBeNull()
})
