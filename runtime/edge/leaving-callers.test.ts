import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { AnswerReader, open, rawRequest } from '../testing/raw-http.ts'
import { PASSWORD, startTestHost, type TestHost } from '../testing/start-host.ts'

vi.mock('../contract/limits.ts', async (original) => {
  const { LIMITS } = await original<typeof import('../contract/limits.ts')>()
  return { LIMITS: { ...LIMITS, lingerTimeout: 100 } }
})

/** Never answers at /never; at /half answers with the beginning of a long result at once, and breaks off when told. */
const APP = `const http = require('node:http')
let half = null
let read = false
http.createServer((req, res) => {
  req.on('error', () => {})
  if (req.url === '/never') return
  if (req.url === '/no') { res.statusCode = 404; return res.end('no') }
  if (req.url === '/half') {
    half = res
    // Longer than what the host takes whole.
    return res.write('{"jsonrpc":"2.0","id":1,"result":"' + 'a'.repeat(150_000), () => { read = true })
  }
  if (req.url === '/break' && read) half.destroy()
  req.resume()
  res.end('{"jsonrpc":"2.0","id":1,"result":' + read + '}')
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

const uncaught: unknown[] = []
const onUncaught = (error: unknown) => void uncaught.push(error)

let host: TestHost
let bearer: string
let appHead: string
beforeAll(async () => {
  process.on('uncaughtException', onUncaught)
  host = await startTestHost({ callLimits: { perWho: 2, waitingPerWho: 1 } })
  await host.user('alice')
  const paths = ['never', 'half', 'break']
  const manifest = { exports: paths.map((path) => ({ api: `test/${path}`, path: `/${path}` })) }
  await host.install('echo', 'system', 'notes', { manifest, files: { 'index.js': APP } })
  const granted = { username: 'alice', password: PASSWORD, address: '127.0.0.1', client: 'test', name: 'test' }
  bearer = (await host.identity.grantToken(granted)).access
  const browser = await host.signedIn('alice', 'notes')
  const origin = `notes.localhost:${host.port}`
  appHead = `Host: ${origin}\r\nOrigin: http://${origin}\r\nCookie: ${browser.cookieHeader('notes.localhost')}\r\n`
})
afterEach(() => {
  vi.restoreAllMocks()
  expect(uncaught.splice(0)).toEqual([])
})
afterAll(async () => {
  await host.close()
  process.off('uncaughtException', onUncaught)
})

const WHOAMI = '{"jsonrpc":"2.0","id":1,"method":"whoami"}'
const head = (api: string, ...lines: string[]) =>
  [
    `POST /_atek/gateway?api=${api} HTTP/1.1`,
    `Host: localhost:${host.port}`,
    `Authorization: Bearer ${bearer}`,
    ...lines,
  ].join('\r\n')
async function begin(api: string, body: string, length = body.length): Promise<Socket> {
  const socket = await open(host.port)
  socket.write(`${head(api, `Content-Length: ${length}`)}\r\n\r\n${body}`)
  return socket
}
const whoami = () =>
  rawRequest(host.port, head('atek.cloud/user-sessions-api', `Content-Length: ${WHOAMI.length}`).split('\r\n'), WHOAMI)
const rows = () => host.recorder.list({ limit: 50, visible: () => true }).rows
const states = () => rows().map(({ state }) => state)
const leave = (socket: Socket) => {
  const left = new Promise((resolve) => socket.once('close', resolve))
  socket.resetAndDestroy()
  return left
}

test('A45: callers who leave while their credentials are looked at give everything free', async () => {
  const { accessTokens } = host.identity
  const verify = accessTokens.verify.bind(accessTokens)
  for (const body of ['short', 'of unknown length']) {
    for (let i = 0; i < 4; i++) {
      let go = () => {}
      const gate = new Promise<void>((resolve) => {
        go = resolve
      })
      const looked = vi.spyOn(accessTokens, 'verify').mockImplementation(async (token) => {
        await gate
        return verify(token)
      })
      const socket = await open(host.port)
      const length = body === 'short' ? `Content-Length: ${WHOAMI.length}` : 'Transfer-Encoding: chunked'
      socket.write(`${head('atek.cloud/user-sessions-api', length)}\r\n\r\n${body === 'short' ? WHOAMI : ''}`)
      await vi.waitFor(() => expect(looked).toHaveBeenCalled())
      await leave(socket)
      // Answered behind it, so that the host has seen it leave.
      for (let n = 0; n < 2; n++) await rawRequest(host.port, ['GET / HTTP/1.1', `Host: atek.localhost:${host.port}`])
      go()
      looked.mockRestore()
    }
  }
  expect((await whoami()).status).toBe(200)
  await vi.waitFor(() => expect(states()).not.toContain('open'))
})

test('A45: a caller who leaves while a call waits for its turn ends nothing but the call', async () => {
  const calls = [await begin('test/never', WHOAMI), await begin('test/never', WHOAMI)]
  await vi.waitFor(() =>
    expect(rows().filter(({ appId, state }) => appId === 'notes' && state === 'open')).toHaveLength(2),
  )
  const waiting = await begin('test/never', WHOAMI.slice(0, 5), WHOAMI.length)
  await vi.waitFor(() => expect(rows().filter(({ state }) => state === 'open')).toHaveLength(3))
  for (const socket of [waiting, ...calls]) await leave(socket)
  await vi.waitFor(() => expect(states()).not.toContain('open'))
  expect((await whoami()).status).toBe(200)
})

test('A45: an app that breaks off a long answer while the call is still coming ends that call alone', async () => {
  const long = `{"jsonrpc":"2.0","id":7,"method":"m","params":["${'x'.repeat(100_000)}`
  const socket = await begin('test/half', long, long.length + 3)
  const reader = new AnswerReader(socket)
  await vi.waitFor(() => expect(rows()).toContainEqual(expect.objectContaining({ appId: 'notes', state: 'open' })))
  await vi.waitFor(async () => {
    const broken = await begin('test/break', WHOAMI)
    const answer = await new AnswerReader(broken).next()
    broken.destroy()
    expect(answer?.json()).toMatchObject({ result: true })
  })
  socket.write('"]}')
  const answer = await reader.next().catch(() => null)
  if (answer !== null && answer.status === 200) expect(answer.body).not.toContain('aaa"}')
  socket.destroy()
  expect((await whoami()).status).toBe(200)
})

test.each([
  ['a proxy’s question', () => `GET /_atek/auth/validate HTTP/1.1\r\nHost: localhost:${host.port}\r\n`, 401],
  ['a WebSocket that its app refuses', () => `GET /no HTTP/1.1\r\n${appHead}`, 404],
])(
  'A45: after %s that was sent as an upgrade, a client that does not leave is left',
  async (_what, request, status) => {
    const socket = connect({ port: host.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => {})
    const gone = new Promise((resolve) => socket.once('close', resolve))
    const reader = new AnswerReader(socket)
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
    socket.write(`${request()}Connection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n`)
    const ended = new Promise((resolve) => socket.once('end', resolve))
    await ended
    expect(reader.rest.toString()).toContain(`HTTP/1.1 ${status} `)
    // A connection that is closed at the other end is reset by what comes then; one that is open takes it for ever.
    const poke = setInterval(() => socket.write('x'), 50)
    await gone
    clearInterval(poke)
  },
)
