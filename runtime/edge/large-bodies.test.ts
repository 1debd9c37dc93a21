import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AppRecord } from '../storage/apps-table.ts'
import { open } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'

/** `GET /<letter>/length` and `/<letter>/chunked`: 15 MB of that letter, more than connections take by themselves; a POST is answered with what came, after a rest. */
const APP = `
const http = require('node:http')
const crypto = require('node:crypto')
http.createServer((req, res) => {
  if (req.method === 'GET') {
    const [, letter, framing] = req.url.split('/')
    const piece = Buffer.alloc(50000, letter)
    if (framing === 'length') res.setHeader('Content-Length', 300 * piece.length)
    let left = 300
    const go = () => { while (left-- > 0) if (!res.write(piece)) return res.once('drain', go); res.end() }
    return go()
  }
  const hash = crypto.createHash('sha256')
  let bytes = 0
  req.on('data', (chunk) => {
    hash.update(chunk)
    bytes += chunk.length
    // So slowly that the host has to wait for it again and again.
    req.pause()
    setImmediate(() => setImmediate(() => req.resume()))
  })
  req.on('end', () => res.end(hash.digest('hex') + ' ' + bytes))
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
`
const LETTERS = ['a', 'b', 'c', 'd'] as const

let host: TestHost
let app: AppRecord
let head: string

beforeAll(async () => {
  host = await startTestHost()
  await host.user('alice')
  app = await host.install('echo', 'system', 'notes', { files: { 'index.js': APP }, manifest: { title: 'Notes' } })
  const browser = await host.signedIn('alice', 'notes')
  head = [
    `Host: notes.localhost:${host.port}`,
    `Origin: http://notes.localhost:${host.port}`,
    `Cookie: ${browser.cookieHeader('notes.localhost')}`,
    'Connection: close',
  ].join('\r\n')
})
afterAll(() => host.close())

/** Everything until the connection ends, read by fits and starts. */
async function slowly(socket: Socket): Promise<string> {
  const pieces: Buffer[] = []
  socket.on('data', (chunk) => {
    pieces.push(chunk)
    socket.pause()
    setImmediate(() => socket.resume())
  })
  await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(pieces).toString('latin1')
}

test.each(['length', 'chunked'])(
  'large answers (%s) to slow clients at once: each gets its own, whole',
  async (framing) => {
    const answers = await Promise.all(
      LETTERS.map(async (letter) => {
        const socket = await open(host.port)
        socket.write(`GET /${letter}/${framing} HTTP/1.1\r\n${head}\r\n\r\n`)
        return slowly(socket)
      }),
    )
    for (const [at, answer] of answers.entries()) {
      const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
      const plain = framing === 'chunked' ? body.replace(/(^|\r\n)[0-9a-f]+\r\n/g, '').replace(/\r\n$/, '') : body
      expect(plain === (LETTERS[at] ?? '').repeat(15_000_000)).toBe(true)
    }
  },
)

test.each(['length', 'chunked'])(
  'large uploads (%s) at once: each comes whole, and is kept where asked',
  async (framing) => {
    host.recorder.bodies.capture([app.key])
    host.recorder.bodies.limit(1_000_000)
    const sent = LETTERS.map((letter, at) => Buffer.alloc(3_000_000 + at, `${letter}${framing}`))
    const answers = await Promise.all(
      sent.map(async (body, at) => {
        const socket = await open(host.port)
        const path = `/${framing}/${at}`
        if (framing === 'length') {
          socket.write(`POST ${path} HTTP/1.1\r\n${head}\r\nContent-Length: ${body.length}\r\n\r\n`)
          socket.write(body)
        } else {
          socket.write(`POST ${path} HTTP/1.1\r\n${head}\r\nTransfer-Encoding: chunked\r\n\r\n`)
          for (let from = 0; from < body.length; from += 150_000) {
            const piece = body.subarray(from, from + 150_000)
            socket.write(`${piece.length.toString(16)}\r\n`)
            socket.write(piece)
            socket.write('\r\n')
          }
          socket.write('0\r\n\r\n')
        }
        return slowly(socket)
      }),
    )
    for (const [at, body] of sent.entries()) {
      expect(answers[at]).toContain(`${createHash('sha256').update(body).digest('hex')} ${body.length}`)
      const row = host.recorder.list({ limit: 1, visible: ({ path }) => path === `/${framing}/${at}` }).rows[0]
      expect(row).toMatchObject({ bytesIn: body.length, status: 200 })
      const kept = host.recorder.bodies.get(row?.seq ?? 0, 'request')
      expect(Buffer.concat(kept?.chunks ?? []).equals(body.subarray(0, 1_000_000))).toBe(true)
    }
  },
)
