import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { AnswerReader, open, rawExchange, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'

const APP = `const http = require('node:http')
const net = require('node:net')
const sockets = []
let asked = 0, lost = 0
http.createServer((req, res) => {
  req.on('error', () => {})
  res.on('error', () => {})
  switch (req.url) {
    case '/big-head': {
      for (let i = 0; i < 100; i++) res.setHeader('X-Big-' + i, 'x'.repeat(8000))
      return res.end('big')
    }
    case '/endless': {
      const piece = 'x'.repeat(65536)
      const more = () => { while (!res.destroyed && res.write(piece)); }
      res.on('drain', more)
      res.on('close', () => { lost++ })
      return more()
    }
    case '/lost': return res.end(String(lost))
    case '/sockets': {
      const next = () => {
        if (asked++ >= 10000) return
        const socket = net.connect(Number(process.env.ATEK_HOST_PORT), '127.0.0.1', next)
        socket.on('error', next)
        sockets.push(socket)
      }
      for (let i = 0; i < 50; i++) next()
      return res.end('opening')
    }
    case '/asked': return res.end(String(asked))
    case '/close': {
      for (const socket of sockets) socket.destroy()
      return res.end('closed')
    }
    case '/log': {
      const line = 'y'.repeat(1000) + '\\n'
      let left = 40 * 1024
      const more = () => {
        while (left-- > 0) if (!process.stdout.write(line)) return void process.stdout.once('drain', more)
        res.end('logged')
      }
      return more()
    }
  }
  res.end('ok')
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

let host: TestHost
let app: AppRecord
let head: string[]
let hostHead: string[]

beforeAll(async () => {
  host = await startTestHost()
  await host.user('alice')
  app = await host.install('echo', 'system', 'hostile', { files: { 'index.js': APP } })
  await host.install('speaks-no-http', 'system', 'rude')
  const browser = await host.signedIn('alice', 'hostile', 'rude')
  head = [`Host: hostile.localhost:${host.port}`, `Cookie: ${browser.cookieHeader('hostile.localhost')}`]
  hostHead = [`Host: atek.localhost:${host.port}`, `Cookie: ${browser.cookieHeader('atek.localhost')}`]
})
afterAll(() => host.close())

const ask = (path: string) => rawRequest(host.port, [`GET ${path} HTTP/1.1`, ...head])
const rowOf = (path: string) => host.recorder.list({ limit: 1, visible: (row) => row.path === path }).rows[0]

async function expectAlive(): Promise<void> {
  const page = await rawRequest(host.port, ['GET /_atek/apps HTTP/1.1', ...hostHead, 'Accept: text/html'])
  expect(page.status).toBe(200)
}

test('A45: an answer with 100 headers of 8 kB is not passed on; the caller gets a 502 and the record says why', async () => {
  const answer = await ask('/big-head')
  expect(answer.status).toBe(502)
  expect(answer.json()).toMatchObject({ error: true, code: 'APP_BAD_ANSWER' })
  expect(rowOf('/big-head')).toMatchObject({ status: 502, state: 'done' })
  await expectAlive()
})

test('A45: an answer that goes on for ever ends with its caller, and takes no memory', async () => {
  const before = process.memoryUsage().rss
  const socket = await open(host.port)
  socket.write(`GET /endless HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`)
  let bytes = 0
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      bytes += chunk.length
      if (bytes > 256 * 1024 * 1024) resolve()
    })
  })
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
  socket.destroy()
  await expect.poll(async () => (await ask('/lost')).body).toBe('1')
  expect(rowOf('/endless')?.state).toBe('aborted')
  await expectAlive()
}, 60_000)

test('A45: an app that opens 10,000 connections to the host keeps nobody out', async () => {
  await ask('/sockets')
  await expect.poll(async () => Number((await ask('/asked')).body), { timeout: 60_000 }).toBeGreaterThanOrEqual(10_000)
  await expectAlive()
  // What was being answered meanwhile is never what makes room.
  const socket = await open(host.port)
  socket.write(`GET /endless HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`)
  await new Promise((resolve) => socket.once('data', resolve))
  for (let i = 0; i < LIMITS.connections + 10; i++) (await open(host.port)).unref()
  expect(socket.destroyed).toBe(false)
  await expectAlive()
  socket.destroy()
  await ask('/close')
}, 120_000)

test('A45: an app that fills its log fills no more than its share of the disk', async () => {
  expect((await ask('/log')).body).toBe('logged')
  const folder = join(host.paths.logs, app.key)
  const size = async () => {
    let total = 0
    for (const name of await readdir(folder)) total += (await stat(join(folder, name))).size
    return total
  }
  await expect.poll(size).toBeGreaterThan(LIMITS.logFileBytes)
  expect(await size()).toBeLessThanOrEqual(LIMITS.logFileBytes * (LIMITS.logFiles + 1))
  await expectAlive()
}, 60_000)

test('A45: an app that speaks no HTTP harms nobody but itself', async () => {
  const [, cookie = ''] = (await host.signedIn('alice', 'rude')).cookieHeader('rude.localhost').split('atek_app=')
  const rude = [`Host: rude.localhost:${host.port}`, `Cookie: atek_app=${cookie}`]
  const request = `GET / HTTP/1.1\r\n${rude.join('\r\n')}\r\n\r\n`
  const next = `GET /next HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`
  const answers = await rawExchange(host.port, request + next, 2)
  expect(answers.map(({ status }) => status)).toEqual([502, 200])
  expect(answers[1]?.body).toBe('ok')
})

test('A45: what an app answers after its answer reaches nobody', async () => {
  const source = `require('node:net').createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      const one = 'HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\none'
      socket.write(String(data).startsWith('HEAD') ? 'HTTP/1.1 204 No Content\\r\\n\\r\\n'
        : one + 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nstolen')
    })
  }).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`
  await host.install('echo', 'system', 'twice', { files: { 'index.js': source } })
  const browser = await host.signedIn('alice', 'twice')
  const twice = [`Host: twice.localhost:${host.port}`, `Cookie: ${browser.cookieHeader('twice.localhost')}`]
  const socket = await open(host.port)
  const reader = new AnswerReader(socket)
  for (let i = 0; i < 20; i++) {
    socket.write(`GET /${i} HTTP/1.1\r\n${twice.join('\r\n')}\r\n\r\n`)
    const answer = await reader.next()
    // Either the first answer, or an error in its place: never what came behind.
    expect(answer?.body).not.toContain('stolen')
    expect([200, 502]).toContain(answer?.status)
  }
  expect(reader.rest).toHaveLength(0)
  socket.destroy()
})
