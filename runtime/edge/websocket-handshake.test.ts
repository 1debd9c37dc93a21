import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import { openWebSocket } from './testing/web-socket.ts'

let host: TestHost
let cookies: (id: string) => string

/** An app on the ws library: echoes, compresses if it is asked to, and prefers the subprotocol "two". */
const wsApp = `const { createServer } = require('node:http')
const { WebSocketServer } = require(${JSON.stringify(createRequire(import.meta.url).resolve('ws'))})
const server = createServer((req, res) => res.end('ok'))
const wss = new WebSocketServer({ server, perMessageDeflate: { threshold: 0 }, handleProtocols: () => 'two' })
wss.on('connection', (socket) => {
  socket.send('welcome')
  socket.on('message', (data, binary) => socket.send(data, { binary }))
})
server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
`

/** Agrees to everything with a digest that does not fit, and says more behind it. */
const liar = `const { createServer } = require('node:http')
const server = createServer((req, res) => res.end('ok'))
server.on('upgrade', (req, socket) => {
  const accept = req.url === '/none' ? '' : 'Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\\r\\n'
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n' + accept +
    '\\r\\nHTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nforged')
})
server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
`

beforeAll(async () => {
  host = await startTestHost()
  await host.user('alice')
  await host.install('echo', 'system', 'real', { files: { 'index.js': wsApp } })
  await host.install('echo', 'system', 'liar', { files: { 'index.js': liar } })
  const browser = await host.signedIn('alice', 'real', 'liar')
  cookies = (id) => browser.cookieHeader(`${id}.localhost`)
})
afterAll(() => host.close())

const handshake = (...lines: string[]) =>
  rawRequest(host.port, [
    'GET /ws HTTP/1.1',
    `Host: real.localhost:${host.port}`,
    `Cookie: ${cookies('real')}`,
    'Upgrade: websocket',
    ...lines,
  ])

const VERSION = 'Sec-WebSocket-Version: 13'
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='

test('a handshake of another version is answered 426 with the version that is served', async () => {
  for (const lines of [[KEY], [KEY, 'Sec-WebSocket-Version: 8'], [KEY, VERSION, 'Sec-WebSocket-Version: 12']]) {
    const answer = await handshake('Connection: Upgrade', ...lines)
    expect(answer.status).toBe(426)
    expect(answer.header('sec-websocket-version')).toBe('13')
    const row = host.recorder.list({ limit: 1, visible: () => true }).rows[0]
    expect(row).toMatchObject({ refused: 'WEBSOCKET_VERSION', status: 426 })
  }
})

test('a handshake without one good key does not reach the app', async () => {
  for (const key of [
    null,
    'Sec-WebSocket-Key: ',
    'Sec-WebSocket-Key: c2hvcnQ=',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==',
    'Sec-WebSocket-Key: !!!!IHNhbXBsZSBub25jZQ==',
    `${KEY}\r\n${KEY}`,
  ]) {
    const lines = key === null ? [VERSION] : [VERSION, key]
    expect((await handshake('Connection: Upgrade', ...lines)).status, String(key)).toBe(400)
  }
})

test('A45: an app’s 101 that is not for this handshake joins nothing, whatever follows it', async () => {
  for (const path of ['/wrong', '/none']) {
    const refused = openWebSocket(host.port, path, { Cookie: cookies('liar') }, 'liar.localhost')
    await expect(refused).rejects.toBe(502)
    const row = host.recorder.list({ limit: 1, visible: () => true }).rows[0]
    expect(row).toMatchObject({ status: 502, refused: null })
    expect(host.recorder.get(row?.seq ?? 0)?.reason).toContain('Sec-WebSocket-Accept does not fit')
  }
})

test('subprotocols and compression are agreed on by the two ends, and the record counts what came over the wire', async () => {
  const name = 'real.localhost'
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}/ws`, ['one', 'two'], {
    headers: { Host: `${name}:${host.port}`, Cookie: cookies('real') },
    perMessageDeflate: { threshold: 0 },
  })
  const got: string[] = []
  socket.on('message', (data) => got.push(String(data)))
  await expect.poll(() => got).toEqual(['welcome'])
  expect(socket.protocol).toBe('two')
  expect(socket.extensions).toContain('permessage-deflate')
  const long = 'x'.repeat(1_000_000)
  socket.send(long)
  await expect.poll(() => got).toEqual(['welcome', long])
  const row = host.recorder.list({ limit: 1, visible: (found) => found.kind === 'websocket' }).rows[0]
  const frames = host.recorder.get(row?.seq ?? 0)?.frames ?? []
  expect(frames.map(({ direction, opcode }) => `${direction} ${opcode}`)).toEqual(['out text', 'in text', 'out text'])
  for (const frame of frames) expect(frame.bytes).toBeLessThan(10_000)
  socket.close(1000)
  await new Promise((resolve) => socket.once('close', resolve))
})
