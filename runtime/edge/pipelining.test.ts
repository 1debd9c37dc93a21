import { afterAll, beforeAll, expect, test } from 'vitest'
import { AnswerReader, open, rawExchange, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'

let host: TestHost
let head: string[]

const APP = `require('node:http').createServer((req, res) => {
  req.resume()
  if (req.url === '/hold') return void setTimeout(() => res.end('held'), 300)
  if (req.url === '/large') return res.end('x'.repeat(4 * 1024 * 1024))
  res.end('ok ' + req.url)
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

/** Answers with a status text that node:http does not write. */
const ODD_STATUS = `require('node:net').createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', (data) => socket.end(String(data).startsWith('HEAD') ? 'HTTP/1.1 204 No Content\\r\\n\\r\\n'
    : Buffer.from('HTTP/1.1 200 \\x97\\xc6\\r\\nContent-Length: 2\\r\\n\\r\\nok', 'latin1')))
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

beforeAll(async () => {
  host = await startTestHost()
  await host.user('alice')
  await host.install('echo', 'system', 'notes', { files: { 'index.js': APP } })
  await host.install('echo', 'system', 'odd', { files: { 'index.js': ODD_STATUS } })
  const browser = await host.signedIn('alice', 'notes')
  head = [`Host: notes.localhost:${host.port}`, `Cookie: ${browser.cookieHeader('notes.localhost')}`]
})
afterAll(() => host.close())

const request = (path: string, lines: string[] = []) =>
  `${[`GET ${path} HTTP/1.1`, ...head, ...lines].join('\r\n')}\r\n\r\n`
const rows = (path: string) => host.recorder.list({ limit: 1000, visible: (row) => row.path === path }).rows
const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${'x'.repeat(22)}==`,
]

test('requests that are sent at once are answered in their order', async () => {
  const answers = await rawExchange(host.port, request('/hold') + request('/b') + request('/c'), 3)
  expect(answers.map(({ body }) => body)).toEqual(['held', 'ok /b', 'ok /c'])
})

test('A45: answers that wait behind another end with their connection, and hold no connection to the app', async () => {
  // More than the app may have connections: were they held, nobody would get an answer from it any more.
  for (let i = 0; i < 20; i++) {
    const socket = await open(host.port)
    socket.write(request('/hold') + request('/large').repeat(20))
    await expect.poll(() => rows('/large').length).toBeGreaterThanOrEqual((i + 1) * 20)
    socket.destroy()
  }
  await expect.poll(() => rows('/large').filter(({ state }) => state === 'open').length).toBe(0)
  expect((await rawRequest(host.port, ['GET /after HTTP/1.1', ...head])).body).toBe('ok /after')
}, 60_000)

test('A11: an upgrade that does not wait for the answer before it is refused, recorded, and joins nothing', async () => {
  const [first, second] = await rawExchange(host.port, request('/hold') + request('/ws', UPGRADE), 2)
  expect(first).toBeUndefined()
  expect(second).toBeUndefined()
  expect(rows('/ws')).toMatchObject([{ refused: 'BAD_REQUEST', state: 'done' }])
  await expect.poll(() => rows('/hold').filter(({ state }) => state === 'open').length).toBe(0)
})

test('A45: a client that was refused and does not leave is left', async () => {
  const socket = await open(host.port)
  socket.on('end', () => {})
  socket.allowHalfOpen = true
  const reader = new AnswerReader(socket)
  socket.write(request('/ws', ['Connection: Upgrade', 'Upgrade: h2c']))
  expect((await reader.next())?.status).toBe(400)
  // Writes until the other side is not there any more.
  await new Promise<void>((resolve) => {
    const drip = setInterval(() => socket.write('x'), 50)
    socket.once('close', () => {
      clearInterval(drip)
      resolve()
    })
  })
})

test('A45: an answer whose status text cannot be passed on becomes a 502, and the caller is not left waiting', async () => {
  const browser = await host.signedIn('alice', 'odd')
  const answer = await browser.send('GET', `${host.edge.appAddress('odd')}/x`)
  expect([200, 502]).toContain(answer.status)
})
