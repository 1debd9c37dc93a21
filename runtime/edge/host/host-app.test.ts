import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../../contract/limits.ts'
import type { User } from '../../contract/models.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import { type RawAnswer, rawExchange, rawRequest } from '../../testing/raw-http.ts'
import { PASSWORD, startTestHost, type TestHost } from '../../testing/start-host.ts'

let host: TestHost
let alice: User
let notes: AppRecord

beforeAll(async () => {
  host = await startTestHost()
  alice = await host.user('alice')
  await host.user('bob')
  notes = await host.install('echo', alice.key, 'notes', {
    manifest: { title: 'Notes', description: 'Keeps notes', exports: [{ api: 'test.org/echo', path: '/rpc' }] },
  })
})
afterAll(() => host.close())

const url = (path: string) => host.edge.address() + path
const lastRow = () => host.recorder.list({ limit: 1, visible: () => true }).rows[0]

function expectSecurityHeaders(answer: RawAnswer): void {
  const csp = answer.header('content-security-policy') ?? ''
  expect(csp).toContain("default-src 'none'")
  expect(csp).toContain("frame-ancestors 'none'")
  expect(csp).toContain("base-uri 'none'")
  expect(csp).not.toContain('unsafe')
  expect(csp).not.toContain('script-src')
  expect(csp).not.toContain('upgrade-insecure-requests')
  expect(answer.header('x-content-type-options')).toBe('nosniff')
  expect(answer.header('referrer-policy')).toBe('same-origin')
  expect(answer.header('permissions-policy')).toContain('camera=()')
  expect(answer.header('x-frame-options')).toBe('DENY')
  // Over plain HTTP it means nothing, and it would stick to the name.
  expect(answer.header('strict-transport-security')).toBeNull()
  expect(answer.header('cache-control')).toBe('no-store')
}

test('C27: every page of the host has the security headers, also where it stands in for an app', async () => {
  const alices = await host.signedIn('alice')
  const bobs = await host.signedIn('bob')
  const pages = [
    await host.browser().get(url('/_atek/login')),
    await alices.get(url('/')),
    await alices.get(url('/nothing')),
    await alices.get(`http://nothing.localhost:${host.port}/`),
    (await bobs.follow(`${host.edge.appAddress('notes')}/`)).answer,
    await host.browser().post(url('/_atek/login'), { username: 'alice', password: 'wrong wrong wrong' }),
  ]
  expect(pages.map((page) => page.status)).toEqual([200, 200, 404, 404, 403, 401])
  for (const page of pages) {
    expect(page.header('content-type')).toBe('text/html; charset=utf-8')
    expectSecurityHeaders(page)
  }
})

test('C27: what the router cannot read is answered with headers, and without the address', async () => {
  for (const path of ['/%E0%A4%A', `/_atek/${'x'.repeat(150)}`, `/_atek/apps/${'y'.repeat(150)}/start`]) {
    const answer = await host.browser().send('GET', url(path))
    expect(answer.status).toBe(400)
    expect(answer.header('content-security-policy')).toContain("default-src 'none'")
    expect(answer.header('x-content-type-options')).toBe('nosniff')
    expect(answer.header('cache-control')).toBe('no-store')
    expect(answer.json()).toEqual({ error: true, code: 'BAD_REQUEST', message: expect.any(String) })
  }
})

test('C27: a form may lead to our own addresses and nowhere else', async () => {
  const csp = (await host.browser().get(url('/_atek/login'))).header('content-security-policy') ?? ''
  const directive = csp.split(';').find((part) => part.trim().startsWith('form-action'))
  expect(directive?.trim()).toBe(`form-action 'self' ${host.edge.address()} http://*.localhost:${host.port}`)
})

test('the stylesheet has a name of its own, may be kept, and may be used on an app’s address', async () => {
  const page = await host.browser().get(`http://nothing.localhost:${host.port}/`)
  const href = /href="([^"]+)"/.exec(page.body)?.[1] ?? ''
  expect(href).toMatch(new RegExp(`^${host.edge.address()}/_atek/style-[0-9a-f]{16}\\.css$`))
  const css = await host.browser().get(href)
  expect(css.header('content-type')).toBe('text/css; charset=utf-8')
  expect(css.header('cache-control')).toContain('immutable')
  expect(css.header('cross-origin-resource-policy')).toBe('cross-origin')
  expect((await host.browser().get(url('/_atek/style-0000000000000000.css'))).status).toBe(404)
})

test('home shows the apps that one may open', async () => {
  const everybodys = await host.install('echo', 'system', 'shared')
  const { body } = await (await host.signedIn('bob')).get(url('/'))
  expect(body).toContain('"id":"shared"')
  expect(body).not.toContain('"id":"notes"')
  expect((await (await host.signedIn('alice')).get(url('/'))).body).toContain(
    `"address":"${host.edge.appAddress('notes')}","state":"running"`,
  )
  expect((await host.browser().get(url('/'))).header('location')).toBe(url('/_atek/login'))
  await host.apps.uninstall('system', everybodys.key, { deleteData: true })
})

test('the sign-in page names the app that the person is on the way to', async () => {
  const { answer } = await host.browser().follow(`${host.edge.appAddress('notes')}/x`)
  expect(answer.body).toContain('"app":{"id":"notes"')
  expect(answer.body).toContain('"title":"Notes"')
})

test('C01: a wrong password and an unknown name are answered alike, and without a cookie', async () => {
  const browser = host.browser()
  const wrong = await browser.post(url('/_atek/login'), { username: 'alice', password: 'not her password' })
  const unknown = await browser.post(url('/_atek/login'), { username: 'nobody', password: 'not her password' })
  for (const answer of [wrong, unknown]) {
    expect(answer.status).toBe(401)
    expect(answer.body).toContain('The username or the password is wrong.')
    expect(answer.body).not.toContain('not her password')
    expect(answer.all('set-cookie')).toEqual([])
  }
})

test('A26: too many tries are answered 429 with the time to wait', async () => {
  await host.user('mallory')
  let answer: RawAnswer | null = null
  for (let i = 0; i <= LIMITS.signInPerUser; i++) {
    answer = await host.browser().post(url('/_atek/login'), { username: 'mallory', password: `guess number ${i}` })
  }
  expect(answer?.status).toBe(429)
  expect(Number(answer?.header('retry-after'))).toBeGreaterThan(0)
})

test('A26: a browser in which one has signed in before is not kept out by guesses from elsewhere', async () => {
  await host.user('trudy')
  const browser = await host.signedIn('trudy')
  const known = browser.cookies('atek.localhost').get('atek_known') ?? ''
  expect(known).not.toBe('')
  await browser.post(url('/_atek/logout'), {})
  for (let i = 0; i < LIMITS.signInPerUser; i++) {
    await host.browser().post(url('/_atek/login'), { username: 'trudy', password: `guess number ${i}` })
  }
  expect((await host.browser().signIn(host.edge.address(), 'trudy', PASSWORD)).status).toBe(429)
  expect((await browser.signIn(host.edge.address(), 'trudy', PASSWORD)).status).toBe(303)
})

test('A27: signing in leads to a path on the host, whatever the form says', async () => {
  for (const redirect of ['//evil.test', '/\\evil.test', 'http://evil.test', 'javascript:alert(1)', '/\t/evil', '']) {
    const answer = await host.browser().post(url('/_atek/login'), { username: 'alice', password: PASSWORD, redirect })
    expect(answer.header('location')).toBe(url('/'))
  }
  const browser = await host.signedIn('alice')
  const target = encodeURIComponent('//evil.test')
  expect((await browser.get(url(`/_atek/login?redirect=${target}`))).header('location')).toBe(url('/'))
  const open = await browser.get(url(`/_atek/open?service=notes&path=${target}`))
  expect(open.header('location')).toBe(`${host.edge.appAddress('notes')}/`)
  const bind = await browser.get(url(`/_atek/bind-session?service=notes&path=${target}&nonce=${'0'.repeat(64)}`))
  expect(bind.header('location')).toMatch(new RegExp(`^${host.edge.appAddress('notes')}/\\?bst=`))
})

test('signing out ends the session and clears its cookie; a foreign page cannot do it', async () => {
  const browser = await host.signedIn('alice')
  const token = browser.cookies('atek.localhost').get('atek_session') ?? ''
  const foreign = await browser.post(url('/_atek/logout'), {}, ['Origin: http://evil.test'])
  expect(foreign.status).toBe(403)
  expect(lastRow()).toMatchObject({ refused: 'FOREIGN_ORIGIN', path: '/_atek/logout' })
  expect((await browser.get(url('/'))).status).toBe(200)

  await browser.post(url('/_atek/logout'), {})
  expect(browser.cookies('atek.localhost').has('atek_session')).toBe(false)
  browser.cookies('atek.localhost').set('atek_session', token)
  expect((await browser.get(url('/'))).status).toBe(303)
})

test('a form that is too long is refused', async () => {
  const fields = { username: 'alice', password: 'x'.repeat(LIMITS.hostFormBytes) }
  expect((await host.browser().post(url('/_atek/login'), fields)).status).toBe(413)
})

test('page loads on the bare domain go to the host’s own name; nothing else is there', async () => {
  const bare = `http://localhost:${host.port}`
  expect((await host.browser().get(`${bare}/`)).header('location')).toBe(url('/'))
  expect((await host.browser().get(`${bare}/_atek/login?redirect=%2F`)).header('location')).toBe(
    url('/_atek/login?redirect=%2F'),
  )
  expect((await host.browser().get(`${bare}//evil.test`)).header('location')).toBe(host.edge.address())
  const login = await host.browser().post(`${bare}/_atek/login`, { username: 'alice', password: PASSWORD })
  expect(login.status).toBe(404)
  expect(login.all('set-cookie')).toEqual([])
})

interface Call {
  api: string
  method: string
  params?: unknown[]
  name?: string
  headers?: string[]
}

function gateway({ api, method, params = [], name = 'localhost', headers = [] }: Call): Promise<RawAnswer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  return rawRequest(
    host.port,
    [
      `POST /_atek/gateway?api=${encodeURIComponent(api)} HTTP/1.1`,
      `Host: ${name}:${host.port}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...headers,
    ],
    body,
  )
}

test('the gateway answers an app by its bearer token, on both of the host’s names', async () => {
  const token = host.identity.serviceTokens.issue(notes.key)
  const call = { api: 'atek.cloud/user-sessions-api', method: 'whoami', headers: [`Authorization: Bearer ${token}`] }
  for (const name of ['localhost', 'atek.localhost']) {
    const answer = await gateway({ ...call, name })
    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: 1, result: {} })
    expect(lastRow()).toMatchObject({
      kind: 'gateway',
      state: 'done',
      status: 200,
      caller: { userKey: alice.key, username: 'alice', serviceKey: notes.key, serviceId: 'notes' },
    })
  }
  // Not on an app's name: there it is the app's path, and needs a session with the app.
  expect((await gateway({ ...call, name: 'notes.localhost' })).status).toBe(401)
})

test('the gateway answers no or bad credentials with 401 and a message', async () => {
  for (const headers of [[], ['Authorization: Bearer undefined'], [`Authorization: Bearer ${'x'.repeat(43)}`]]) {
    const answer = await gateway({ api: 'atek.cloud/users-api', method: 'list', headers })
    expect(answer.status).toBe(401)
    expect(answer.json()).toMatchObject({ error: true, message: expect.any(String) })
    expect(lastRow()).toMatchObject({ kind: 'gateway', refused: 'NOT_SIGNED_IN', status: 401 })
  }
})

test('C27: the gateway’s answers, however they are written, have the very headers of the host’s other answers', async () => {
  const headers = ({ headers }: RawAnswer) =>
    headers
      .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
      .filter((line) => !/^(date|content-length|transfer-encoding|connection|keep-alive): /.test(line))
      .sort()
  const other = await rawRequest(host.port, ['GET /_atek/nothing HTTP/1.1', `Host: atek.localhost:${host.port}`])
  expectSecurityHeaders(other)
  expect(other.header('content-type')).toBe('application/json; charset=utf-8')
  const auth = [`Authorization: Bearer ${host.identity.serviceTokens.issue(notes.key)}`]
  const call = { api: 'atek.cloud/user-sessions-api', method: 'whoami' }
  const long = { ...call, params: ['x'.repeat(LIMITS.hostFormBytes)] }
  const answers = [
    await gateway({ ...call, headers: auth }),
    await gateway({ ...call, headers: [...auth, 'Connection: close'] }),
    await gateway({ ...long, headers: auth }),
    await gateway({ api: 'test.org/none', method: 'x' }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 401])
  for (const answer of answers) expect(headers(answer)).toEqual(headers(other))
})

test('A10: calls that are sent one behind the other are answered in their order', async () => {
  const token = host.identity.serviceTokens.issue(notes.key)
  const one = (id: number, api: string) => {
    const body = `{"jsonrpc":"2.0","id":${id},"method":"whoami"}`
    const head = [`Host: localhost:${host.port}`, `Authorization: Bearer ${token}`, `Content-Length: ${body.length}`]
    return `POST /_atek/gateway?api=${api} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`
  }
  // The first one waits for its app to start.
  const calls = one(1, 'test.org/echo') + one(2, 'atek.cloud/user-sessions-api') + one(3, 'test.org/none')
  const answers = await rawExchange(host.port, calls, 3)
  expect(answers.map((answer) => answer.json())).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }])
})

test('signing in through the gateway sets the cookie on the name that was called', async () => {
  const answer = await gateway({
    api: 'atek.cloud/user-sessions-api',
    method: 'login',
    params: [{ username: 'alice', password: PASSWORD }],
  })
  expect(answer.json()).toMatchObject({ result: { isActive: true, username: 'alice' } })
  const cookie = (answer.header('set-cookie') ?? '').split(';')[0] ?? ''
  expect(cookie).toMatch(/^atek_session=/)
  const whoami = { api: 'atek.cloud/user-sessions-api', method: 'whoami', headers: [`Cookie: ${cookie}`] }
  expect((await gateway(whoami)).json()).toMatchObject({ result: { isActive: true, username: 'alice' } })
  const logout = await gateway({ ...whoami, method: 'logout' })
  expect(logout.header('set-cookie')).toContain('atek_session=; ')
  expect((await gateway(whoami)).json()).toMatchObject({ result: { isActive: false } })
})

test('A25: a foreign page’s call with the person’s cookie is refused, whatever it calls its body', async () => {
  const browser = await host.signedIn('alice')
  const cookie = `Cookie: ${browser.cookieHeader('atek.localhost')}`
  const call = { api: 'atek.cloud/users-api', method: 'list', name: 'atek.localhost' }
  for (const foreign of [
    'Origin: http://evil.test',
    'Origin: null',
    `Origin: ${host.edge.appAddress('notes')}`,
    'Referer: http://evil.test/x',
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Site: same-site',
  ]) {
    const answer = await gateway({ ...call, headers: [cookie, foreign] })
    expect(answer.status, foreign).toBe(403)
    expect(lastRow()).toMatchObject({ kind: 'gateway', refused: 'FOREIGN_ORIGIN' })
  }
  expect((await gateway({ ...call, headers: [cookie, `Origin: ${host.edge.address()}`] })).status).toBe(200)
  expect((await gateway({ ...call, headers: [cookie] })).status).toBe(200)
})

test('a body that is too long for the gateway is 413 in JSON', async () => {
  const answer = await rawRequest(host.port, [
    'POST /_atek/gateway?api=x HTTP/1.1',
    `Host: localhost:${host.port}`,
    `Content-Length: ${LIMITS.rpcBodyBytes + 1}`,
  ])
  expect(answer.status).toBe(413)
  expect(answer.json()).toMatchObject({ error: true, code: 'TOO_LARGE' })
})

test('A13: without credentials a call may be as long as signing in takes, and says so before it is read', async () => {
  const head = ['POST /_atek/gateway?api=x HTTP/1.1', `Host: localhost:${host.port}`]
  const long = [...head, `Content-Length: ${LIMITS.hostFormBytes + 1}`]
  // The body does not come: whoever waited for it would not answer.
  for (const lines of [long, [...long, 'Authorization: Bearer x'], [...head, 'Transfer-Encoding: chunked']]) {
    const answer = await rawRequest(host.port, lines)
    expect(answer.status).toBe(413)
    expect(answer.json()).toMatchObject({ error: true, code: 'TOO_LARGE' })
  }
  const token = host.identity.serviceTokens.issue(notes.key)
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x', params: ['x'.repeat(LIMITS.hostFormBytes)] })
  const auth = [`Content-Length: ${body.length}`, `Authorization: Bearer ${token}`]
  expect((await rawRequest(host.port, [...head, ...auth], body)).status).toBe(200)
})

test('C09: a call that waits for an app ends with the session that it was made under', async () => {
  const source = `require('node:http').createServer((req, res) => {
    if (req.method === 'HEAD') return res.end()
    req.resume()
    console.log('asked')
  }).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`
  const manifest = { exports: [{ api: 'test.org/silent', path: '/' }] }
  await host.install('echo', 'system', 'silent', { manifest, files: { 'index.js': source } })
  const carol = await host.user('carol')
  const browser = await host.signedIn('carol')
  const asked = new Promise<void>((resolve) => {
    const listening = host.apps.logged.on(({ lines }) => {
      if (!lines.some(({ text }) => text === 'asked')) return
      listening.dispose()
      resolve()
    })
  })
  const call = gateway({
    api: 'test.org/silent',
    method: 'wait',
    name: 'atek.localhost',
    headers: [`Cookie: ${browser.cookieHeader('atek.localhost')}`],
  })
  await asked
  host.identity.users.delete(alice.key, carol.key)
  expect((await call).json()).toMatchObject({ error: { data: { code: 'CANCELLED' } } })
})

test('pages that cannot be loaded are answered in plain words', async () => {
  const broken = await startTestHost({ pages: () => Promise.reject(new Error('not built')) })
  try {
    const answer = await broken.browser().get(`http://nothing.localhost:${broken.port}/`)
    expect(answer.status).toBe(500)
    expect(answer.header('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.body).not.toContain('not built')
  } finally {
    await broken.close()
  }
})
