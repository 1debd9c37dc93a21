import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { User } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { Choices, type FuzzTarget, fuzzRequest, mutate } from '../testing/fuzz.ts'
import { open, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'

/** Whatever a request is, its connection is over this soon after its last byte. Generous: machines are slow. */
const DEADLINE = 20_000
/** Sent with each seed; what comes behind a fault that ends the connection is never read as a request. */
const REQUESTS = 14_000
/** Read and judged by the host, of those. */
const READ = 5000
const LIES = 1500
const AT_ONCE = 96
const QUIET = 200

/** Keeps what it sees, and numbers its answers. */
const LOGGING_APP = `const seen = []
const add = (req) => seen.push({ method: req.method, url: req.url, rawHeaders: req.rawHeaders }) - 1
const server = require('node:http').createServer((req, res) => {
  req.on('error', () => {})
  if (req.url === '/log') return res.end(JSON.stringify(seen))
  const number = add(req)
  req.resume()
  res.setHeader('X-Seen', number)
  if (number % 3 === 0) return res.end('early')
  req.on('end', () => res.end('x'.repeat(number % 50)))
})
server.on('upgrade', (req, socket) => {
  socket.on('error', () => {})
  const number = add(req)
  if (number % 2 === 0) return socket.end('HTTP/1.1 403 Forbidden\\r\\nX-Seen: ' + number + '\\r\\nContent-Length: 0\\r\\n\\r\\n')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nX-Seen: ' + number + '\\r\\n\\r\\n')
  socket.on('end', () => socket.end())
  socket.resume()
})
server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

/** Answers with the bytes that it is sent, in hexadecimal, and closes. */
const LIAR = `require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {})
  socket.once('data', (data) => {
    const text = String(data)
    if (text.startsWith('HEAD')) return socket.end('HTTP/1.1 204 No Content\\r\\n\\r\\n')
    const hex = /X-Answer: ([0-9a-f]*)/.exec(text)?.[1] ?? ''
    socket.end(Buffer.from(hex, 'hex'))
  })
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`

interface Seen {
  method: string
  url: string
  rawHeaders: string[]
}

let host: TestHost
let alice: User
let app: AppRecord
let target: FuzzTarget
let head: string[]
let liarHead: string[]
const errors: unknown[] = []

beforeAll(async () => {
  const logger = { info() {}, warn() {}, error: (...what: unknown[]) => errors.push(what) }
  host = await startTestHost({ logger, systemAuthTokens: ['5e'.repeat(32)] })
  alice = await host.user('alice')
  app = await host.install('echo', 'system', 'notes', { files: { 'index.js': LOGGING_APP } })
  await host.install('echo', 'system', 'liar', { files: { 'index.js': LIAR } })
  const browser = await host.signedIn('alice', 'notes', 'liar')
  const name = `notes.localhost:${host.port}`
  const cookie = browser.cookieHeader('notes.localhost')
  head = [`Host: ${name}`, `Cookie: ${cookie}`]
  liarHead = [`Host: liar.localhost:${host.port}`, `Cookie: ${browser.cookieHeader('liar.localhost')}`]
  target = {
    host: name,
    hostName: `atek.localhost:${host.port}`,
    cookie,
    sessionCookie: browser.cookieHeader('atek.localhost'),
    bearers: ['5e'.repeat(32), host.identity.serviceTokens.issue(app.key), 'f'.repeat(64)],
    forgedUser: 'f'.repeat(32),
  }
})
afterAll(() => host.close())

/**
 * Sends the bytes in some pieces; everything that came back until the connection was over.
 * @param quiet milliseconds of silence after which the client says that it is done; null: never. The host may be
 *   waiting for the rest of what this client will never send.
 */
async function converse(pick: Choices, bytes: string, quiet: number | null): Promise<string> {
  const socket = await open(host.port)
  const chunks: Buffer[] = []
  if (quiet !== null) socket.setTimeout(quiet, () => socket.end())
  socket.on('data', (chunk) => chunks.push(chunk))
  const closed = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No end after: ${JSON.stringify(bytes.slice(0, 2000))}`)), DEADLINE)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  const all = Buffer.from(bytes, 'latin1')
  const cuts = Array.from({ length: pick.below(3) }, () => pick.below(all.length)).sort((a, b) => a - b)
  let from = 0
  for (const to of [...cuts, all.length]) {
    socket.write(all.subarray(from, to))
    from = to
    if (cuts.length > 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await closed
  return Buffer.concat(chunks).toString('latin1')
}

/** Runs the work for 0 … count-1, some at a time. */
async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

const canonical = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '-')

function expectCleanHeaders(seen: Seen): void {
  const values = new Map<string, string[]>()
  const names: string[] = []
  for (let i = 0; i + 1 < seen.rawHeaders.length; i += 2) {
    const name = seen.rawHeaders[i] ?? ''
    names.push(name)
    const key = canonical(name)
    values.set(key, [...(values.get(key) ?? []), seen.rawHeaders[i + 1] ?? ''])
  }
  const of = (name: string) => values.get(name) ?? []
  // C20: exactly one of each, ours, in our spelling, and nothing else that reads as the host's.
  expect(of('atek-auth-user')).toEqual([alice.key])
  expect(of('atek-auth-service')).toEqual([app.key])
  expect(names.filter((name) => canonical(name).startsWith('atek-'))).toEqual([
    'Atek-Auth-User',
    'Atek-Auth-Service',
    'Atek-Request-Id',
  ])
  // A05: what the host sees, never what the client says.
  expect(of('x-forwarded-for')).toEqual(['127.0.0.1'])
  expect(of('x-real-ip')).toEqual(['127.0.0.1'])
  expect(of('x-forwarded-proto')).toEqual(['http'])
  for (const name of ['forwarded', 'true-client-ip', 'proxy']) expect(of(name)).toEqual([])
  // A11, A12: one host and at most one length, in one spelling.
  expect(of('host')).toHaveLength(1)
  expect(of('host')[0]?.toLowerCase()).toBe(target.host)
  expect(of('content-length').length + of('transfer-encoding').length).toBeLessThanOrEqual(1)
  // A06: nothing that the host would accept.
  for (const secret of [...of('cookie'), ...of('authorization')]) {
    expect(secret.toLowerCase()).not.toMatch(/(^|;)\s*(__host-|__secure-)?atek_/)
    // As a whole word: one that a mutation made longer or cut in two opens nothing.
    const words = secret.split(/[^\w.~+/-]+/)
    for (const bearer of target.bearers.slice(0, 2)) expect(words).not.toContain(bearer)
  }
}

const openRows = () => host.recorder.list({ limit: 1, visible: (row) => row.state === 'open' }).total

async function expectGood(): Promise<void> {
  const answer = await rawRequest(host.port, ['GET /good HTTP/1.1', ...head])
  expect(answer.status).toBe(200)
  expect(answer.header('x-seen')).not.toBeNull()
}

async function fuzz(seed: number): Promise<void> {
  const lastSeq = () => host.recorder.list({ limit: 1, visible: () => true }).rows[0]?.seq ?? 0
  const log = async () => (await rawRequest(host.port, ['GET /log HTTP/1.1', ...head])).json() as Seen[]
  const before = (await log()).length
  const from = lastSeq()
  const heard: { id: string; numbers: number[] }[] = []
  let sent = 0
  const connections = Math.ceil(REQUESTS / 3)
  await inParallel(connections, async (index) => {
    // Each connection has choices of its own, so that one that fails can be made again alone.
    const pick = new Choices(seed + index * 7919)
    const id = `c${seed.toString(36)}-${index.toString(36)}-${(index * 2_654_435_761) >>> 0}`
    const requests = Array.from({ length: 1 + pick.below(3) }, (_, i) =>
      fuzzRequest(pick, target, id, `/f/${index}/${i}`),
    )
    sent += requests.length + 1
    const last = `GET /f/${index}/last HTTP/1.1\r\n${head.join('\r\n')}\r\nX-Fuzz: ${id}\r\nConnection: close\r\n\r\n`
    const answer = await converse(pick, requests.join('') + last, QUIET)
    if (answer !== '') expect(answer.slice(0, 9), `connection ${index}`).toBe('HTTP/1.1 ')
    heard.push({ id, numbers: [...answer.matchAll(/\r\nx-seen: (\d+)\r\n/gi)].map((match) => Number(match[1])) })
  })
  expect(sent).toBeGreaterThanOrEqual(10_000)
  await expectGood()

  const seen = await log()
  for (const one of seen.slice(before)) expectCleanHeaders(one)
  // Each answer went to one caller, and to the one that asked.
  const numbers = heard.flatMap((connection) => connection.numbers)
  expect(new Set(numbers).size).toBe(numbers.length)
  const ids = new Set(heard.map(({ id }) => id))
  for (const connection of heard) {
    for (const number of connection.numbers) {
      const headers = seen[number]?.rawHeaders ?? []
      const said = headers[headers.findIndex((name) => name.toLowerCase() === 'x-fuzz') + 1] ?? ''
      if (ids.has(said)) expect(said).toBe(connection.id)
    }
  }
  expect(lastSeq() - from).toBeGreaterThanOrEqual(READ)
  // One request at the app for each one that was let through (A10), and many were.
  const { rows } = host.recorder.list({ limit: 50_000, visible: (row) => row.seq > from && row.appKey === app.key })
  const forwarded = rows.filter(
    ({ seq, path }) => path !== '/log' && host.recorder.get(seq)?.timing.forwardedMs !== null,
  )
  const count = (list: { method: string; path: string }[]) => {
    const counts = new Map<string, number>()
    for (const { method, path } of list) {
      // Without the query, where a bind token is taken out before the app.
      const request = `${method} ${path.split('?', 1)[0]}`
      counts.set(request, (counts.get(request) ?? 0) + 1)
    }
    return counts
  }
  const letThrough = count(forwarded)
  for (const [request, times] of count(seen.slice(before).map(({ method, url }) => ({ method, path: url })))) {
    expect(times, request).toBeLessThanOrEqual(letThrough.get(request) ?? 0)
  }
  const answered = forwarded.filter((row) => row.state === 'done' && row.status !== null && row.status < 500)
  expect(seen.length - before).toBeGreaterThanOrEqual(answered.length)
  expect(seen.length - before).toBeLessThanOrEqual(forwarded.length)
  expect(forwarded.length).toBeGreaterThan(READ / 5)
  // Nothing goes on for a caller who has left.
  await expect.poll(openRows).toBe(0)
  expect(errors).toEqual([])
}

test.each([
  ['a fixed seed', 20_261_122],
  ['a fresh seed', randomInt(2 ** 31)],
])(
  'A11 A13: requests made of mistakes, with %s (%i): no crash, no hang, no leak, one request each',
  (_name, seed) => fuzz(seed),
  180_000,
)

test('A45: an app that answers nonsense harms nobody but itself', async () => {
  const seed = randomInt(2 ** 31)
  const good = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello'
  let closed = 0
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
  await inParallel(LIES, async (index) => {
    const pick = new Choices(seed + index * 7919)
    const lie: string = pick.one<() => string>([
      () => pick.bytes(200),
      () => good + good,
      () => chunked + good,
      () => good.slice(0, pick.below(good.length)),
      () => chunked.slice(0, pick.below(chunked.length)),
      () => good.replace('5', pick.one(['4', '6', '-1', '5, 5', '5x', '0'])),
      () => good.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n'),
      () =>
        `HTTP/1.1 ${pick.one(['100', '101', '103', '199', '204', '304'])} X\r\nContent-Length: 5\r\n\r\nhello${good}`,
      () => mutate(pick, good),
      () => mutate(pick, chunked),
      () => '',
    ])()
    const hex = Buffer.from(lie, 'latin1').toString('hex')
    const method = pick.one(['GET', 'POST', 'OPTIONS'])
    const first = `${method} /lie HTTP/1.1\r\n${liarHead.join('\r\n')}\r\nX-Answer: ${hex}\r\nContent-Length: 0\r\n\r\n`
    const path = `/after/${seed}/${index}`
    const second = `GET ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\nConnection: close\r\n\r\n`
    const answer = await converse(pick, first + second, null)
    // Nothing where the answer had begun before it broke off: a closed connection is how that is told.
    if (answer !== '') expect(answer.slice(0, 9)).toBe('HTTP/1.1 ')
    else closed++
    // What comes after is the other app's own answer, or nothing where the connection had to end.
    const [, after] = answer.split(/\r\nx-seen: /i)
    if (after !== undefined) expect(Number.parseInt(after, 10)).not.toBeNaN()
  })
  expect(closed).toBeLessThan(LIES / 2)
  await expect.poll(openRows).toBe(0)
  await expectGood()
  expect(errors, `seed ${seed}`).toEqual([])
}, 120_000)
