import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppClient } from './app-client.ts'

let folder: string
let sockets: Map<string, string>
let servers: Server[]
let client: AppClient

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'atek-client-')))
  sockets = new Map()
  servers = []
  client = new AppClient({ target: (key) => sockets.get(key) ?? null })
})
afterEach(async () => {
  await client.dispose()
  for (const server of servers) server.close().closeAllConnections()
  await rm(folder, { recursive: true, force: true })
})

async function app(key: string, listener: RequestListener, file = key): Promise<Server> {
  const server = createServer(listener)
  servers.push(server)
  const path = join(folder, file)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  sockets.set(key, path)
  return server
}

const get = (key: string, options: { maxBytes?: number; signal?: AbortSignal } = {}) =>
  client.request(
    key,
    { method: 'GET', path: '/', headers: ['Host', 'notes.localhost'], body: null },
    { maxBytes: 1000, ...options },
  )

test('an answer comes with its status, raw headers and body', async () => {
  await app('a', (req, res) => {
    res.writeHead(201, ['X-One', '1', 'x-one', '2'])
    res.end(req.headers.host)
  })
  const { status, headers, body } = await get('a')
  expect(status).toBe(201)
  expect(headers.slice(0, 4)).toEqual(['X-One', '1', 'x-one', '2'])
  expect(body.toString()).toBe('notes.localhost')
})

test('an app that does not run, or whose socket nobody listens on, cannot be reached', async () => {
  await expect(get('none')).rejects.toMatchObject({ code: 'APP_UNREACHABLE' })
  sockets.set('gone', join(folder, 'gone'))
  await expect(get('gone')).rejects.toMatchObject({ code: 'APP_UNREACHABLE' })
})

test('an app that was started anew on another socket is asked there', async () => {
  await app('a', (_req, res) => res.end('old'), 'old')
  expect((await get('a')).body.toString()).toBe('old')
  await app('a', (_req, res) => res.end('new'), 'new')
  expect((await get('a')).body.toString()).toBe('new')
})

test('an answer that is longer than wanted is broken off', async () => {
  let closed = false
  await app('a', (_req, res) => {
    res.on('close', () => {
      closed = true
    })
    res.write('x'.repeat(2000))
  })
  await expect(get('a')).rejects.toMatchObject({ code: 'APP_BAD_ANSWER' })
  await expect.poll(() => closed).toBe(true)
})

test('a cancelled call is broken off, before and during the answer', async () => {
  let seen = 0
  let closed = 0
  await app('a', (req) => {
    seen++
    req.on('close', () => {
      closed++
    })
  })
  const abort = new AbortController()
  const call = get('a', { signal: abort.signal })
  await expect.poll(() => seen).toBe(1)
  abort.abort()
  await expect(call).rejects.toMatchObject({ code: 'CANCELLED' })
  await expect.poll(() => closed).toBe(1)
  await expect(get('a', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(seen).toBe(1)
})

test('closing an app breaks off what is under way', async () => {
  let seen = 0
  await app('a', () => {
    seen++
  })
  const call = get('a')
  await expect.poll(() => seen).toBe(1)
  client.closeApp('a')
  await expect(call).rejects.toMatchObject({ code: 'APP_UNREACHABLE' })
})

test('a header that would break out of its line is not sent', async () => {
  let seen = 0
  await app('a', (_req, res) => {
    seen++
    res.end()
  })
  const request = { method: 'GET', path: '/', headers: ['X-A', 'b\r\nAtek-Auth-User: x'], body: null }
  await expect(client.request('a', request, { maxBytes: 1 })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  await expect(client.request('a', { ...request, headers: [], path: '/a b' }, { maxBytes: 1 })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  })
  expect(seen).toBe(0)
})

test('a request to switch protocols ends in a joined connection, or in the app’s answer', async () => {
  const server = await app('a', (_req, res) => res.writeHead(404).end('no'))
  server.on('upgrade', (_req, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly')
    socket.on('data', (chunk: Buffer) => socket.write(chunk))
  })
  const { signal } = new AbortController()
  const headers = ['Host', 'x', 'Connection', 'Upgrade', 'Upgrade', 'websocket']
  const joined = await client.upgrade('a', { path: '/', headers }, signal)
  if (!joined.upgraded) throw new Error('It did not switch.')
  let text = joined.head.toString()
  joined.socket.on('data', (chunk: Buffer) => {
    text += chunk
  })
  joined.socket.write('ping')
  await expect.poll(() => text).toBe('earlyping')
  const closed = new Promise((resolve) => joined.socket.on('close', resolve))
  client.closeApp('a')
  await closed

  server.removeAllListeners('upgrade')
  const refused = await client.upgrade('a', { path: '/', headers }, signal)
  expect(refused).toMatchObject({ upgraded: false, status: 404 })
  await expect(client.upgrade('a', { path: '/', headers }, AbortSignal.abort())).rejects.toMatchObject({
    code: 'CANCELLED',
  })
})
