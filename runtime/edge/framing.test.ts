import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { AnswerReader, open, rawExchange, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'

let host: TestHost
let head: string[]

beforeAll(async () => {
  host = await startTestHost()
  await host.user('alice')
  await host.install('echo', 'system', 'notes')
  const browser = await host.signedIn('alice', 'notes')
  head = [`Host: notes.localhost:${host.port}`, `Cookie: ${browser.cookieHeader('notes.localhost')}`]
})
afterAll(() => host.close())

const request = (first: string, lines: string[], body = '') =>
  `${[`${first} HTTP/1.1`, ...head, ...lines].join('\r\n')}\r\n\r\n${body}`

interface Echo {
  method: string
  url: string
  body: string
  count: number
  connection: number
}

/** How many requests the app has seen, with this one. */
const count = async () => ((await rawRequest(host.port, ['GET /count HTTP/1.1', ...head])).json() as Echo).count

test.each(['DELETE', 'OPTIONS', 'GET', 'POST', 'PUT', 'PATCH', 'PROPFIND'])(
  'A10: %s with a chunked body over kept-alive connections is one request to the app',
  async (method) => {
    const before = await count()
    const hidden = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
    const chunked = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
    const first = request(`${method} /first`, ['Transfer-Encoding: chunked'], chunked)
    const second = request('GET /second', [])
    const answers = await rawExchange(host.port, first + second, 2)
    const [one, two] = answers.map((answer) => answer.json() as Echo)
    expect(one).toMatchObject({ method, url: '/first', body: hidden })
    expect(two).toMatchObject({ method: 'GET', url: '/second', body: '' })
    expect((await count()) - before).toBe(3)
  },
)

test('A10: bodies with a length, without one, and none at all keep requests apart', async () => {
  const answers = await rawExchange(
    host.port,
    [
      request('POST /a', ['Content-Length: 3'], 'abc'),
      request('DELETE /b', ['Content-Length: 3'], 'xyz'),
      request('POST /c', ['Content-Length: 0']),
      request('DELETE /d', ['Content-Length: 0']),
      request('HEAD /e', []),
    ].join(''),
    4,
  )
  const echoes = answers.map((answer) => answer.json() as Echo)
  expect(echoes.map(({ url, body }) => url + body)).toEqual(['/aabc', '/bxyz', '/c', '/d'])
})

test.each([
  ['CL and TE', ['Content-Length: 4', 'Transfer-Encoding: chunked']],
  ['two different CL', ['Content-Length: 4', 'Content-Length: 5']],
  ['two CL in one', ['Content-Length: 4, 4']],
  ['xchunked', ['Transfer-Encoding: xchunked']],
  ['chunked, identity', ['Transfer-Encoding: chunked, identity']],
  ['space before the colon', ['Transfer-Encoding : chunked']],
  ['folded line', ['X-A: 1', ' Transfer-Encoding: chunked']],
  ['signed length', ['Content-Length: +4']],
  ['hexadecimal length', ['Content-Length: 0x4']],
  ['no name', [': x']],
  ['zero byte', ['X-A: a\0b']],
  ['bare CR', ['X-A: a\rTransfer-Encoding: chunked']],
])('A11: %s is refused, and the connection is not used again', async (_name, lines) => {
  const before = host.recorder.list({ limit: 1, visible: () => true }).rows[0]?.seq ?? 0
  const bytes = request('POST /a', lines, '0\r\n\r\n') + request('GET /next', [])
  const answers = await rawExchange(host.port, bytes, 2)
  expect(answers).toHaveLength(1)
  expect(answers[0]?.status).toBe(400)
  const { rows } = host.recorder.list({ limit: 10, visible: (row) => row.seq > before })
  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({ refused: 'BAD_REQUEST', status: 400 })
})

test('A11: an encoding besides chunked is refused', async () => {
  const [answer] = await rawExchange(host.port, request('POST /a', ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'))
  expect(answer?.status).toBe(400)
})

test('A12: requests for other names are answered 421 before anything else, and recorded', async () => {
  for (const lines of [
    ['Host: app.evil.test'],
    [`Host: notes.localhost:${host.port}`, `Host: notes.localhost:${host.port}`],
    [`Host: notes.localhost.:${host.port}`],
    [`Host: 127.0.0.1:${host.port}`],
    [],
  ]) {
    const answer = await rawRequest(host.port, ['GET / HTTP/1.1', ...lines])
    expect(answer.status, lines.join()).toBe(421)
    const row = host.recorder.list({ limit: 1, visible: () => true }).rows[0]
    expect(row).toMatchObject({ refused: 'MISDIRECTED', status: 421 })
  }
})

test('A20: a rebound name gets nothing, with whatever cookies', async () => {
  const [, cookie = ''] = head
  for (const name of [`app.evil.test:${host.port}`, 'app.evil.test', `evil.test:${host.port}`]) {
    const answer = await rawRequest(host.port, ['GET / HTTP/1.1', `Host: ${name}`, cookie, 'Accept: text/html'])
    expect(answer.status).toBe(421)
    expect(answer.header('location')).toBeNull()
    expect(answer.all('set-cookie')).toEqual([])
  }
  const upgrade = ['GET /ws HTTP/1.1', 'Host: app.evil.test', cookie, 'Connection: Upgrade', 'Upgrade: websocket']
  const [answer] = await rawExchange(host.port, `${upgrade.join('\r\n')}\r\n\r\n`)
  expect(answer?.status).toBe(421)
})

test('A13: too large a head, or too many headers, is answered 431', async () => {
  const large = await rawRequest(host.port, ['GET / HTTP/1.1', ...head, `X-Large: ${'x'.repeat(LIMITS.headerBytes)}`])
  expect(large.status).toBe(431)
  const many = Array.from({ length: LIMITS.headerCount }, (_, i) => `X-${i}: 1`)
  expect((await rawRequest(host.port, ['GET / HTTP/1.1', ...head, ...many])).status).toBe(431)
  const megabyte = await rawExchange(
    host.port,
    `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(1024 * 1024)}\r\n\r\n`,
  )
  expect(megabyte[0]?.status).toBe(431)
})

test('A13: a request whose body is cut off does not reach the app as a whole one', async () => {
  const before = await count()
  const socket = await open(host.port)
  socket.write(request('POST /cut', ['Content-Length: 10'], 'abc'))
  await expect
    .poll(() => host.recorder.list({ limit: 1, visible: (row) => row.path === '/cut' }).rows[0]?.bytesIn)
    .toBe(3)
  socket.destroy()
  await expect
    .poll(() => host.recorder.list({ limit: 1, visible: (row) => row.path === '/cut' }).rows[0]?.state)
    .toBe('aborted')
  // The app got the head and never the end; the next request is answered as ever.
  expect(await count()).toBeGreaterThan(before)
})

test('CONNECT makes no tunnel, and upgrades other than WebSockets are refused', async () => {
  const [answer] = await rawExchange(host.port, `CONNECT notes.localhost:22 HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`)
  expect(answer?.status).toBe(400)
  for (const lines of [
    ['Connection: Upgrade', 'Upgrade: h2c', 'HTTP2-Settings: AAA'],
    ['Connection: Upgrade', 'Upgrade: websocket, h2c'],
    ['Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 5'],
  ]) {
    const [refused] = await rawExchange(host.port, request('GET /ws', lines, 'GET /'))
    expect(refused?.status).toBe(400)
  }
})

test('Expect: 100-continue is answered when the body is wanted, and not when the request is refused', async () => {
  const lines = ['Content-Length: 3', 'Expect: 100-continue']
  const socket = await open(host.port)
  const reader = new AnswerReader(socket)
  socket.write(request('POST /continue', lines))
  expect((await reader.next())?.status).toBe(100)
  socket.write('abc')
  expect((await reader.next())?.json()).toMatchObject({ url: '/continue', body: 'abc' })
  socket.destroy()

  const refused = await rawExchange(host.port, `POST / HTTP/1.1\r\n${head[0]}\r\n${lines.join('\r\n')}\r\n\r\n`)
  expect(refused[0]?.status).toBe(401)
})

test('the listener is on loopback only, on both families', async () => {
  for (const address of ['127.0.0.1', '::1']) {
    const socket = connect({ port: host.port, host: address })
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    socket.destroy()
  }
})
