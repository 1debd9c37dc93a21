import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../../contract/limits.ts'
import type { User } from '../../contract/models.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { AnswerReader, open, type RawAnswer, rawRequest } from '../../testing/raw-http.ts'
import { PASSWORD, startTestHost, type TestHost } from '../../testing/start-host.ts'

const clock = new ManualClock()
let host: TestHost
let alice: User
let bob: User

beforeAll(async () => {
  host = await startTestHost({ clock })
  alice = await host.user('alice')
  bob = await host.user('bob')
})
afterAll(() => host.close())

interface Answer {
  access_token: string
  refresh_token: string
  token_type: string
  expires_in: number
}

interface Sent {
  path?: string
  type?: string
  body: string
  headers?: string[]
  name?: string
}

function send({ path = '/_atek/token', type = 'application/json', body, headers = [], name = 'localhost' }: Sent) {
  return rawRequest(
    host.port,
    [
      `POST ${path} HTTP/1.1`,
      `Host: ${name}:${host.port}`,
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...headers,
    ],
    body,
  )
}
const json = (body: object, more: Partial<Sent> = {}) => send({ body: JSON.stringify(body), ...more })
const form = (fields: Record<string, string> | string[][], more: Partial<Sent> = {}) =>
  send({ type: 'application/x-www-form-urlencoded', body: new URLSearchParams(fields).toString(), ...more })

const password = (username = 'alice', secret = PASSWORD) =>
  json({ grant_type: 'password', username, password: secret, client_id: 'backup' })
const granted = async (answer: Promise<RawAnswer>) => (await answer).json() as Answer
const refresh = (token: string) => form({ grant_type: 'refresh_token', refresh_token: token })
const revoke = (token: string) => form({ token }, { path: '/_atek/token/revoke' })
const call = (token: string, method = 'whoami', api = 'atek.cloud/user-sessions-api') =>
  json(
    { jsonrpc: '2.0', id: 1, method },
    { path: `/_atek/gateway?api=${api}`, headers: [`Authorization: Bearer ${token}`] },
  )
const lastRow = () => {
  const row = host.recorder.list({ limit: 1, visible: () => true }).rows[0]
  return row === undefined ? null : host.recorder.get(row.seq)
}

test('C05: a password gives tokens, on both of the host’s names, as JSON and as a form', async () => {
  for (const name of ['localhost', 'atek.localhost']) {
    for (const ask of [json, form]) {
      const answer = await ask({ grant_type: 'password', username: 'alice', password: PASSWORD }, { name })
      expect(answer.status).toBe(200)
      expect(answer.json()).toEqual({
        access_token: expect.stringMatching(/^eyJ/),
        token_type: 'Bearer',
        expires_in: 900,
        refresh_token: expect.stringMatching(/^atekr_/),
      })
      expect(answer.header('cache-control')).toBe('no-store')
      expect(answer.all('set-cookie')).toEqual([])
    }
  }
  // Not on an app's name.
  expect((await json({ grant_type: 'password' }, { name: 'notes.localhost' })).status).toBe(404)
})

test('C05: an access token calls the gateway as its person; a refresh token does not', async () => {
  const { access_token, refresh_token } = await granted(password())
  expect((await call(access_token)).json()).toMatchObject({ result: { isActive: true, username: 'alice' } })
  expect(lastRow()).toMatchObject({ kind: 'gateway', caller: { userKey: alice.key, username: 'alice' } })
  expect((await call(refresh_token, 'list', 'atek.cloud/users-api')).status).toBe(401)
  const next = await granted(refresh(refresh_token))
  expect((await call(next.access_token)).json()).toMatchObject({ result: { username: 'alice' } })
})

test('C05: a used refresh token is invalid_grant, ends its family, and the record says why', async () => {
  const { refresh_token } = await granted(password())
  const next = await granted(refresh(refresh_token))
  const answer = await refresh(refresh_token)
  expect(answer.status).toBe(400)
  expect(answer.json()).toEqual({ error: 'invalid_grant', error_description: expect.stringContaining('not valid') })
  expect(answer.body).not.toContain('used before')
  expect(lastRow()).toMatchObject({
    path: '/_atek/token',
    refused: 'BAD_CREDENTIALS',
    status: 400,
    reason: 'The refresh token was used before, so its API token has ended.',
  })
  expect((await call(next.access_token, 'list', 'atek.cloud/users-api')).status).toBe(401)
  expect((await refresh(next.refresh_token)).status).toBe(400)
})

test('C05: of many requests at once with one refresh token one gets through', async () => {
  const { refresh_token } = await granted(password())
  const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(refresh_token)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(400)])
  const won = answers.find(({ status }) => status === 200)?.json() as Answer
  expect((await call(won.access_token, 'list', 'atek.cloud/users-api')).status).toBe(401)
})

test('C05: fifteen minutes later the access token is over and the refresh token gives another', async () => {
  const { access_token, refresh_token } = await granted(password())
  clock.advance(LIMITS.accessTokenLife)
  expect((await call(access_token, 'list', 'atek.cloud/users-api')).status).toBe(401)
  const next = await granted(refresh(refresh_token))
  expect((await call(next.access_token, 'list', 'atek.cloud/users-api')).status).toBe(200)
})

test('C01 A26: wrong passwords and unknown names are answered alike, and limited together with signing in', async () => {
  await host.user('mallory')
  const wrong = await password('mallory', 'not the password')
  const unknown = await password('nobody', 'not the password')
  expect(wrong.status).toBe(400)
  expect(wrong.body).toBe(unknown.body)
  expect(wrong.json()).toMatchObject({
    error: 'invalid_grant',
    error_description: 'The username or the password is wrong.',
  })
  for (let i = 1; i < LIMITS.signInPerUser; i++) await password('mallory', `guess number ${i}`)
  const limited = await password('mallory', PASSWORD)
  expect(limited.status).toBe(429)
  expect(Number(limited.header('retry-after'))).toBeGreaterThan(0)
  expect(limited.json()).toMatchObject({ error: 'slow_down' })
  const page = await host.browser().signIn(host.edge.address(), 'mallory', PASSWORD)
  expect(page.status).toBe(429)
  clock.advance(LIMITS.signInWindow)
})

test('C26: the token endpoint has a limit of its own, for refreshing as for revoking', async () => {
  clock.advance(LIMITS.rateWindow)
  let answer = await revoke('x')
  for (let i = 0; i < LIMITS.rateTokenOthers && answer.status !== 429; i++) answer = await revoke('x')
  expect(answer.status).toBe(429)
  expect(Number(answer.header('retry-after'))).toBeGreaterThan(0)
  expect(answer.json()).toMatchObject({ error: 'slow_down', error_description: expect.stringContaining('Wait') })
  expect(lastRow()).toMatchObject({ refused: 'RATE_LIMITED', status: 429, reason: expect.stringContaining('"token"') })
  expect((await refresh('x')).status).toBe(429)
  // The rest of the host goes on.
  expect((await host.browser().get(`${host.edge.address()}/_atek/login`)).status).toBe(200)
  clock.advance(LIMITS.rateWindow)
})

test('C05: revoking ends a family by either of its tokens, and says nothing about unknown ones', async () => {
  for (const which of ['access_token', 'refresh_token'] as const) {
    const tokens = await granted(password())
    expect((await revoke(tokens[which])).status).toBe(200)
    expect((await call(tokens.access_token, 'list', 'atek.cloud/users-api')).status).toBe(401)
    expect((await refresh(tokens.refresh_token)).status).toBe(400)
    expect((await revoke(tokens[which])).status).toBe(200)
  }
  expect((await revoke('nothing')).status).toBe(200)
})

test('logging out with an access token ends its family; signing in with one is refused', async () => {
  const tokens = await granted(password())
  const login = await json(
    { jsonrpc: '2.0', id: 1, method: 'login', params: [{ username: 'alice', password: PASSWORD }] },
    {
      path: '/_atek/gateway?api=atek.cloud/user-sessions-api',
      headers: [`Authorization: Bearer ${tokens.access_token}`],
    },
  )
  expect(login.json()).toMatchObject({ error: { data: { code: 'FORBIDDEN' } } })
  expect((await call(tokens.access_token, 'logout')).json()).toMatchObject({ result: 0 })
  expect((await refresh(tokens.refresh_token)).status).toBe(400)
})

test.each<[string, Sent, string]>([
  ['no grant_type', { body: '{}' }, 'invalid_request'],
  ['another grant_type', { body: '{"grant_type":"client_credentials"}' }, 'unsupported_grant_type'],
  ['no password', { body: '{"grant_type":"password","username":"alice"}' }, 'invalid_request'],
  ['no refresh token', { body: '{"grant_type":"refresh_token"}' }, 'invalid_request'],
  ['a number', { body: '{"grant_type":"refresh_token","refresh_token":1}' }, 'invalid_request'],
  ['no JSON', { body: '{"grant_type"' }, 'invalid_request'],
  ['a list', { body: '[]' }, 'invalid_request'],
  ['a null', { body: 'null' }, 'invalid_request'],
  ['text/plain', { body: '{"grant_type":"password"}', type: 'text/plain' }, 'invalid_request'],
  [
    'a parameter twice',
    { body: 'grant_type=password&grant_type=refresh_token', type: 'application/x-www-form-urlencoded' },
    'invalid_request',
  ],
  [
    'a name with invisible characters',
    { body: JSON.stringify({ grant_type: 'password', username: 'a', password: 'b', client_id: 'x\u202Ey' }) },
    'invalid_request',
  ],
])('C05: refused in the form of RFC 6749: %s', async (_what, sent, error) => {
  const answer = await send(sent)
  expect(answer.status).toBe(400)
  expect(answer.json()).toEqual({ error, error_description: expect.any(String) })
})

test('A26 C26: a page of another site cannot use up what scripts may ask', async () => {
  clock.advance(LIMITS.rateWindow)
  for (let i = 0; i < LIMITS.rateTokenOthers; i++) {
    const foreign = await form({ grant_type: 'x' }, { headers: ['Origin: http://evil.test'] })
    if (foreign.status !== 403) throw new Error(`${i}: ${foreign.status}`)
  }
  expect((await form({ grant_type: 'x' })).status).toBe(400)
})

test('A26 C25: a page of another site can neither try passwords nor revoke', async () => {
  for (const path of ['/_atek/token', '/_atek/token/revoke']) {
    for (const line of ['Origin: http://evil.test', 'Origin: null', 'Sec-Fetch-Site: cross-site']) {
      const body = { grant_type: 'password', username: 'alice', password: PASSWORD, token: 'x' }
      const answer = await json(body, { path, headers: [line] })
      expect(answer.status).toBe(403)
      expect(answer.json()).toMatchObject({ error: 'access_denied' })
      expect(lastRow()).toMatchObject({ refused: 'FOREIGN_ORIGIN', path })
    }
  }
})

test('no cookie counts there, and none is set', async () => {
  const browser = await host.signedIn('bob')
  const cookie = `Cookie: ${browser.cookieHeader('atek.localhost')}`
  const { access_token } = await granted(
    json({ grant_type: 'password', username: 'alice', password: PASSWORD }, { headers: [cookie] }),
  )
  expect((await call(access_token)).json()).toMatchObject({ result: { username: 'alice' } })
  expect((await browser.get(`${host.edge.address()}/`)).status).toBe(200)
  expect((await json({ grant_type: 'password' }, { headers: [cookie] })).status).toBe(400)
})

test('C51: neither password nor token is in the record', async () => {
  const { access_token, refresh_token } = await granted(password())
  await refresh(refresh_token)
  await refresh(refresh_token)
  await call(access_token)
  await json({ grant_type: 'x' }, { path: `/_atek/token?password=hush&refresh_token=${refresh_token}` })
  const { rows } = host.recorder.list({ limit: 1000, visible: () => true })
  const text = JSON.stringify(rows.map(({ seq }) => host.recorder.get(seq)))
  for (const secret of [PASSWORD, access_token, refresh_token, 'hush']) expect(text).not.toContain(secret)
})

test('C09: what an app is asked under an access token ends with its family', async () => {
  const source = `require('node:http').createServer((req, res) => {
    if (req.method === 'HEAD') return res.end()
    req.resume()
    console.log('asked')
  }).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`
  const manifest = { exports: [{ api: 'test.org/silent', path: '/' }] }
  await host.install('echo', 'system', 'silent', { manifest, files: { 'index.js': source } })
  const { access_token } = await granted(password('bob'))
  const asked = new Promise<void>((resolve) => {
    const listening = host.apps.logged.on(({ lines }) => {
      if (!lines.some(({ text }) => text === 'asked')) return
      listening.dispose()
      resolve()
    })
  })
  const answer = call(access_token, 'wait', 'test.org/silent')
  await asked
  const [token] = host.identity.apiTokens.list(bob.key)
  host.identity.apiTokens.end(bob.key, token?.id ?? '')
  expect((await answer).json()).toMatchObject({ error: { data: { code: 'CANCELLED' } } })
})

test('C09: a WebSocket that was opened with an access token closes with its family', async () => {
  const manifest = { exports: [{ api: 'test.org/live', path: '/ws', transport: 'proxy' as const }] }
  await host.install('echo', 'system', 'live', { manifest })
  const { access_token } = await granted(password('bob'))
  const socket = await open(host.port)
  const reader = new AnswerReader(socket)
  socket.write(
    [
      'GET /_atek/gateway?api=test.org/live HTTP/1.1',
      `Host: localhost:${host.port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `Authorization: Bearer ${access_token}`,
      '\r\n',
    ].join('\r\n'),
  )
  expect((await reader.next())?.status).toBe(101)
  host.identity.sessions.endAll(alice.key, bob.key)
  // A close frame, and its code: 4401.
  const frame = await reader.bytes(4)
  expect(frame[0]).toBe(0x88)
  expect(frame.readUInt16BE(2)).toBe(4401)
  socket.destroy()
})
