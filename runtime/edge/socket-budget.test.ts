import { afterAll, beforeAll, expect, test } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { AnswerReader, open as openRaw, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import type { TestBrowser } from '../testing/test-browser.ts'
import { type Entrant, type NoPlace, type Place, SocketBudget } from './socket-budget.ts'
import { openWebSocket } from './testing/web-socket.ts'

const SMALL = { perApp: 6, perWho: 4, waitingPerApp: 5, waitingPerWho: 3, wait: 1000, webSockets: 5 }

class Visitor implements Entrant {
  place: Place | null = null
  state: string | NoPlace['code']
  readonly #budget: SocketBudget
  constructor(budget: SocketBudget, app: string, who: string) {
    this.#budget = budget
    const outcome = budget.enter(this, app, who)
    this.state = typeof outcome === 'string' ? outcome : outcome.code
  }
  entered(): void {
    this.state = 'in'
  }
  refused(why: NoPlace): void {
    this.state = why.code
  }
  leave(): void {
    this.#budget.leave(this)
  }
}

const visitors = (budget: SocketBudget, count: number, who: string, app = 'app') =>
  Array.from({ length: count }, () => new Visitor(budget, app, who))
const states = (list: Visitor[]) => list.map(({ state }) => state)

test('A45: one person takes up her share of an app and no more; others get in', () => {
  const budget = new SocketBudget({ clock: new ManualClock(), limits: SMALL })
  const hers = visitors(budget, 8, 'alice')
  expect(states(hers)).toEqual(['in', 'in', 'in', 'in', 'wait', 'wait', 'wait', 'RATE_LIMITED'])
  const his = visitors(budget, 4, 'bob')
  expect(states(his)).toEqual(['in', 'in', 'wait', 'wait'])
  // Her requests came first, and yet the place that he leaves is not hers: she has her share.
  his[0]?.leave()
  expect(states(his)).toEqual(['in', 'in', 'in', 'wait'])
  expect(states(hers).slice(4)).toEqual(['wait', 'wait', 'wait', 'RATE_LIMITED'])
  expect(states(visitors(budget, 1, 'dora'))).toEqual(['wait'])
  // The waiting room of the app has its own bound; another app has places of its own.
  expect(states(visitors(budget, 1, 'carol'))).toEqual(['TOO_BUSY'])
  expect(states(visitors(budget, 1, 'carol', 'other'))).toEqual(['in'])
})

test('A45: who waits takes turns by person, and none is given a place beyond a share', () => {
  const budget = new SocketBudget({
    clock: new ManualClock(),
    limits: { ...SMALL, waitingPerApp: 20, waitingPerWho: 10 },
  })
  const inside = [...visitors(budget, 3, 'alice'), ...visitors(budget, 3, 'bob')]
  const hers = visitors(budget, 6, 'alice')
  const his = visitors(budget, 2, 'bob')
  inside[0]?.leave()
  expect(states(hers)).toEqual(['in', 'wait', 'wait', 'wait', 'wait', 'wait'])
  inside[1]?.leave()
  expect(states(his)).toEqual(['in', 'wait'])
  inside[3]?.leave()
  // Back to her: she has two, and may have four.
  expect(states(hers).filter((state) => state === 'in')).toHaveLength(2)
  for (const one of inside) one.leave()
  expect(budget.taken('app')).toBe(6)
  expect(states(hers).filter((state) => state === 'in')).toHaveLength(4)
  for (const one of [...hers, ...his]) one.leave()
  expect(budget.taken('app')).toBe(0)
  for (const one of [...inside, ...hers]) one.leave()
  expect(budget.taken('app')).toBe(0)
})

test('waiting ends after a while, and with the one who waits', () => {
  const clock = new ManualClock()
  const budget = new SocketBudget({ clock, limits: SMALL })
  const [first, ...rest] = visitors(budget, 7, 'alice')
  const [, , , one, two, three] = rest
  one?.leave()
  clock.advance(999)
  expect(two?.state).toBe('wait')
  first?.leave()
  expect(two?.state).toBe('in')
  clock.advance(1)
  expect(three?.state).toBe('RATE_LIMITED')
  expect(one?.state).toBe('wait')
  expect(states(visitors(budget, 4, 'alice'))).toEqual(['wait', 'wait', 'wait', 'RATE_LIMITED'])
})

let host: TestHost
let clock: ManualClock
let alice: TestBrowser
let bob: TestBrowser
beforeAll(async () => {
  clock = new ManualClock()
  host = await startTestHost({ clock, socketLimits: SMALL, callLimits: { ...SMALL, perWho: 1, waitingPerWho: 1 } })
  await host.user('alice')
  await host.user('bob')
  await host.install('event-stream', 'system', 'stream')
  await host.install('echo', 'system', 'notes', {
    manifest: { exports: [{ api: 'test.org/echo', path: '/ws', transport: 'proxy' }] },
  })
  alice = await host.signedIn('alice', 'stream', 'notes')
  bob = await host.signedIn('bob', 'stream', 'notes')
})
afterAll(() => host.close())

const head = (browser: TestBrowser) => [
  `Host: stream.localhost:${host.port}`,
  `Cookie: ${browser.cookieHeader('stream.localhost')}`,
]
const lastRow = () => host.recorder.list({ limit: 1, visible: () => true }).rows[0]

async function eventStream(browser: TestBrowser) {
  const socket = await openRaw(host.port)
  socket.write(`GET /events HTTP/1.1\r\n${head(browser).join('\r\n')}\r\n\r\n`)
  expect((await new AnswerReader(socket).bytes(15)).toString()).toBe('HTTP/1.1 200 OK')
  return socket
}

/** Whether the newest request has come in and has no answer; event streams have one. */
const waiting = () => lastRow()?.state === 'open' && lastRow()?.status === null

/** What a request is answered for which nothing becomes free while it waits. */
async function inVain<T>(request: Promise<T>): Promise<T> {
  await expect.poll(() => waiting()).toBe(true)
  clock.advance(SMALL.wait)
  return request
}

test('A45: a person with more event streams than her share is told so, and keeps nobody else out', async () => {
  const open = []
  for (let i = 0; i < SMALL.perWho; i++) open.push(await eventStream(alice))
  const page = await inVain(alice.get(`${host.edge.appAddress('stream')}/one`))
  expect(page.status).toBe(429)
  expect(page.header('retry-after')).toBe('10')
  expect(page.body).toContain('Too many connections')
  const call = await inVain(rawRequest(host.port, ['GET /two HTTP/1.1', ...head(alice)]))
  expect(call.json()).toMatchObject({ code: 'RATE_LIMITED' })
  expect(lastRow()).toMatchObject({ refused: 'RATE_LIMITED', status: 429 })
  expect(host.recorder.get(lastRow()?.seq ?? 0)?.reason).toContain('takes up 4 connections')

  expect((await rawRequest(host.port, ['GET / HTTP/1.1', ...head(bob)])).status).toBe(200)
  const his = [await eventStream(bob), await eventStream(bob)]
  const busy = await inVain(bob.get(`${host.edge.appAddress('stream')}/three`))
  expect(busy.status).toBe(503)
  expect(busy.header('content-type')).toBe('text/html; charset=utf-8')
  expect(busy.body).toContain('is busy')
  expect(lastRow()).toMatchObject({ refused: 'TOO_BUSY' })

  // What waits gets in as soon as somebody leaves.
  const next = rawRequest(host.port, ['GET /four HTTP/1.1', ...head(alice)])
  await expect.poll(() => waiting()).toBe(true)
  open[0]?.destroy()
  expect((await next).status).toBe(200)
  for (const socket of [...open, ...his]) socket.destroy()
  await expect.poll(async () => (await rawRequest(host.port, ['GET / HTTP/1.1', ...head(alice)])).status).toBe(200)
})

test('A45: WebSockets count, too, at the gateway as well; over a share or the total they are refused', async () => {
  const notes = (browser: TestBrowser) =>
    openWebSocket(host.port, '/ws', { Cookie: browser.cookieHeader('notes.localhost') }, 'notes.localhost')
  const gateway = () =>
    openWebSocket(
      host.port,
      '/_atek/gateway?api=test.org%2Fecho',
      { Cookie: alice.cookieHeader('atek.localhost') },
      'atek.localhost',
    )
  const open = [await notes(alice), await notes(alice), await gateway(), await gateway()]
  await expect(notes(alice)).rejects.toBe(429)
  await expect(gateway()).rejects.toBe(429)
  open.push(await notes(bob))
  await expect(notes(bob)).rejects.toBe(503)
  expect(host.recorder.get(lastRow()?.seq ?? 0)?.reason).toBe('The host has 5 WebSockets open.')
  for (const { socket, closed } of open) {
    socket.close()
    await closed
  }
  await expect.poll(() => notes(bob).then(({ socket }) => socket.close(), String)).toBeUndefined()
})

test('A45: an app that calls without end waits for its own calls, and nobody else does', async () => {
  const holder = `require('node:http').createServer((req, res) => {
    if (req.method === 'HEAD') res.end()
  }).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`
  const manifest = { exports: [{ api: 'test.org/hold', path: '/rpc' }] }
  const app = await host.install('echo', 'system', 'hold', { manifest, files: { 'index.js': holder } })
  const token = host.identity.serviceTokens.issue(app.key)
  const call = (api: string, ...credentials: string[]) => {
    const body = '{"jsonrpc":"2.0","id":7,"method":"whoami"}'
    const head = [`Host: localhost:${host.port}`, `Content-Length: ${body.length}`, ...credentials]
    return rawRequest(host.port, [`POST /_atek/gateway?api=${api} HTTP/1.1`, ...head], body)
  }
  const bearer = `Authorization: Bearer ${token}`
  const held = [call('test.org/hold', bearer), call('test.org/hold', bearer)]
  const under = () =>
    host.recorder.list({ limit: 9, visible: ({ kind, state }) => kind === 'gateway' && state === 'open' }).rows.length
  await expect.poll(under).toBe(2)
  const refused = await call('test.org/hold', bearer)
  expect(refused.status).toBe(429)
  expect(refused.json()).toMatchObject({ id: 7, error: { data: { code: 'RATE_LIMITED' } } })
  const session = `Cookie: ${alice.cookieHeader('atek.localhost')}`
  const hers = await rawRequest(
    host.port,
    [
      'POST /_atek/gateway?api=atek.cloud/user-sessions-api HTTP/1.1',
      `Host: atek.localhost:${host.port}`,
      'Content-Length: 42',
      session,
    ],
    '{"jsonrpc":"2.0","id":7,"method":"whoami"}',
  )
  expect(hers.status).toBe(200)
  clock.advance(SMALL.wait)
  await expect.poll(under).toBe(1)
  await host.apps.stop('system', app.key)
  expect((await Promise.all(held)).map(({ status }) => status).sort()).toEqual([200, 429])
})
