import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import type { User } from '../contract/models.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { AnswerReader, open as openRaw } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import type { TestBrowser } from '../testing/test-browser.ts'
import { openWebSocket } from './testing/web-socket.ts'

const DAY = 24 * 3_600_000
const OVER = { code: 4401, reason: 'The session ended.' }

let clock: ManualClock
let host: TestHost
let alice: User
let bob: User

beforeAll(async () => {
  clock = new ManualClock()
  host = await startTestHost({ clock })
  alice = await host.user('alice')
  bob = await host.user('bob')
  const manifest = { exports: [{ api: 'test.org/echo', path: '/ws', transport: 'proxy' }] }
  await host.install('echo', 'system', 'notes', { manifest })
  await host.install('event-stream', 'system', 'stream')
})
afterAll(() => host.close())

const appSocket = (browser: TestBrowser, id = 'notes') =>
  openWebSocket(host.port, '/ws', { Cookie: browser.cookieHeader(`${id}.localhost`) }, `${id}.localhost`)

const gatewaySocket = (headers: Record<string, string>) =>
  openWebSocket(host.port, '/_atek/gateway?api=test.org%2Fecho', headers, 'atek.localhost')

const sessionOf = (user: User) => host.identity.sessions.list(user.key, null)[0]?.id ?? ''

/** An event stream that has begun. */
async function eventStream(browser: TestBrowser): Promise<{ closed: Promise<unknown> }> {
  const socket = await openRaw(host.port)
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.write(
    `GET /events HTTP/1.1\r\nHost: stream.localhost:${host.port}\r\nCookie: ${browser.cookieHeader('stream.localhost')}\r\n\r\n`,
  )
  expect((await new AnswerReader(socket).bytes(15)).toString()).toBe('HTTP/1.1 200 OK')
  return { closed }
}

const freshly = (username: string) => host.signedIn(username, 'notes', 'stream')

test('C10: a session that ended without a word is found out within 60 s: WebSockets and event streams end', async () => {
  const browser = await freshly('alice')
  const id = sessionOf(alice)
  const socket = await appSocket(browser)
  const gateway = await gatewaySocket({ Cookie: browser.cookieHeader('atek.localhost') })
  const events = await eventStream(browser)
  clock.advance(LIMITS.liveCheckEvery)
  expect(await socket.ask('still here')).toBe('still here')
  // As it would be if the row were lost behind the host's back; nothing announces it.
  host.storage.sessions.delete(id)
  clock.advance(LIMITS.liveCheckEvery)
  expect(await socket.closed).toEqual(OVER)
  expect(await gateway.closed).toEqual(OVER)
  await events.closed
})

test('C10: a session that reaches its thirtieth day takes its WebSockets along, and looking does not keep it', async () => {
  const browser = await freshly('alice')
  const id = sessionOf(alice)
  const began = clock.now()
  for (let i = 0; i < 5; i++) {
    clock.advance(5.9 * DAY)
    await browser.get(`${host.edge.appAddress('notes')}/`)
  }
  clock.advance(began + LIMITS.sessionAbsolute - clock.now() - 3 * LIMITS.liveCheckEvery)
  const socket = await appSocket(browser)
  const used = host.identity.sessions.byId(id)?.lastSeenAt
  clock.advance(2 * LIMITS.liveCheckEvery)
  expect(await socket.ask('still here')).toBe('still here')
  expect(host.identity.sessions.byId(id)?.lastSeenAt).toBe(used)
  clock.advance(2 * LIMITS.liveCheckEvery)
  expect(await socket.closed).toEqual(OVER)
})

test('C10: an API token that expires, or is ended, takes its WebSockets along', async () => {
  const { apiTokens } = host.identity
  const opened = async () => {
    const { token } = apiTokens.create(alice.key, 'script', 'panel')
    const { access } = await apiTokens.accessFor(token)
    return { id: token.id, socket: await gatewaySocket({ Authorization: `Bearer ${access}` }) }
  }
  const ended = await opened()
  apiTokens.end(alice.key, ended.id)
  expect(await ended.socket.closed).toEqual(OVER)
  const expires = await opened()
  clock.advance(LIMITS.liveCheckEvery)
  expect(await expires.socket.ask('still here')).toBe('still here')
  host.storage.apiTokens.delete(expires.id)
  clock.advance(LIMITS.liveCheckEvery)
  expect(await expires.socket.closed).toEqual(OVER)
})

test('C10: nothing stays open for longer than a day', async () => {
  const browser = await freshly('alice')
  const socket = await appSocket(browser)
  const caller = await host.install('echo', alice.key, 'caller')
  const token = host.identity.serviceTokens.issue(caller.key)
  const gateway = await gatewaySocket({ Authorization: `Bearer ${token}` })
  const events = await eventStream(browser)
  clock.advance(DAY - 2 * LIMITS.liveCheckEvery)
  expect(await socket.ask('still here')).toBe('still here')
  expect(await gateway.ask('still here')).toBe('still here')
  clock.advance(2 * LIMITS.liveCheckEvery)
  const tooLong = { code: 4401, reason: 'It was open for a day. Connect again.' }
  expect(await socket.closed).toEqual(tooLong)
  expect(await gateway.closed).toEqual(tooLong)
  await events.closed
  // The session itself is as good as before.
  const again = await appSocket(browser)
  expect(await again.ask('hello')).toBe('hello')
  again.socket.close()
})

test('C09: sign-out, a new role, a new password and deletion close with 4401, at the gateway too', async () => {
  const carol = await host.user('carol')
  const ends: ((browser: TestBrowser) => unknown)[] = [
    (browser) => browser.post(`${host.edge.address()}/_atek/logout`, {}),
    () => host.identity.users.update('system', carol.key, { role: 'admin' }),
    () => host.identity.users.setPassword('system', carol.key, 'correct horse battery'),
    () => host.identity.users.delete('system', carol.key),
  ]
  for (const end of ends) {
    const browser = await freshly('carol')
    const socket = await appSocket(browser)
    const gateway = await gatewaySocket({ Cookie: browser.cookieHeader('atek.localhost') })
    const events = await eventStream(browser)
    await end(browser)
    expect(await socket.closed).toEqual(OVER)
    expect(await gateway.closed).toEqual(OVER)
    await events.closed
  }
})

test('C09: access that is lost ends what is open with 1001, and nobody else’s', async () => {
  const app = await host.install('echo', alice.key, 'hers')
  const browser = await host.signedIn('alice', 'hers', 'notes')
  const socket = await appSocket(browser, 'hers')
  const other = await appSocket(browser)
  host.storage.apps.update(app.key, { owner: bob.key })
  host.apps.configure('system', app.key, { autostart: 'on-request' })
  expect((await socket.closed).code).toBe(1001)
  expect(await other.ask('still here')).toBe('still here')
  other.socket.close()
})

test('C09: an app that is stopped or removed closes its WebSockets with 1001, those that it opened too', async () => {
  const app = await host.install('echo', alice.key, 'short')
  const browser = await host.signedIn('alice', 'short')
  const first = await appSocket(browser, 'short')
  const opened = await gatewaySocket({ Authorization: `Bearer ${host.identity.serviceTokens.issue(app.key)}` })
  await host.apps.stop('system', app.key)
  expect((await first.closed).code).toBe(1001)
  expect(await opened.closed).toMatchObject({ code: 1001, reason: 'The calling app was stopped.' })
  await host.apps.start('system', app.key)
  const second = await appSocket(browser, 'short')
  await host.apps.uninstall('system', app.key, { deleteData: true })
  expect((await second.closed).code).toBe(1001)
})

test('C09: an app’s new start closes what its last one had opened', async () => {
  const app = await host.install('echo', alice.key, 'anew')
  const opened = await gatewaySocket({ Authorization: `Bearer ${host.identity.serviceTokens.issue(app.key)}` })
  host.identity.serviceTokens.issue(app.key)
  clock.advance(LIMITS.liveCheckEvery)
  expect(await opened.closed).toMatchObject({ code: 1001 })
})
