import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { AnswerReader, open } from '../testing/raw-http.ts'
import { BodyRelay, hasBody } from './body-relay.ts'

let server: Server | null = null
afterEach(() => server?.close().closeAllConnections())

async function listen(handler: (req: IncomingMessage, res: ServerResponse) => void): Promise<number> {
  server = createServer(handler)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\n'

test('a body goes through whole and is counted', async () => {
  let counted = 0
  const port = await listen(async (req, res) => {
    res.end(await text(new BodyRelay(req, (chunk) => (counted += chunk.length))))
  })
  const socket = await open(port)
  socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`)
  socket.write('2\r\nde\r\n0\r\n\r\n')
  expect((await new AnswerReader(socket).next())?.body).toBe('abcde')
  expect(counted).toBe(5)
  socket.destroy()
})

test.each(['Content-Length: 10\r\n\r\nabc', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'])(
  'A13: a body that is cut off ends in an error, never as if it were whole (%j)',
  async (rest) => {
    let outcome = ''
    let begun = false
    const port = await listen((req) => {
      const relay = new BodyRelay(req, () => {
        begun = true
      })
      text(relay).then(
        (whole) => (outcome = `whole: ${whole}`),
        () => (outcome = 'cut off'),
      )
    })
    const socket = await open(port)
    socket.write(HEAD + rest)
    await expect.poll(() => begun).toBe(true)
    socket.destroy()
    await expect.poll(() => outcome).toBe('cut off')
  },
)

test('giving up on a body leaves the connection open for the answer', async () => {
  const port = await listen((req, res) => {
    const relay = new BodyRelay(req, () => {})
    relay.on('error', () => {})
    relay.destroy(new Error('The app broke off.'))
    setImmediate(() => res.end('answered'))
  })
  const socket = await open(port)
  socket.write(`${HEAD}Content-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`)
  expect((await new AnswerReader(socket).next())?.body).toBe('answered')
  socket.destroy()
})

test('only a length above zero or an encoding says that there is a body', () => {
  const request = (...rawHeaders: string[]) => ({ rawHeaders }) as unknown as IncomingMessage
  expect(hasBody(request())).toBe(false)
  expect(hasBody(request('Content-Length', '0'))).toBe(false)
  expect(hasBody(request('Host', 'x', 'content-LENGTH', '1'))).toBe(true)
  expect(hasBody(request('Transfer-Encoding', 'chunked'))).toBe(true)
})
