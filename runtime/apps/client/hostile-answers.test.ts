import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LIMITS } from '../../contract/limits.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import { RawApp } from './testing/raw-app.ts'

let app: RawApp
let clock: ManualClock

beforeEach(async () => {
  clock = new ManualClock()
  app = await RawApp.start(clock)
})
afterEach(() => app.stop())

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const good = () => expect(app.ask()).resolves.toMatchObject({ status: 200, body: 'ok', outcome: 'end' })

/** After whatever came before, the next request is answered, and on a connection of its own. */
async function expectUnharmed(): Promise<void> {
  const before = app.connections.length
  app.says(OK)
  await good()
  expect(app.connections.length).toBeGreaterThan(before)
}

test.each([
  ['CL and TE', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['TE and CL', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n'],
  ['two CL', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
  ['two equal CL', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab'],
  ['a list of CL', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab'],
  ['a negative CL', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nab'],
  ['a signed CL', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab'],
  ['a hexadecimal CL', 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nab'],
  ['a huge CL', `HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(40)}\r\n\r\nab`],
  ['an empty CL', 'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nab'],
  ['gzip, chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['xchunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['chunked twice', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a blank before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nab'],
  ['a folded line', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n Content-Length: 2\r\n\r\nab'],
  ['a bare LF', 'HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 2\r\n\r\nab'],
  ['bare LFs only', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nab\r\n\r\n'],
  ['a bare CR', 'HTTP/1.1 200 OK\r\nX-A: 1\rContent-Length: 2\r\n\r\nab'],
  ['a zero byte', 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\n\r\n'],
  ['no name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
  ['no colon', 'HTTP/1.1 200 OK\r\nX-A\r\n\r\n'],
  ['an empty first line', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['a lower-case version', 'http/1.1 200 OK\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['101 without being asked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
  ['an interim answer with a body', 'HTTP/1.1 103 Early Hints\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n\r\n'],
  ['a head without end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(LIMITS.headerBytes)}`],
  ['100 headers of 8 kB', `HTTP/1.1 200 OK\r\n${`X-A: ${'a'.repeat(8192)}\r\n`.repeat(100)}\r\n`],
  ['interim answers without end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000)],
])('A11 A45: an answer with %s is no answer, and its connection ends', async (_name, bytes) => {
  app.says(bytes)
  expect(await app.ask()).toMatchObject({ outcome: 'error', code: 'APP_BAD_ANSWER', status: null })
  await expectUnharmed()
})

test.each([
  ['a size that is no number', 'x\r\nab\r\n0\r\n\r\n'],
  ['a negative size', '-2\r\nab\r\n0\r\n\r\n'],
  ['a size with 0x', '0x2\r\nab\r\n0\r\n\r\n'],
  ['a size of nine digits', '000000002\r\nab\r\n0\r\n\r\n'],
  ['no size', '\r\nab\r\n0\r\n\r\n'],
  ['a bare LF after the size', '2\nab\r\n0\r\n\r\n'],
  ['a bare LF after the data', '2\r\nab\n0\r\n\r\n'],
  ['two bytes more than its size', '2\r\nabcd0\r\n\r\n'],
  ['more data than its size', '2\r\nabc\r\n0\r\n\r\n'],
  ['a size line without end', `2;${'x'.repeat(1000)}`],
  ['a line end in an extension', '2;a\n=b\r\nab\r\n0\r\n\r\n'],
  ['trailers without end', `0\r\n${'X-A: b\r\n'.repeat(10_000)}`],
  ['a control character in a trailer', '0\r\nX-A: \0\r\n\r\n'],
])('A11 A45: a chunk with %s ends the answer', async (_name, chunks) => {
  app.says(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`)
  expect(await app.ask()).toMatchObject({ outcome: 'error', code: 'APP_BAD_ANSWER', status: 200 })
  await expectUnharmed()
})

test.each([
  ['a length', OK],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a="b"\r\no\r\n1\r\nk\r\n0\r\nX-Trailer: 1\r\n\r\n',
  ],
])('A10 A11: two answers to one request with %s: the second one is nobody’s', async (_name, bytes) => {
  app.says(bytes + OK.replace('ok', 'no'))
  await good()
  await expectUnharmed()
})

test('A10: what comes after an answer, while nothing is asked, ends the connection', async () => {
  app.says(OK)
  await good()
  const [socket] = app.connections
  const closed = new Promise((resolve) => socket?.once('close', resolve))
  socket?.write(OK.replace('ok', 'no'))
  await closed
  await expectUnharmed()
})

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 'ok'],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 'ok'],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n', 'ok'],
])('A11: %s, and an answer that has no body: bytes behind it are nobody’s', async (method, head, rest) => {
  app.says(head)
  expect(await app.ask({ method })).toMatchObject({ body: '', outcome: 'end' })
  // Rightly framed, the connection goes on.
  expect(await app.ask({ method })).toMatchObject({ body: '', outcome: 'end' })
  expect(app.connections).toHaveLength(1)
  app.says(head + rest)
  expect(await app.ask({ method })).toMatchObject({ body: '', outcome: 'end' })
  await expectUnharmed()
})

test('an answer may come byte by byte, with interim answers before it, and the connection goes on', async () => {
  const bytes = `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-A:  b \r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n`
  app.answer = (socket, received) => {
    if (!received.endsWith('\r\n\r\n')) return
    let at = 0
    const next = () => {
      if (at < bytes.length) socket.write(bytes.charAt(at++), () => setImmediate(next))
    }
    next()
  }
  for (let i = 0; i < 2; i++) {
    expect(await app.ask()).toMatchObject({
      status: 200,
      headers: ['X-A', 'b', 'Transfer-Encoding', 'chunked'],
      body: 'ok',
    })
  }
  expect(app.connections).toHaveLength(1)
})

test('an answer without a length ends with its connection', async () => {
  app.says('HTTP/1.1 200 OK\r\n\r\nall of it', { close: true })
  expect(await app.ask()).toMatchObject({ body: 'all of it', outcome: 'end' })
  app.says('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok')
  await good()
  await expectUnharmed()
})

test.each([
  ['the head', 'HTTP/1.1 200 OK\r\nContent-'],
  ['a body with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
  ['a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf'],
  ['the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n'],
])('A45: an app that closes in %s has not answered', async (_name, bytes) => {
  app.says(bytes, { close: true })
  expect(await app.ask()).toMatchObject({ outcome: 'error', code: 'APP_UNREACHABLE' })
  await expectUnharmed()
})

test('A45: an app that never answers, or stops in the middle, is given up', async () => {
  const never = app.ask()
  await expect.poll(() => app.received[0]).toContain('\r\n\r\n')
  clock.advance(LIMITS.appHeadersTimeout + 3000)
  expect(await never).toMatchObject({ outcome: 'error', code: 'APP_TIMEOUT' })

  app.says('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
  let status: number | null = null
  const stops = new Promise((resolve) => {
    app.transport.dispatch(
      { method: 'GET', path: '/', headers: [], body: null },
      {
        head: (answered) => {
          status = answered
        },
        data: () => true,
        end: () => resolve('end'),
        error: (error) => resolve(error.code),
      },
    )
  })
  await expect.poll(() => status).toBe(200)
  clock.advance(LIMITS.appBodyTimeout + 3000)
  expect(await stops).toBe('APP_TIMEOUT')
  await expectUnharmed()
})

test('idle connections are let go before the app would close them', async () => {
  app.says(OK)
  await good()
  await good()
  expect(app.connections).toHaveLength(1)
  const closed = new Promise((resolve) => app.connections[0]?.once('close', resolve))
  clock.advance(5000)
  await closed
  // An app that says that it waits two seconds is believed.
  app.says(OK.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=2, max=100\r\n\r\n'))
  await good()
  const soon = new Promise((resolve) => app.connections[1]?.once('close', resolve))
  clock.advance(2000)
  await soon
})

test.each([
  ['GET', true],
  ['HEAD', true],
  ['OPTIONS', true],
  ['POST', false],
  ['PUT', false],
  ['DELETE', false],
  ['PATCH', false],
])('A10: a kept connection that closes as %s is written: sent again = %s', async (method, again) => {
  app.says(OK)
  await good()
  // As an app whose time for idle connections runs out at that moment: it reads, and closes without a word.
  app.answer = (socket, received, connection) => {
    if (connection === 0) socket.destroy()
    else if (received.endsWith('\r\n\r\n')) socket.write(method === 'HEAD' ? OK.slice(0, -2) : OK)
  }
  const answer = await app.ask({ method })
  expect(answer).toMatchObject(again ? { outcome: 'end', status: 200 } : { outcome: 'error', code: 'APP_UNREACHABLE' })
  expect(app.connections).toHaveLength(again ? 2 : 1)
})

test('A10: nothing is sent again once a byte has come, or when a body has gone, or a second time', async () => {
  app.says(OK)
  await good()
  app.answer = (socket) => socket.write('H', () => socket.destroy())
  expect(await app.ask()).toMatchObject({ outcome: 'error', code: 'APP_UNREACHABLE' })
  expect(app.connections).toHaveLength(1)

  app.says(OK)
  await good()
  app.answer = (socket) => socket.destroy()
  const body = Buffer.from('body')
  expect(await app.ask({ body })).toMatchObject({ outcome: 'error', code: 'APP_UNREACHABLE' })
  expect(app.connections).toHaveLength(2)

  app.says(OK)
  await good()
  app.answer = (socket) => socket.destroy()
  expect(await app.ask()).toMatchObject({ outcome: 'error', code: 'APP_UNREACHABLE' })
  expect(app.connections).toHaveLength(4)
})

test('A10 A45: an app that answers before the body has come gets no next request on that connection', async () => {
  app.answer = (socket, received) => {
    if (received.includes('first')) socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno')
  }
  const body = new PassThrough()
  body.write('first')
  const answer = await app.ask({ method: 'POST', headers: ['Content-Length', '1000'], body })
  expect(answer).toMatchObject({ status: 413, body: 'no', outcome: 'end' })
  expect(body.destroyed).toBe(true)
  await expectUnharmed()
  expect(app.received[0]).not.toContain('GET')
})

test('A10 A45: nor while the end of the body still waits in the host for the app to read it', async () => {
  app.answer = (socket, received) => {
    if (!received.startsWith('POST')) return
    socket.pause()
    socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno')
  }
  // More than the connection itself takes.
  const body = Readable.from([Buffer.alloc(2_000_000, 'x')])
  const answer = await app.ask({ method: 'POST', headers: ['Content-Length', '2000000'], body })
  expect(answer).toMatchObject({ status: 413, body: 'no', outcome: 'end' })
  await expectUnharmed()
})

test('A10 A13: bodies go out as long as their head says, or the connection ends', async () => {
  const post = (body: Readable | Buffer, ...headers: string[]) => app.ask({ method: 'POST', headers, body })
  app.answer = (socket, received) => {
    if (/\r\n\r\n(abc|3\r\nabc\r\n0\r\n\r\n)$/.test(received)) socket.write(OK)
  }
  expect((await post(Readable.from([Buffer.from('a'), Buffer.from('bc')]), 'content-length', '3')).body).toBe('ok')
  expect(app.received[0]).toMatch(/^POST \/ HTTP\/1\.1\r\nContent-Length: 3\r\n\r\nabc$/)
  expect((await post(Buffer.from('abc'))).body).toBe('ok')
  expect((await post(Readable.from([Buffer.from('abc')]))).body).toBe('ok')
  expect(app.received[0]?.match(/POST/g)).toHaveLength(3)
  expect(app.connections).toHaveLength(1)

  const smuggled = Buffer.from('abcGET /smuggled HTTP/1.1\r\n\r\n')
  for (const body of [Readable.from([smuggled]), Readable.from([Buffer.from('ab')])]) {
    const before = app.connections.length
    expect(await post(body, 'Content-Length', '3')).toMatchObject({ outcome: 'error', code: 'BAD_REQUEST' })
    expect(app.received.join('')).not.toContain('smuggled')
    expect(app.connections.length - before).toBeLessThanOrEqual(1)
  }
  const cut = new PassThrough()
  cut.write('ab')
  const broken = post(cut)
  await expect.poll(() => app.received.join('')).toContain('2\r\nab\r\n')
  cut.destroy()
  expect(await broken).toMatchObject({ outcome: 'error' })
  expect(app.received.join('')).not.toContain('2\r\nab\r\n0\r\n')
})

test.each([
  ['a line end in a value', { headers: ['X-A', 'b\r\nAtek-Auth-User: x'] }],
  ['a bare LF in a value', { headers: ['X-A', 'b\nAtek-Auth-User: x'] }],
  ['a line end in a name', { headers: ['X-A: b\r\nX-B', 'c'] }],
  ['a character above a byte', { headers: ['X-A', '\u{10d}'] }],
  ['framing of its own', { headers: ['Transfer-Encoding', 'chunked'] }],
  ['two lengths', { headers: ['Content-Length', '1', 'content-length', '1'], body: Buffer.from('x') }],
  ['another length than its body', { headers: ['Content-Length', '2'], body: Buffer.from('x') }],
  ['a length without a body', { headers: ['Content-Length', '2'] }],
  ['an upgrade', { headers: ['Connection', 'Upgrade'] }],
  ['a blank in the path', { path: '/a b' }],
  ['a line end in the path', { path: '/a\r\nX: y' }],
  ['a path that is none', { path: 'http://x/' }],
  ['a blank in the method', { method: 'GET /x' }],
  ['CONNECT', { method: 'CONNECT' }],
])('A10: a request with %s is not written', async (_name, request) => {
  expect(await app.ask(request)).toMatchObject({ outcome: 'error', code: 'BAD_REQUEST' })
  expect(app.connections).toHaveLength(0)
})

test('A45: more requests than connections wait their turn; those that left meanwhile are not sent', async () => {
  const held: (() => void)[] = []
  app.answer = (socket, received) => {
    const asked = received.split('\r\n\r\n').length - 1
    if (asked > 0 && received.endsWith('\r\n\r\n')) held.push(() => socket.write(OK))
  }
  const answers = Array.from({ length: LIMITS.socketsPerApp + 20 }, (_, i) => app.ask({ path: `/${i}` }))
  await expect.poll(() => held.length).toBe(LIMITS.socketsPerApp)
  const gone = app.transport.dispatch(
    { method: 'GET', path: '/gone', headers: [], body: null },
    { head() {}, data: () => true, end() {}, error() {} },
  )
  gone.abort()
  expect(app.connections).toHaveLength(LIMITS.socketsPerApp)
  while (held.length > 0) {
    for (const go of held.splice(0)) go()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const finished = Promise.all(answers)
  await expect
    .poll(() => {
      for (const go of held.splice(0)) go()
      return app.received.join('').split('GET ').length - 1
    })
    .toBe(LIMITS.socketsPerApp + 20)
  for (const go of held.splice(0)) go()
  await expect.poll(() => held.length).toBe(0)
  expect((await finished).every(({ body }) => body === 'ok')).toBe(true)
  expect(app.received.join('')).not.toContain('/gone')
})

test('a call that is broken off ends its connection, and a late call changes nothing', async () => {
  let told = 0
  const handler = { head: () => told++, data: () => true, end: () => told++, error: () => told++ }
  const call = app.transport.dispatch({ method: 'GET', path: '/', headers: [], body: null }, handler)
  await expect.poll(() => app.received[0]).toContain('GET')
  const closed = new Promise((resolve) => app.connections[0]?.once('close', resolve))
  call.abort()
  await closed
  await expectUnharmed()
  // That connection serves another request by now, which this must not reach.
  app.answer = () => {}
  const other = app.ask()
  await expect.poll(() => app.received[1]?.split('GET').length).toBe(3)
  call.abort()
  call.resume()
  app.connections[1]?.write(OK)
  expect(await other).toMatchObject({ body: 'ok' })
  expect(told).toBe(0)
})
