import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { AnswerReader, open, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'

vi.mock('../contract/limits.ts', async (original) => {
  const { LIMITS } = await original<typeof import('../contract/limits.ts')>()
  return { LIMITS: { ...LIMITS, connections: 5, lingerTimeout: 600_000 } }
})

let host: TestHost
let head: string
beforeAll(async () => {
  host = await startTestHost()
  await host.user('alice')
  await host.install('event-stream', 'system', 'stream')
  const browser = await host.signedIn('alice', 'stream')
  head = `Host: stream.localhost:${host.port}\r\nCookie: ${browser.cookieHeader('stream.localhost')}\r\n`
})
afterAll(() => host.close())

async function asked(path: string): Promise<{ socket: Socket; reader: AnswerReader }> {
  const socket = await open(host.port)
  const reader = new AnswerReader(socket)
  socket.write(`GET ${path} HTTP/1.1\r\n${head}\r\n`)
  return { socket, reader }
}
const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))
const lastRow = () => host.recorder.list({ limit: 1, visible: () => true }).rows[0]

test('A45: room is made by who never asked, then by who is between two requests; then a request is answered 503', async () => {
  const between = await asked('/')
  expect((await between.reader.next())?.status).toBe(200)
  const silent = await open(host.port)
  const streams: Socket[] = []
  const stream = async () => {
    const { socket, reader } = await asked('/events')
    streams.push(socket)
    expect((await reader.bytes(15)).toString()).toBe('HTTP/1.1 200 OK')
  }
  for (let i = 0; i < 3; i++) await stream()
  // Five are open now.
  const silentGone = closed(silent)
  await stream()
  await silentGone
  const betweenGone = closed(between.socket)
  await stream()
  await betweenGone

  const refused = await rawRequest(host.port, ['GET / HTTP/1.1', ...head.trim().split('\r\n')])
  expect(refused.status).toBe(503)
  expect(refused.header('retry-after')).toBe('10')
  expect(refused.header('connection')).toBe('close')
  expect(lastRow()).toMatchObject({ refused: 'TOO_BUSY', status: 503 })
  const lines = ['GET /page HTTP/1.1', ...head.trim().split('\r\n'), 'Accept: text/html']
  const page = await rawRequest(host.port, lines)
  expect(page.status).toBe(503)
  expect(page.header('content-type')).toBe('text/html; charset=utf-8')
  expect(page.header('retry-after')).toBe('10')
  expect(page.header('connection')).toBe('close')
  expect(page.body).toContain('Atek is busy')
  expect(lastRow()).toMatchObject({ path: '/page', refused: 'TOO_BUSY', status: 503 })
  const rebound = await rawRequest(host.port, ['GET / HTTP/1.1', 'Host: rebound.example', 'Accept: text/html'])
  expect(rebound.json()).toMatchObject({ code: 'TOO_BUSY' })
  expect(streams.every((socket) => !socket.destroyed)).toBe(true)
  for (const socket of streams) socket.destroy()
  await expect
    .poll(async () => (await rawRequest(host.port, ['GET / HTTP/1.1', ...head.trim().split('\r\n')])).status)
    .toBe(200)
})

test('A45: who sends a form of the host byte by byte, on every connection, keeps nobody out', async () => {
  const slow: Socket[] = []
  for (let i = 0; i < 5; i++) {
    const socket = await open(host.port)
    slow.push(socket)
    const reader = new AnswerReader(socket)
    // Answered before its body comes, so that the host has its head for certain.
    const lines = ['POST /_atek/login HTTP/1.1', `Host: atek.localhost:${host.port}`, 'Content-Length: 100']
    socket.write(`${lines.join('\r\n')}\r\nExpect: 100-continue\r\n\r\n`)
    expect((await reader.next())?.status).toBe(100)
    socket.write('username=')
  }
  const oldestGone = closed(slow[0] ?? (await open(host.port)))
  const answer = await rawRequest(host.port, ['GET / HTTP/1.1', ...head.trim().split('\r\n')])
  expect(answer.status).toBe(200)
  await oldestGone
  expect(slow.slice(1).every((socket) => !socket.destroyed)).toBe(true)
  for (const socket of slow) socket.destroy()
})

test('A45: clients that were refused and do not leave are no more than there are connections', async () => {
  const sockets: Socket[] = []
  for (let i = 0; i < 6; i++) {
    const socket = connect({ port: host.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => {})
    sockets.push(socket)
    const ended = new Promise((resolve) => socket.once('end', resolve))
    socket.resume()
    socket.write('GET / HTTP/1.1\r\nHost: evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await ended
  }
  const [oldest] = sockets
  if (oldest === undefined) throw new Error('There is none.')
  // A connection that is closed at the other end is reset by what comes then; one that is open takes it for ever.
  const poke = setInterval(() => oldest.write('x'), 20)
  await closed(oldest)
  clearInterval(poke)
  for (const socket of sockets) socket.destroy()
})
