import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { AnswerReader, open, rawExchange, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'

let host: TestHost
let head: string[]

/** Counts what has arrived whole. */
const APP = `let whole = 0
require('node:http').createServer((req, res) => {
  req.on('error', () => {})
  req.on('data', () => {})
  req.on('end', () => {
    if (req.url === '/whole') return res.end(String(whole))
    whole++
    res.end('ok')
  })
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

beforeAll(async () => {
  host = await startTestHost()
  await host.user('alice')
  await host.install('echo', 'system', 'notes', { files: { 'index.js': APP } })
  const browser = await host.signedIn('alice', 'notes')
  head = [`Host: notes.localhost:${host.port}`, `Cookie: ${browser.cookieHeader('notes.localhost')}`]
})
afterAll(() => host.close())

const whole = async () => Number((await rawRequest(host.port, ['GET /whole HTTP/1.1', ...head])).body)
const openRows = () => host.recorder.list({ limit: 50_000, visible: (row) => row.state === 'open' }).total

/** Sends the first bytes and leaves, politely or not; resolves when the connection is over. */
async function cutAt(bytes: string, at: number, how: 'end' | 'reset'): Promise<void> {
  const socket = await open(host.port)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.resume()
  await new Promise((resolve) => socket.write(bytes.slice(0, at), resolve))
  if (how === 'end') socket.end()
  else socket.resetAndDestroy()
  await closed
}

const CASES: [string, string[], string][] = [
  ['with a length', ['Content-Length: 11'], 'hello world'],
  ['in chunks', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'],
]

test.each(CASES)(
  'A13: a request %s cut at every byte never reaches an app as a whole one',
  async (_name, lines, body) => {
    const bytes = `${['POST /cut HTTP/1.1', ...head, 'X-A: 1', ...lines].join('\r\n')}\r\n\r\n${body}`
    const before = await whole()
    for (const how of ['end', 'reset'] as const) {
      const cuts = Array.from({ length: bytes.length }, (_, at) => at)
      // Many at a time: what is cut in one connection must not show in another either.
      while (cuts.length > 0) await Promise.all(cuts.splice(0, 32).map((at) => cutAt(bytes, at, how)))
    }
    expect(await whole()).toBe(before)
    const [answer] = await rawExchange(host.port, bytes)
    expect(answer).toMatchObject({ status: 200, body: 'ok' })
    expect(await whole()).toBe(before + 1)
    // And nothing of them goes on inside the host.
    await expect.poll(openRows).toBe(0)
  },
  60_000,
)

test('A13: a request that comes byte by byte is the request that it is', async () => {
  const before = await whole()
  const socket = await open(host.port)
  socket.setNoDelay(true)
  const reader = new AnswerReader(socket)
  for (const byte of `${['POST /slow HTTP/1.1', ...head, 'Content-Length: 5'].join('\r\n')}\r\n\r\nhello`) {
    await new Promise((resolve) => socket.write(byte, resolve))
  }
  expect(await reader.next()).toMatchObject({ status: 200, body: 'ok' })
  socket.destroy()
  expect(await whole()).toBe(before + 1)
})

test('A13: a header of 1 MB, and 20,000 headers, are answered 431 and recorded; the host goes on', async () => {
  const before = await whole()
  const large = [`X-Large: ${'x'.repeat(1024 * 1024)}`]
  const many = Array.from({ length: 20_000 }, (_, i) => `X-${i}: ${i}`)
  const small = Array.from({ length: LIMITS.headerCount * 2 }, () => 'A: 1')
  for (const lines of [large, many, small]) {
    const answer = await rawRequest(host.port, ['GET /large HTTP/1.1', ...head, ...lines])
    expect(answer.status).toBe(431)
    expect(answer.json()).toMatchObject({ error: true, code: 'HEADERS_TOO_LARGE' })
    const [row] = host.recorder.list({ limit: 1, visible: () => true }).rows
    expect(row).toMatchObject({ status: 431, refused: 'HEADERS_TOO_LARGE' })
  }
  expect(await whole()).toBe(before)
})

test('A13: a target of 1 MB is answered 431 as well', async () => {
  const answer = await rawRequest(host.port, [`GET /${'x'.repeat(1024 * 1024)} HTTP/1.1`, ...head])
  expect(answer.status).toBe(431)
})
