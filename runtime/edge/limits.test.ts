import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { AnswerReader, open, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'

// The real numbers would take minutes and gigabytes; what happens when one is passed is the same.
vi.mock('../contract/limits.ts', async (original) => {
  const { LIMITS } = await original<typeof import('../contract/limits.ts')>()
  const small = {
    headersTimeout: 400,
    requestTimeout: 1200,
    keepAliveTimeout: 300,
    connectionCheckEvery: 50,
    appHeadersTimeout: 1000,
    appBodyTimeout: 1000,
    rpcBodyBytes: 100_000,
    socketsPerApp: 4,
  }
  return { LIMITS: { ...LIMITS, ...small } }
})

let host: TestHost
let head: string[]
let hostHead: string[]

const APP = `const http = require('node:http')
let open = 0, most = 0
http.createServer((req, res) => {
  req.on('error', () => {})
  req.resume()
  if (req.method === 'HEAD') return res.end()
  if (req.url === '/silent') return
  if (req.url === '/stalls') return void res.write('begin')
  if (req.url === '/hold') {
    most = Math.max(most, ++open)
    return void setTimeout(() => { open--; res.end('held') }, 200)
  }
  if (req.url === '/most') return res.end(String(most))
  req.on('end', () => res.end('ok'))
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

beforeAll(async () => {
  host = await startTestHost()
  await host.user('alice')
  await host.install('echo', 'system', 'notes', { files: { 'index.js': APP } })
  await host.install('echo', 'system', 'other')
  const browser = await host.signedIn('alice', 'notes', 'other')
  head = [`Host: notes.localhost:${host.port}`, `Cookie: ${browser.cookieHeader('notes.localhost')}`]
  hostHead = [`Host: atek.localhost:${host.port}`, `Cookie: ${browser.cookieHeader('atek.localhost')}`]
})
afterAll(() => host.close())

const rowOf = (path: string) => host.recorder.list({ limit: 1, visible: (row) => row.path === path }).rows[0]
const lastRow = () => host.recorder.list({ limit: 1, visible: () => true }).rows[0]
const reasonOf = (path: string) => host.recorder.get(rowOf(path)?.seq ?? 0)?.reason

/** The host goes on: its own page, and an app's. */
async function expectAlive(): Promise<void> {
  expect((await rawRequest(host.port, ['GET /_atek/apps HTTP/1.1', ...hostHead, 'Accept: text/html'])).status).toBe(200)
}

test('A13: a head that does not come to its end in time is answered 408 and recorded', async () => {
  const socket = await open(host.port)
  const reader = new AnswerReader(socket)
  socket.write(`GET /slow-head HTTP/1.1\r\n${head.join('\r\n')}\r\nX-A: `)
  const drip = setInterval(() => socket.write('a'), 50)
  const answer = await reader.next()
  clearInterval(drip)
  socket.destroy()
  expect(answer?.status).toBe(408)
  expect(answer?.header('connection')).toBe('close')
  expect(lastRow()).toMatchObject({ status: 408, refused: 'BAD_REQUEST' })
  await expectAlive()
})

test('A13: a body that does not come to its end in time ends the request, and the app gets no whole one', async () => {
  const socket = await open(host.port)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const reader = new AnswerReader(socket)
  socket.write(`POST /slow-body HTTP/1.1\r\n${head.join('\r\n')}\r\nContent-Length: 100000\r\n\r\n`)
  const drip = setInterval(() => socket.write('a'), 50)
  const answer = await reader.next()
  await closed
  clearInterval(drip)
  expect(answer?.status).toBe(408)
  await expect.poll(() => rowOf('/slow-body')?.state).toBe('aborted')
  await expectAlive()
})

test('a connection without requests is closed in its time', async () => {
  const socket = await open(host.port)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const reader = new AnswerReader(socket)
  socket.write(`GET /idle HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`)
  expect((await reader.next())?.status).toBe(200)
  await closed
})

test('A45: an app that gives no answer becomes a 504, and is recorded', async () => {
  const answer = await rawRequest(host.port, ['GET /silent HTTP/1.1', ...head])
  expect(answer.status).toBe(504)
  expect(answer.json()).toMatchObject({ error: true, code: 'APP_TIMEOUT' })
  expect(rowOf('/silent')).toMatchObject({ status: 504, state: 'done' })
  expect(reasonOf('/silent')).toMatch(/app/i)
  await expectAlive()
})

test('A45: an answer that never ends, and sends nothing more, is broken off and recorded', async () => {
  const socket = await open(host.port)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write(`GET /stalls HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`)
  await closed
  expect(text).toContain('begin')
  // Not as a whole one: the last chunk is missing.
  expect(text).not.toMatch(/0\r\n\r\n$/)
  expect(rowOf('/stalls')?.state).toBe('aborted')
  expect(reasonOf('/stalls')).toMatch(/app/i)
  await expectAlive()
})

test('a form or a call that is too long is answered 413 and recorded', async () => {
  for (const [path, limit] of [
    ['/_atek/login', LIMITS.hostFormBytes],
    ['/_atek/gateway?api=x', LIMITS.rpcBodyBytes],
  ] as const) {
    for (const lines of [[`Content-Length: ${limit + 1}`], ['Transfer-Encoding: chunked']]) {
      const text = 'x'.repeat(limit + 1)
      const body = lines[0]?.startsWith('T') ? `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n` : text
      const answer = await rawRequest(host.port, [`POST ${path} HTTP/1.1`, ...hostHead, ...lines], body)
      expect(answer.status, `${path} ${lines}`).toBe(413)
      expect(answer.json()).toMatchObject({ error: true, code: 'TOO_LARGE' })
      expect(lastRow()).toMatchObject({ status: 413, refused: 'TOO_LARGE' })
    }
  }
  await expectAlive()
})

test('more requests than an app may have connections wait for their turn, and only this app’s do', async () => {
  const asked = Array.from({ length: LIMITS.socketsPerApp * 3 }, () =>
    rawRequest(host.port, ['GET /hold HTTP/1.1', ...head]),
  )
  await expectAlive()
  for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ status: 200, body: 'held' })
  const most = await rawRequest(host.port, ['GET /most HTTP/1.1', ...head])
  expect(Number(most.body)).toBe(LIMITS.socketsPerApp)
})
