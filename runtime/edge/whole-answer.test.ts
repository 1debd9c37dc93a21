import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { AnswerReader, open, rawExchange } from '../testing/raw-http.ts'
import { writeWhole } from './whole-answer.ts'

let server: Server | null = null
afterEach(() => server?.close().closeAllConnections())

async function listen(handler: RequestListener): Promise<number> {
  server = createServer({ keepAliveTimeout: 5000 }, handler)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const get = (path: string, more = '', version = '1.1') => `GET ${path} HTTP/${version}\r\nHost: x\r\n${more}\r\n`

test('an answer goes out in one piece, with its length and a date, and the next request is served', async () => {
  const events: string[] = []
  const port = await listen((req, res) => {
    res.on('finish', () => events.push(`finish ${req.url}`))
    res.on('close', () => events.push(`close ${req.url} ${res.writableFinished}`))
    expect(writeWhole(res, 200, '', ['X-A', '1', 'Content-Length', '007', 'X-A', '2'], `b\u00fc${req.url}`)).toBe(true)
    expect([res.headersSent, res.writableEnded]).toEqual([true, true])
  })
  const socket = await open(port)
  const reader = new AnswerReader(socket)
  for (const path of ['/1', '/2']) {
    socket.write(get(path))
    const answer = await reader.next()
    expect(answer?.status).toBe(200)
    expect(answer?.all('x-a')).toEqual(['1', '2'])
    expect(answer?.all('content-length')).toEqual(['4'])
    expect(Date.parse(answer?.header('date') ?? '')).not.toBeNaN()
    expect(answer?.body.endsWith(path)).toBe(true)
  }
  expect(reader.rest).toHaveLength(0)
  socket.destroy()
  await expect.poll(() => events.length).toBe(4)
  expect(events).toEqual(['finish /1', 'close /1 true', 'finish /2', 'close /2 true'])
})

test('A10: answers of pipelined requests keep their order, whichever is ready first', async () => {
  const waiting: (() => void)[] = []
  const port = await listen((req, res) => {
    const answer = () => {
      if (!writeWhole(res, 200, '', [], req.url ?? '')) res.end(req.url)
    }
    if (req.url !== '/1') answer()
    else waiting.push(answer)
    if (req.url === '/3') for (const late of waiting) late()
  })
  const answers = await rawExchange(port, get('/1') + get('/2') + get('/3'), 3)
  expect(answers.map(({ body }) => body)).toEqual(['/1', '/2', '/3'])
})

test.each([
  ['HEAD', 200, ['Content-Length', '10'], '10'],
  ['GET', 304, ['Content-Length', '10'], '10'],
  ['GET', 204, ['Content-Length', '10'], null],
])('A11: %s %i has no body; its length is said only where it may be', async (method, status, headers, length) => {
  const port = await listen((_req, res) => expect(writeWhole(res, status, '', headers, '')).toBe(true))
  const socket = await open(port)
  const reader = new AnswerReader(socket)
  for (let i = 0; i < 2; i++) {
    socket.write(get('/').replace('GET', method))
    const answer = await reader.next(true)
    expect(answer?.status).toBe(status)
    expect(answer?.header('content-length')).toBe(length)
  }
  expect(reader.rest).toHaveLength(0)
  socket.destroy()
})

test('what needs more than that is left to node:http', async () => {
  const taken: boolean[] = []
  const port = await listen((req, res) => {
    if (req.url === '/begun') res.writeHead(200)
    taken.push(writeWhole(res, 200, '', [], 'x'))
    if (!taken.at(-1)) res.end('y')
  })
  expect((await rawExchange(port, get('/', 'Connection: close\r\n')))[0]?.body).toBe('y')
  expect((await rawExchange(port, get('/', '', '1.0')))[0]?.body).toBe('y')
  expect((await rawExchange(port, get('/', 'Connection: keep-alive\r\n', '1.0')))[0]?.body).toBe('y')
  expect((await rawExchange(port, get('/begun')))[0]?.body).toBe('y')
  expect(taken).toEqual([false, false, false, false])
})
