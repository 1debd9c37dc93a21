import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { AnswerReader, open as openRaw, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import type { TestBrowser } from '../testing/test-browser.ts'
import { isNoPlace, type Share, Shares } from './shares.ts'
import { openWebSocket } from './testing/web-socket.ts'

/** Few enough for one person to take them all, were there no shares. */
const CONNECTIONS = 14
vi.mock('../contract/limits.ts', async (original) => {
  const { LIMITS } = await original<typeof import('../contract/limits.ts')>()
  return { LIMITS: { ...LIMITS, connections: 14 } }
})
const REQUESTS = { crowded: 6, each: 2 }
const WEB_SOCKETS = { crowded: 4, each: 1 }

const HOLDS = `require('node:http').createServer((req, res) => {
  if (req.method === 'HEAD' || req.url === '/') res.end()
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

const waitsFor = (file: string) => `const server = require('node:http').createServer((req, res) => res.end('ok'))
const timer = setInterval(() => {
  if (!require('node:fs').existsSync(${JSON.stringify(file)})) return
  clearInterval(timer)
  server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
}, 20)`

let host: TestHost
let alice: TestBrowser
let bob: TestBrowser
let aliceKey: string
beforeAll(async () => {
  host = await startTestHost({ requestShares: REQUESTS, webSocketShares: WEB_SOCKETS })
  aliceKey = (await host.user('alice')).key
  await host.user('bob')
  const api = { exports: [{ api: 'test.org/hold', path: '/rpc' }] }
  await host.install('echo', 'system', 'slow', { manifest: api, files: { 'index.js': HOLDS } })
  await host.install('event-stream', 'system', 'stream')
  const ws = { exports: [{ api: 'test.org/echo', path: '/ws', transport: 'proxy' as const }] }
  await host.install('echo', 'system', 'notes', { manifest: ws })
  alice = await host.signedIn('alice', 'slow', 'stream', 'notes')
  bob = await host.signedIn('bob', 'slow', 'stream', 'notes')
})
afterAll(() => host.close())

const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await expect.poll(() => openRows().length).toBe(0)
})

const openRows = () => host.recorder.list({ limit: 100, visible: ({ state }) => state === 'open' }).rows
const newest = () => host.recorder.list({ limit: 1, visible: () => true }).rows[0]?.seq ?? 0
const lastRefusal = () => {
  const [row] = host.recorder.list({ limit: 1, visible: ({ refused }) => refused !== null }).rows
  return row === undefined ? null : host.recorder.get(row.seq)
}
const head = (browser: TestBrowser, app: string) => [
  `Host: ${app}.localhost:${host.port}`,
  `Cookie: ${browser.cookieHeader(`${app}.localhost`)}`,
]

/** Sends a request whose answer is not waited for. */
async function send(browser: TestBrowser, app: string, path: string) {
  const socket = await openRaw(host.port)
  sockets.push(socket)
  socket.on('error', () => {})
  const before = newest()
  socket.write(`GET ${path} HTTP/1.1\r\n${head(browser, app).join('\r\n')}\r\n\r\n`)
  // A connection that has not asked anything yet would make room for the next one.
  await expect.poll(newest).toBeGreaterThan(before)
  return { socket, reader: new AnswerReader(socket) }
}

test('A45: one person with several slow apps does not take all of the host’s connections', async () => {
  const hers = []
  for (let i = 0; i < CONNECTIONS; i++) hers.push(await send(alice, i % 2 === 0 ? 'slow' : 'stream', '/events'))
  await expect.poll(() => openRows().length).toBe(REQUESTS.crowded)
  expect((await rawRequest(host.port, ['GET / HTTP/1.1', ...head(bob, 'stream')])).status).toBe(200)
  expect((await host.browser().get(`${host.edge.address()}/_atek/login`)).status).toBe(200)

  const refused = await rawRequest(host.port, ['GET /events HTTP/1.1', ...head(alice, 'stream')])
  expect(refused.status).toBe(429)
  expect(refused.header('retry-after')).toBe('10')
  expect(refused.json()).toMatchObject({ error: true, code: 'RATE_LIMITED' })
  expect(lastRefusal()).toMatchObject({
    refused: 'RATE_LIMITED',
    status: 429,
    caller: { userKey: aliceKey },
    reason: 'The caller has 6 of the 6 connections that all people and apps have open.',
  })
  const page = await alice.get(`${host.edge.appAddress('stream')}/`)
  expect([page.status, page.header('retry-after')]).toEqual([429, '10'])
  expect(page.body).toContain('Too many connections')

  // Everybody else has a share of what is left.
  const his = [await send(bob, 'stream', '/events'), await send(bob, 'slow', '/events')]
  await expect.poll(() => openRows().length).toBe(REQUESTS.crowded + REQUESTS.each)
  expect((await rawRequest(host.port, ['GET / HTTP/1.1', ...head(bob, 'stream')])).status).toBe(429)

  // What ends makes room.
  for (const { socket } of [...his, ...hers.slice(0, 2)]) socket.destroy()
  await expect.poll(() => openRows().length).toBeLessThan(REQUESTS.crowded)
  expect((await rawRequest(host.port, ['GET / HTTP/1.1', ...head(alice, 'stream')])).status).toBe(200)
})

test('A45: calls at the gateway count, too, those of a person’s apps together and apart from hers', async () => {
  const first = await host.install('echo', aliceKey, 'first')
  const second = await host.install('echo', aliceKey, 'second')
  const call = async (...credentials: string[]) => {
    const socket = await openRaw(host.port)
    sockets.push(socket)
    const body = '{"jsonrpc":"2.0","id":7,"method":"x"}'
    const lines = [`Host: atek.localhost:${host.port}`, `Content-Length: ${body.length}`, ...credentials]
    socket.write(`POST /_atek/gateway?api=test.org/hold HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
    return new AnswerReader(socket)
  }
  const bearer = (key: string) => `Authorization: Bearer ${host.identity.serviceTokens.issue(key)}`
  const [one, two] = [bearer(first.key), bearer(second.key)]
  const cookie = `Cookie: ${alice.cookieHeader('atek.localhost')}`
  for (let i = 0; i < REQUESTS.crowded - 1; i++) await call(i % 2 === 0 ? one : two)
  await expect.poll(() => openRows().length).toBe(REQUESTS.crowded - 1)
  await call(cookie)
  await call(cookie)
  await expect.poll(() => openRows().length).toBe(REQUESTS.crowded + 1)
  for (const credentials of [one, two, cookie]) {
    const answer = await (await call(credentials)).next()
    expect(answer?.status).toBe(429)
    expect(answer?.header('retry-after')).toBe('10')
    expect(answer?.json()).toMatchObject({ id: 7, error: { data: { code: 'RATE_LIMITED' } } })
  }
  expect(lastRefusal()).toMatchObject({ kind: 'gateway', reason: expect.stringContaining('2 of the 7 connections') })
})

test('A45: WebSockets over all apps, and at the gateway, have shares of their own', async () => {
  const notes = (browser: TestBrowser) =>
    openWebSocket(host.port, '/ws', { Cookie: browser.cookieHeader('notes.localhost') }, 'notes.localhost')
  const gateway = (browser: TestBrowser) => {
    const headers = { Cookie: browser.cookieHeader('atek.localhost') }
    return openWebSocket(host.port, '/_atek/gateway?api=test.org%2Fecho', headers, 'atek.localhost')
  }
  const open = [await notes(alice), await notes(alice), await gateway(alice), await gateway(alice)]
  await expect(notes(alice)).rejects.toBe(429)
  await expect(gateway(alice)).rejects.toBe(429)
  expect(lastRefusal()).toMatchObject({ kind: 'websocket', reason: expect.stringContaining('4 of the 4 connections') })
  open.push(await notes(bob))
  await expect(notes(bob)).rejects.toBe(429)
  for (const { socket, closed } of open) {
    socket.close()
    await closed
  }
  await expect.poll(() => notes(alice).then(({ socket }) => socket.close(), String)).toBeUndefined()
})

test('A45: requests that wait for an app to get ready count, too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atek-gate-'))
  const gate = join(folder, 'open')
  await writeFile(gate, '')
  const app = await host.install('echo', 'system', 'late', { files: { 'index.js': waitsFor(gate) } })
  const visitor = await host.signedIn('alice', 'late')
  await rm(gate)
  const restarted = host.apps.restart('system', app.key)
  await expect.poll(() => host.apps.state(app.key).state).toBe('starting')
  const waiting = []
  for (let i = 0; i < REQUESTS.crowded; i++) waiting.push(await send(visitor, 'late', '/'))
  await expect.poll(() => openRows().length).toBe(REQUESTS.crowded)
  expect((await rawRequest(host.port, ['GET / HTTP/1.1', ...head(visitor, 'late')])).status).toBe(429)
  await writeFile(gate, '')
  for (const { reader } of waiting) expect((await reader.next())?.status).toBe(200)
  await restarted
  await rm(folder, { recursive: true })
})

test('what has left is counted no more, and a share that nobody uses does not stay for ever', () => {
  const shares = new Shares({ crowded: 2, each: 1 })
  const enter = (key: string): Share => {
    const share = shares.enterPerson(key)
    if (isNoPlace(share)) throw new Error(share.reason)
    return share
  }
  const kept = [enter('a'), enter('b')]
  expect(() => enter('a')).toThrow('1 of the 2')
  expect(isNoPlace(shares.enterApp('a'))).toBe(false)
  for (const share of kept) shares.leave(share)
  for (let i = 0; i < 1000; i++) shares.leave(enter(`user-${i}`))
  expect(enter('a').among.size).toBeLessThan(300)
})
