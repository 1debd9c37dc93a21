import { afterAll, beforeAll, expect, test } from 'vitest'
import type { User } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import type { TestBrowser } from '../testing/test-browser.ts'

let host: TestHost
let alice: User
let bob: User
let notes: AppRecord
let browser: TestBrowser

beforeAll(async () => {
  host = await startTestHost({ systemAuthTokens: ['5e'.repeat(32)] })
  alice = await host.user('alice')
  bob = await host.user('bob')
  notes = await host.install('echo', alice.key, 'notes', { manifest: { title: 'Notes' } })
  browser = await host.signedIn('alice', 'notes')
})
afterAll(() => host.close())

interface Echo {
  method: string
  url: string
  rawHeaders: string[]
  rawTrailers: string[]
  body: string
}

/** Sends header lines as they are, with alice's cookie unless told, and returns what the app saw. */
async function seen(lines: string[], options: { method?: string; body?: string; cookie?: string } = {}): Promise<Echo> {
  const { method = 'GET', body = '', cookie = browser.cookieHeader('notes.localhost') } = options
  const answer = await rawRequest(
    host.port,
    [`${method} / HTTP/1.1`, `Host: notes.localhost:${host.port}`, `Cookie: ${cookie}`, ...lines],
    body,
  )
  expect(answer.status, answer.body).toBe(200)
  return answer.json() as Echo
}

/** Values under every name that some server reads as this one. */
function valuesOf(echo: Echo, name: string): string[] {
  const canonical = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '-')
  return echo.rawHeaders.filter((_, i) => i % 2 === 1 && canonical(echo.rawHeaders[i - 1] ?? '') === name)
}

function expectOnlyOurs(echo: Echo): void {
  expect(valuesOf(echo, 'atek-auth-user')).toEqual([alice.key])
  expect(valuesOf(echo, 'atek-auth-service')).toEqual([notes.key])
  const atek = echo.rawHeaders.filter((text, i) => i % 2 === 0 && /^atek/i.test(text))
  expect(atek).toEqual(['Atek-Auth-User', 'Atek-Auth-Service', 'Atek-Request-Id'])
}

test('C20: an app gets one Atek-Auth-User and one Atek-Auth-Service, the host’s', async () => {
  expectOnlyOurs(await seen([]))
})

const SPELLINGS = ['', '_', '.', '~', '!', '#', '$', '%', '&', "'", '*', '+', '^', '`', '|']
  .filter((odd) => odd !== '')
  .flatMap((odd) => [`Atek${odd}Auth${odd}User`, `Atek-Auth${odd}User`, `atek${odd}auth-service`])

test.each([
  ['Atek-Auth-User'],
  ['atek-auth-user'],
  ['ATEK-AUTH-SERVICE'],
  ['aTeK-aUtH-UsEr'],
  ['Atek-Anything-Else'],
  ...SPELLINGS.map((name) => [name]),
])('A01 A02: %s from a signed-in client does not reach the app', async (name) => {
  expectOnlyOurs(await seen([`${name}: ${bob.key}`, `${name}: system`]))
})

test('A01: not in trailers either', async () => {
  const body = `5\r\nhello\r\n0\r\nAtek-Auth-User: ${bob.key}\r\nX-Other: 1\r\n\r\n`
  const lines = ['Transfer-Encoding: chunked', 'Trailer: Atek-Auth-User']
  const echo = await seen(lines, { method: 'POST', body })
  expectOnlyOurs(echo)
  expect(echo.body).toBe('hello')
  expect(echo.rawTrailers).toEqual([])
})

test('A03: requests that do not go to an app are not let in by the headers either', async () => {
  const forged = [`Atek-Auth-User: ${alice.key}`, `Atek-Auth-Service: ${notes.key}`]
  const ask = (target: string, name: string, more: string[] = []) =>
    rawRequest(host.port, [`GET ${target} HTTP/1.1`, `Host: ${name}:${host.port}`, ...forged, ...more])
  expect((await ask('/', 'notes.localhost')).status).toBe(401)
  expect((await ask('/', 'notes.localhost', ['Accept: text/html'])).status).toBe(303)
  expect((await ask('/', 'nothing.localhost')).status).toBe(404)
  expect((await ask('/', 'atek.localhost')).header('location')).toContain('/_atek/login')
  const call = '{"jsonrpc":"2.0","id":1,"method":"list","params":[]}'
  const gateway = await rawRequest(
    host.port,
    [
      'POST /_atek/gateway?api=atek.cloud%2Fusers-api HTTP/1.1',
      `Host: localhost:${host.port}`,
      `Content-Length: ${call.length}`,
      ...forged,
    ],
    call,
  )
  expect(gateway.status).toBe(401)
  expect(gateway.json()).toMatchObject({ error: true })
})

test('A04: naming a header in Connection does not take the host’s away', async () => {
  const named = 'Atek-Auth-User, Atek-Auth-Service, X-Forwarded-For, X-Real-IP, Host, X-Mine, close'
  const echo = await seen([`Connection: ${named}`, 'X-Mine: 1', 'Keep-Alive: timeout=5', 'TE: trailers'])
  expectOnlyOurs(echo)
  expect(valuesOf(echo, 'x-forwarded-for')).toHaveLength(1)
  expect(valuesOf(echo, 'host')).toEqual([`notes.localhost:${host.port}`])
  for (const name of ['x-mine', 'keep-alive', 'te', 'proxy-connection']) expect(valuesOf(echo, name)).toEqual([])
})

test('A05: what the client says about where it comes from is replaced, never appended to', async () => {
  const names = ['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Prefix', 'Forwarded']
  const odd = ['X_Forwarded_For', 'X.Real.IP', 'X-Real-IP', 'True-Client-IP', 'Proxy']
  const echo = await seen([...names, ...odd].map((name) => `${name}: 6.6.6.6`))
  expect(JSON.stringify(echo)).not.toContain('6.6.6.6')
  expect(valuesOf(echo, 'x-forwarded-for')).toEqual(['127.0.0.1'])
  expect(valuesOf(echo, 'x-real-ip')).toEqual(['127.0.0.1'])
  expect(valuesOf(echo, 'x-forwarded-host')).toEqual([`notes.localhost:${host.port}`])
  expect(valuesOf(echo, 'x-forwarded-proto')).toEqual(['http'])
})

test('A06: an app sees its own cookies, and none of the host’s', async () => {
  const session = browser.cookies('atek.localhost').get('atek_session') ?? ''
  const app = browser.cookies('notes.localhost').get('atek_app') ?? ''
  const cookie = `theme=dark; atek_app=${app};atek_session=${session} ; ATEK_x=1; __Host-atek_session=1; a="b; atek_bind=c"`
  const echo = await seen([], { cookie })
  expect(valuesOf(echo, 'cookie').join()).toBe('theme=dark; a="b')
  expect(JSON.stringify(echo)).not.toContain(session)
  expect(JSON.stringify(echo)).not.toContain(app)
})

test('A06: host bearer tokens stay with the host; a foreign Authorization goes to the app', async () => {
  const service = host.identity.serviceTokens.issue(notes.key)
  const session = browser.cookies('atek.localhost').get('atek_session') ?? ''
  for (const token of [service, session, '5e'.repeat(32)]) {
    for (const value of [
      `Bearer ${token}`,
      `bearer  ${token}`,
      `Token token="${token}"`,
      `Bearer:${token}`,
      `(${token})`,
      token,
    ]) {
      const echo = await seen([`Authorization: ${value}`])
      expect(JSON.stringify(echo)).not.toContain(token)
      expect(valuesOf(echo, 'authorization')).toEqual([])
    }
  }
  const foreign = await seen([`Authorization: Bearer ${'x'.repeat(43)}`])
  expect(valuesOf(foreign, 'authorization')).toEqual([`Bearer ${'x'.repeat(43)}`])
  expect(valuesOf(await seen(['Authorization: Basic YTpi']), 'authorization')).toEqual(['Basic YTpi'])
})

test('A06: an app cannot set or clear the host’s cookies on its name', async () => {
  const setter = await host.install('echo', alice.key, 'setter', {
    files: {
      'index.js': `require('node:http').createServer((req, res) => {
        res.setHeader('Set-Cookie', ['atek_app=stolen', ' Atek_Session = x; Path=/', '__Host-atek_app=1', 'mine=1', 'atek_bind',
          '=atek_app=nameless'])
        res.setHeader('Atek-Auth-User', 'an answer may say so')
        res.end('ok')
      }).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`,
    },
  })
  const visitor = await host.signedIn('alice', setter.id)
  const answer = await visitor.send('GET', host.edge.appAddress(setter.id))
  expect(answer.status).toBe(200)
  expect(answer.all('set-cookie')).toEqual(['mine=1'])
  expect(answer.header('atek-auth-user')).toBe('an answer may say so')
})

test('A07: alice’s app is not bob’s to open, nor an administrator’s when it is bob’s', async () => {
  const bobs = await host.install('echo', bob.key, 'bobs')
  for (const [name, id] of [
    ['bob', 'notes'],
    ['alice', 'bobs'],
  ] as const) {
    const visitor = await host.signedIn(name)
    const { answer, urls } = await visitor.follow(`${host.edge.appAddress(id)}/`)
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('"kind":"denied"')
    expect(urls.at(-1)).toContain('/_atek/bind-session')
    expect(visitor.cookies(`${id}.localhost`).has('atek_app')).toBe(false)
  }
  // A session with the app from the time when it was still hers does not help.
  const visitor = await host.signedIn('bob', 'bobs')
  host.storage.apps.update(bobs.key, { owner: alice.key })
  host.apps.configure('system', bobs.key, { autostart: 'on-request' })
  const answer = await visitor.send('GET', host.edge.appAddress('bobs'))
  expect(answer.status).toBe(403)
})

test('C20 C21: the record shows what was sent, what was received, and why they differ', async () => {
  await seen([`Atek-Auth-User: ${bob.key}`, `Atek_Auth_User: ${bob.key}`, 'Authorization: Bearer hush-hush'])
  const { rows } = host.recorder.list({ limit: 1, visible: () => true })
  const details = host.recorder.get(rows[0]?.seq ?? 0)
  expect(details).toMatchObject({ status: 200, refused: null, caller: { userKey: alice.key, username: 'alice' } })
  expect(details?.authHeaders).toMatchObject([
    { name: 'Atek-Auth-User', sent: bob.key, received: alice.key, action: 'replaced', label: 'alice' },
    { name: 'Atek-Auth-Service', sent: null, received: notes.key, action: 'injected', label: 'Notes' },
    { name: 'Cookie', sent: 'atek_app=•••', received: null, action: 'stripped' },
    { name: 'Atek_Auth_User', sent: bob.key, received: null, action: 'stripped' },
    { name: 'Authorization', sent: 'Bearer •••', received: 'Bearer •••', action: 'kept' },
  ])
  expect(JSON.stringify(details)).not.toContain('hush-hush')
})

test('C21: a refused request is told in general words and recorded in exact ones', async () => {
  const answer = await rawRequest(host.port, ['GET /x?token=abc HTTP/1.1', `Host: notes.localhost:${host.port}`])
  expect(answer.status).toBe(401)
  expect(answer.json()).toEqual({ error: true, code: 'NOT_SIGNED_IN', message: 'You are not signed in to this app.' })
  const row = host.recorder.list({ limit: 1, visible: () => true }).rows[0]
  expect(row).toMatchObject({ refused: 'NOT_SIGNED_IN', status: 401, appKey: notes.key, path: '/x?token=•••' })
  expect(host.recorder.get(row?.seq ?? 0)?.reason).toContain('no app session cookie')
})

test('A03 C21: the record of a refused request keeps what its caller claimed', async () => {
  await rawRequest(host.port, [
    'GET /claim HTTP/1.1',
    `Host: notes.localhost:${host.port}`,
    `Atek_Auth-User: ${alice.key}`,
    'Authorization: Bearer hush-hush',
  ])
  const { rows } = host.recorder.list({ limit: 1, visible: () => true })
  expect(host.recorder.get(rows[0]?.seq ?? 0)).toMatchObject({
    refused: 'NOT_SIGNED_IN',
    authHeaders: [
      { name: 'Atek_Auth-User', sent: alice.key, received: null, action: 'stripped' },
      { name: 'Authorization', sent: 'Bearer •••', received: null, action: 'stripped' },
    ],
  })
})

test('A24: two different session cookies are neither believed', async () => {
  const cookie = `${browser.cookieHeader('notes.localhost')}; atek_app=${'x'.repeat(43)}`
  const answer = await rawRequest(host.port, [
    'GET / HTTP/1.1',
    `Host: notes.localhost:${host.port}`,
    `Cookie: ${cookie}`,
    'Accept: text/html',
  ])
  expect(answer.status).toBe(400)
  expect(answer.header('clear-site-data')).toBe('"cookies"')
})

test('A06 A13: an Authorization with more tokens than are looked through does not reach the app', async () => {
  const words = (count: number) => Array.from({ length: count }, () => 'a').join(' ')
  expect(valuesOf(await seen([`Authorization: ${words(64)}`]), 'authorization')).toEqual([words(64)])
  expect(valuesOf(await seen([`Authorization: ${words(14_000)}`]), 'authorization')).toEqual([])
  const [row] = host.recorder.list({ limit: 1, visible: () => true }).rows
  const told = host.recorder.get(row?.seq ?? 0)?.authHeaders.find(({ name }) => name === 'Authorization')
  expect(told).toMatchObject({ action: 'stripped', received: null, reason: expect.stringContaining('too much') })
  const spread = Array.from({ length: 100 }, () => `Authorization: ${words(60)}`)
  expect(valuesOf(await seen(spread), 'authorization')).toEqual([words(60)])
})

test('A05: what services before a server call the client’s address, or the address called, is the host’s to say', async () => {
  const names = ['CF-Connecting-IP', 'Fastly-Client-IP', 'X_Envoy_External_Address', 'X-Original-URL', 'X-Rewrite-Url']
  const echo = await seen(names.map((name) => `${name}: /6.6.6.6`))
  expect(echo.rawHeaders.join()).not.toContain('6.6.6.6')
})
