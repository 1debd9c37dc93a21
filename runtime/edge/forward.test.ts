import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AppRecord } from '../storage/apps-table.ts'
import { AnswerReader, open, rawExchange, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import type { TestBrowser } from '../testing/test-browser.ts'

/** An app that answers by path; `events` are written into its answers from outside by other requests. */
const APP = `
const http = require('node:http')
const fs = require('node:fs')
let stream = null
let streamClosed = 0
http.createServer((req, res) => {
  const path = req.url.split('?')[0]
  if (path === '/events') {
    stream = res
    res.on('close', () => { streamClosed++ })
    res.writeHead(200, { 'Content-Type': 'text/event-stream' })
    res.flushHeaders()
  } else if (path === '/emit') { stream.write('data: one\\n\\n'); res.end() }
  else if (path === '/closed') res.end(String(streamClosed))
  else if (path === '/status/204') { res.writeHead(204); res.end() }
  else if (path === '/status/304') { res.writeHead(304, { ETag: '"x"' }); res.end() }
  else if (path === '/status/418') { res.writeHead(418, 'I am a teapot'); res.end('tea') }
  else if (path === '/length') { res.writeHead(200, { 'Content-Length': '5' }); res.end(req.method === 'HEAD' ? '' : 'hello') }
  else if (path === '/many') { res.setHeader('X-Twice', ['1', '2']); res.setHeader('Connection', 'X-Hop'); res.setHeader('X-Hop', '1'); res.setHeader('X-Bytes', 'gr\\u00fc\\u00df'); res.end() }
  else if (path === '/hints') { res.writeEarlyHints({ link: '</a>; rel=preload' }); res.end('after') }
  else if (path === '/large') { const piece = Buffer.alloc(65536, 'x'); let left = 1600; const go = () => { while (left-- > 0) if (!res.write(piece)) return res.once('drain', go); res.end() }; go() }
  else if (path === '/breaks') { res.writeHead(200, { 'Content-Length': '100' }); res.write('half'); setTimeout(() => req.socket.destroy(), 20) }
  else if (path === '/closes') req.socket.destroy()
  else if (path === '/rejects') { res.writeHead(413); res.end('too much') }
  else if (path === '/garbage') { req.socket.end('this is not http\\r\\n\\r\\n') }
  else if (path === '/smuggles') { req.socket.end('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n') }
  else if (path === '/two-lengths') { req.socket.end('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nContent-Length: 3\\r\\n\\r\\nabc') }
  else if (path === '/huge-head') { res.setHeader('X-Large', 'x'.repeat(100000)); res.end() }
  else if (path === '/crash') process.exit(3)
  else { let n = 0; req.on('data', (c) => { n += c.length }); req.on('end', () => res.end(String(n))) }
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
`

let host: TestHost
let app: AppRecord
let browser: TestBrowser
let head: string[]

beforeAll(async () => {
  host = await startTestHost()
  await host.user('alice')
  app = await host.install('echo', 'system', 'notes', { files: { 'index.js': APP }, manifest: { title: 'Notes' } })
  browser = await host.signedIn('alice', 'notes')
  head = [`Host: notes.localhost:${host.port}`, `Cookie: ${browser.cookieHeader('notes.localhost')}`]
})
afterAll(() => host.close())

const ask = (path: string, lines: string[] = [], method = 'GET', body = '') =>
  rawRequest(host.port, [`${method} ${path} HTTP/1.1`, ...head, ...lines], body)
const rowOf = (path: string) => host.recorder.list({ limit: 1, visible: (row) => row.path === path }).rows[0]

test('status, reason, repeated headers and bytes of an answer come through; headers of the hop do not', async () => {
  expect(await ask('/status/418')).toMatchObject({ status: 418, body: 'tea' })
  const answer = await ask('/many')
  expect(answer.all('x-twice')).toEqual(['1', '2'])
  expect(answer.header('x-bytes')).toBe('gr\u00fc\u00df')
  expect(answer.header('x-hop')).toBeNull()
  expect((await ask('/hints')).body).toBe('after')
})

test('answers without a body are answers without a body, and the connection goes on', async () => {
  const socket = await open(host.port)
  const reader = new AnswerReader(socket)
  const send = (first: string) => socket.write(`${[first, ...head].join('\r\n')}\r\n\r\n`)
  send('GET /status/204 HTTP/1.1')
  expect(await reader.next()).toMatchObject({ status: 204 })
  send('GET /status/304 HTTP/1.1')
  const notModified = await reader.next()
  expect(notModified).toMatchObject({ status: 304 })
  expect(notModified?.header('etag')).toBe('"x"')
  send('HEAD /length HTTP/1.1')
  const headOnly = await reader.next(true)
  expect(headOnly?.header('content-length')).toBe('5')
  send('GET /length HTTP/1.1')
  expect(await reader.next()).toMatchObject({ status: 200, body: 'hello' })
  expect(reader.rest).toHaveLength(0)
  socket.destroy()
})

test('an event stream is passed on as it comes, and ends at the app when the client goes', async () => {
  const socket = await open(host.port)
  socket.write(`${['GET /events HTTP/1.1', ...head].join('\r\n')}\r\n\r\n`)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await expect.poll(() => text).toContain('text/event-stream')
  await ask('/emit')
  await expect.poll(() => text).toContain('data: one')
  expect(rowOf('/events')).toMatchObject({ state: 'open', status: 200 })
  socket.destroy()
  await expect.poll(async () => (await ask('/closed')).body).toBe('1')
  expect(rowOf('/events')).toMatchObject({ state: 'aborted' })
})

test('C09: an event stream ends with the session that it was opened under', async () => {
  const visitor = await host.signedIn('alice', 'notes')
  const socket = await open(host.port)
  const cookie = `Cookie: ${visitor.cookieHeader('notes.localhost')}`
  socket.write(`${['GET /events?c09 HTTP/1.1', head[0], cookie].join('\r\n')}\r\n\r\n`)
  const closed = new Promise((resolve) => socket.on('close', resolve).resume())
  await expect.poll(() => rowOf('/events?c09')?.status).toBe(200)
  const started = Date.now()
  await visitor.post(`${host.edge.address()}/_atek/logout`, {})
  await closed
  expect(Date.now() - started).toBeLessThan(1000)
  // And the app session is over for what comes next.
  const after = await rawRequest(host.port, ['GET / HTTP/1.1', `Host: notes.localhost:${host.port}`, cookie])
  expect(after.status).toBe(401)
})

test('a client that reads slowly slows the app down, and not the host’s memory up', async () => {
  const socket = await open(host.port)
  socket.pause()
  socket.write(`${['GET /large HTTP/1.1', ...head].join('\r\n')}\r\n\r\n`)
  await expect.poll(() => rowOf('/large')?.bytesOut ?? 0).toBeGreaterThan(0)
  // Until it stops growing: kernel buffers are full by then.
  let last = -1
  await expect
    .poll(
      () => {
        const now = rowOf('/large')?.bytesOut ?? 0
        const still = now === last
        last = now
        return still
      },
      { interval: 200, timeout: 10_000 },
    )
    .toBe(true)
  expect(last).toBeLessThan(32 * 1024 * 1024)
  socket.resume()
  await expect.poll(() => rowOf('/large')?.state, { timeout: 15_000 }).toBe('done')
  expect(rowOf('/large')?.bytesOut).toBe(1600 * 65_536)
  socket.destroy()
})

test('a large body goes through whole, with a length and chunked', async () => {
  const body = 'y'.repeat(5 * 1024 * 1024)
  expect((await ask('/up', [`Content-Length: ${body.length}`], 'POST', body)).body).toBe(String(body.length))
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  expect((await ask('/up', ['Transfer-Encoding: chunked'], 'PUT', chunked)).body).toBe(String(body.length))
  expect(rowOf('/up')).toMatchObject({ bytesIn: body.length, state: 'done' })
})

test('an app that answers before the body is there is heard', async () => {
  const socket = await open(host.port)
  const reader = new AnswerReader(socket)
  socket.write(`${['POST /rejects HTTP/1.1', ...head, 'Content-Length: 50000000'].join('\r\n')}\r\n\r\n`)
  socket.write('z'.repeat(100_000))
  expect(await reader.next()).toMatchObject({ status: 413, body: 'too much' })
  socket.destroy()
})

test.each([
  ['/closes', 502, 'APP_UNREACHABLE'],
  ['/garbage', 502, 'APP_BAD_ANSWER'],
  ['/smuggles', 502, 'APP_BAD_ANSWER'],
  ['/two-lengths', 502, 'APP_BAD_ANSWER'],
  ['/huge-head', 502, 'APP_BAD_ANSWER'],
])('A45: an app whose answer is no answer (%s) becomes a %i', async (path, status, code) => {
  expect((await ask(path)).json()).toMatchObject({ error: true, code })
  expect((await ask(path)).status).toBe(status)
  const page = await ask(path, ['Accept: text/html'])
  expect(page.status).toBe(status)
  expect(page.body).toContain('"kind":"unavailable"')
  // It reached the app: told, and not called a refusal.
  expect(rowOf(path)).toMatchObject({ refused: null, status, state: 'done' })
  expect(host.recorder.get(rowOf(path)?.seq ?? 0)?.reason).toMatch(/app/)
})

test('A45: an answer that breaks off is not passed on as a whole one', async () => {
  const answers = await rawExchange(host.port, `${['GET /breaks HTTP/1.1', ...head].join('\r\n')}\r\n\r\n`)
  expect(answers[0]?.body).not.toHaveLength(100)
  await expect.poll(() => rowOf('/breaks')?.state).toBe('aborted')
})

test('an app that a person stopped is told so; its page leads to the host’s own button', async () => {
  await host.apps.stop('system', app.key)
  expect((await ask('/x')).json()).toMatchObject({ code: 'APP_STOPPED' })
  const page = await ask('/x?y=1', ['Accept: text/html'])
  expect(page.status).toBe(503)
  const start = `${host.edge.address()}/_atek/apps/notes/start?path=%2Fx%3Fy%3D1`
  expect(page.body).toContain(start)
  expect(rowOf('/x')).toMatchObject({ refused: 'APP_STOPPED', status: 503 })

  const ownPage = await browser.get(start)
  expect(ownPage.body).toContain('"postTo":"/_atek/apps/notes/start?path=%2Fx%3Fy%3D1"')
  // A page of the app itself must not be able to press it.
  const foreign = await browser.post(start, {}, [`Origin: ${host.edge.appAddress('notes')}`])
  expect(foreign.status).toBe(403)
  const started = await browser.post(start, {})
  expect(started.header('location')).toBe(`${host.edge.appAddress('notes')}/x?y=1`)
  expect((await ask('/x')).status).toBe(200)
})

test('a stopped app of everybody’s is not anybody’s to start', async () => {
  await host.user('bob')
  await host.apps.stop('system', app.key)
  const bob = await host.signedIn('bob')
  const start = `${host.edge.address()}/_atek/apps/notes/start?path=%2F`
  expect((await bob.get(start)).body).not.toContain('postTo')
  expect((await bob.post(start, {})).status).toBe(403)
  expect(host.apps.state(app.key).state).toBe('stopped')
  await host.apps.start('system', app.key)
})

test('an app that starts on request is waited for', async () => {
  const late = await host.install('listens-late', 'system', 'late')
  const visitor = await host.signedIn('alice', 'late')
  // As after a start of the host: it is wanted, and does not run.
  await host.apps.stop('system', late.key)
  host.storage.apps.update(late.key, { enabled: true })
  host.apps.configure('system', late.key, { autostart: 'on-request' })
  const answer = await visitor.send('GET', host.edge.appAddress('late'))
  expect(answer).toMatchObject({ status: 200, body: 'ok' })
})

test('an app that cannot start says why, with its last words for its owner only', async () => {
  const alice = host.identity.users.byName('alice')
  const broken = await host.install('exits-at-once', alice?.key ?? '', 'broken')
  const visitor = await host.signedIn('alice', 'broken')
  const page = await visitor.get(host.edge.appAddress('broken'))
  expect(page.status).toBe(503)
  expect(page.body).toContain('"kind":"crashed"')
  expect(page.body).toContain('The database is missing.')
  host.storage.apps.update(broken.key, { owner: 'system' })
  host.apps.configure('system', broken.key, { autostart: 'on-request' })
  expect((await visitor.get(host.edge.appAddress('broken'))).body).not.toContain('The database is missing.')
})

test('an app that crashes under a request answers that one 502', async () => {
  const doomed = await host.install('crashes-on-request', 'system', 'doomed')
  const visitor = await host.signedIn('alice', doomed.id)
  const answer = await visitor.send('GET', `${host.edge.appAddress(doomed.id)}/crash`)
  expect(answer.status).toBe(502)
})
