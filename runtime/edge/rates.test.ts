import { afterAll, beforeAll, expect, test } from 'vitest'
import type { User } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { type RawAnswer, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import type { TestBrowser } from '../testing/test-browser.ts'
import { Rates } from './rates.ts'

/** Few enough to be reached; the clock stands still, so that a window lasts until a test moves it on. */
const rateLimits = {
  app: { signedIn: 20, others: 5 },
  gateway: { signedIn: 20, others: 5 },
  page: { signedIn: 20, others: 15 },
}
const clock = new ManualClock()
let host: TestHost
let alice: User
let notes: AppRecord
let browser: TestBrowser

beforeAll(async () => {
  host = await startTestHost({ clock, rateLimits })
  alice = await host.user('alice')
  notes = await host.install('echo', alice.key, 'notes')
  browser = await host.signedIn('alice', 'notes')
})
afterAll(() => host.close())

const nextWindow = () => clock.advance(10_000)
const lastRow = () => {
  const row = host.recorder.list({ limit: 1, visible: () => true }).rows[0]
  return row === undefined ? null : host.recorder.get(row.seq)
}

async function untilRefused(ask: () => Promise<RawAnswer>): Promise<{ answer: RawAnswer; passed: number }> {
  nextWindow()
  for (let passed = 0; passed < 100; passed++) {
    const answer = await ask()
    if (answer.status === 429) return { answer, passed }
  }
  throw new Error('A hundred requests passed.')
}

const app = (...lines: string[]) =>
  rawRequest(host.port, ['GET / HTTP/1.1', `Host: notes.localhost:${host.port}`, ...lines])
const cookie = () => `Cookie: ${browser.cookieHeader('notes.localhost')}`

test('C26: requests to apps without a session: 429 in JSON with Retry-After, recorded in exact words', async () => {
  const { answer, passed } = await untilRefused(() => app())
  expect(passed).toBe(5)
  expect(answer.header('retry-after')).toBe('10')
  expect(answer.json()).toMatchObject({ error: true, code: 'RATE_LIMITED', message: expect.stringContaining('10 s') })
  expect(lastRow()).toMatchObject({
    refused: 'RATE_LIMITED',
    status: 429,
    reason: 'More than 5 requests of the class "app" in 10 s without credentials from this address.',
  })
})

test('C26: page loads get a page; who is signed in goes on while others flood', async () => {
  const { answer } = await untilRefused(() => app('Accept: text/html'))
  expect(answer.header('content-type')).toContain('text/html')
  expect(answer.header('retry-after')).toBe('10')
  expect(answer.body).toContain('rate-limited')
  expect((await app(cookie())).status).toBe(200)
})

test('C26: a signed-in person has a limit of their own, and passes again in the next window', async () => {
  const { answer, passed } = await untilRefused(() => app(cookie()))
  expect(passed).toBe(20)
  expect(answer.status).toBe(429)
  expect(lastRow()).toMatchObject({ caller: { userKey: alice.key }, reason: expect.stringContaining('credentials.') })
  nextWindow()
  expect((await app(cookie())).status).toBe(200)
})

test('C26: WebSockets count, too', async () => {
  const { answer } = await untilRefused(() =>
    app(
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ),
  )
  expect(answer.header('retry-after')).toBe('10')
  expect(lastRow()).toMatchObject({ kind: 'websocket', refused: 'RATE_LIMITED' })
})

test('C26: the gateway answers 429 as a JSON-RPC error with the call’s id', async () => {
  const body = '{"jsonrpc":"2.0","id":"a7","method":"whoami"}'
  const call = (...lines: string[]) =>
    rawRequest(
      host.port,
      [
        'POST /_atek/gateway?api=atek.cloud/user-sessions-api HTTP/1.1',
        `Host: localhost:${host.port}`,
        `Content-Length: ${body.length}`,
        ...lines,
      ],
      body,
    )
  const { answer, passed } = await untilRefused(() => call())
  expect(passed).toBe(5)
  expect(answer.header('retry-after')).toBe('10')
  expect(answer.json()).toMatchObject({
    jsonrpc: '2.0',
    id: 'a7',
    error: { code: -32007, data: { code: 'RATE_LIMITED' } },
  })
  expect(lastRow()).toMatchObject({ kind: 'gateway', refused: 'RATE_LIMITED', status: 429 })

  const bearer = `Authorization: Bearer ${host.identity.serviceTokens.issue(notes.key)}`
  expect((await call(bearer)).status).toBe(200)
  expect((await untilRefused(() => call(bearer))).passed).toBe(20)
})

test('C26: a WebSocket at the gateway is refused with 429 and Retry-After', async () => {
  const { answer } = await untilRefused(() =>
    rawRequest(host.port, [
      'GET /_atek/gateway?api=test.org/none HTTP/1.1',
      `Host: localhost:${host.port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ]),
  )
  expect(answer.header('retry-after')).toBe('10')
  expect(lastRow()).toMatchObject({ kind: 'websocket', refused: 'RATE_LIMITED' })
})

test('C26: the host’s pages: a page that says so, by person and by address', async () => {
  const login = `${host.edge.address()}/_atek/login`
  const stranger = host.browser()
  const { answer, passed } = await untilRefused(() => stranger.get(login))
  expect(passed).toBe(15)
  expect(answer.header('retry-after')).toBe('10')
  expect(answer.body).toContain('rate-limited')
  expect(answer.header('content-security-policy')).toContain("default-src 'none'")
  expect(lastRow()).toMatchObject({ refused: 'RATE_LIMITED', status: 429, path: '/_atek/login' })
  expect((await browser.get(`${host.edge.address()}/`)).status).toBe(200)
  expect((await untilRefused(() => browser.get(`${host.edge.address()}/`))).passed).toBe(20)
})

test('C26 C24: what another proxy asks counts with the apps’ addresses', async () => {
  const ask = (...lines: string[]) =>
    rawRequest(host.port, ['GET /_atek/auth/validate HTTP/1.1', `Host: localhost:${host.port}`, ...lines])
  const { answer, passed } = await untilRefused(() => ask())
  expect(passed).toBe(5)
  expect(answer.header('retry-after')).toBe('10')
  expect(lastRow()).toMatchObject({ refused: 'RATE_LIMITED', status: 429, path: '/_atek/auth/validate' })
  const session = `Cookie: ${browser.cookieHeader('atek.localhost')}`
  expect((await ask(session)).status).toBe(200)
  expect((await untilRefused(() => ask(session))).passed).toBe(20)
})

test('C26: by default a page of 300 files and a benchmark of 10,000 requests a second pass', () => {
  const rates = new Rates({ clock })
  for (let i = 0; i < 300 * 10; i++) expect(rates.over('app', null, '127.0.0.1')).toBeNull()
  for (let i = 0; i < 10_000 * 10; i++) if (rates.over('app', alice.key, '127.0.0.1') !== null) throw new Error(`${i}`)
})
