import { afterAll, beforeAll, expect, test } from 'vitest'
import type { User } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { AnswerReader, open } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import type { TestBrowser } from '../testing/test-browser.ts'
import { openWebSocket } from './testing/web-socket.ts'

let host: TestHost
let alice: User
let bob: User
let notes: AppRecord
let browser: TestBrowser

beforeAll(async () => {
  host = await startTestHost()
  alice = await host.user('alice')
  bob = await host.user('bob')
  notes = await host.install('echo', 'system', 'notes', {
    manifest: { exports: [{ api: 'test.org/echo', path: '/ws/proxied', transport: 'proxy' }] },
  })
  browser = await host.signedIn('alice', 'notes')
})
afterAll(() => host.close())

const opened = (path: string, headers: Record<string, string | string[]>, name = 'notes.localhost') =>
  openWebSocket(host.port, path, headers, name)

const origin = () => `http://notes.localhost:${host.port}`
const cookie = (from = browser) => from.cookieHeader('notes.localhost')

test('a WebSocket is joined to the app, in both directions, for messages of every size', async () => {
  const { socket, ask, closed } = await opened('/ws', { Cookie: cookie(), Origin: origin() })
  expect(await ask('hello')).toBe('hello')
  const long = 'x'.repeat(200_000)
  expect(await ask(long)).toBe(long)
  socket.close()
  expect((await closed).code).toBe(1005)
  await expect
    .poll(() => host.recorder.list({ limit: 1, visible: (row) => row.kind === 'websocket' }).rows[0])
    .toMatchObject({ state: 'done', status: 101, caller: { userKey: alice.key }, refused: null })
  const row = host.recorder.list({ limit: 1, visible: (found) => found.kind === 'websocket' }).rows[0]
  expect(row?.bytesIn).toBeGreaterThan(200_000)
  expect(row?.bytesOut).toBeGreaterThan(200_000)
})

test('A01 A02 C20: an app gets the host’s auth headers with a WebSocket, and none of the client’s', async () => {
  const { socket, ask } = await opened('/ws', {
    Cookie: `${cookie()}; mine=1`,
    Origin: origin(),
    'Atek-Auth-User': [bob.key, 'system'],
    Atek_Auth_User: bob.key,
    'ATEK.AUTH.SERVICE': bob.key,
    'X-Forwarded-For': '6.6.6.6',
  })
  const raw = JSON.parse(await ask('headers')) as string[]
  socket.close()
  const values = (name: string) => raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name)
  expect(values('atek-auth-user')).toEqual([alice.key])
  expect(values('atek-auth-service')).toEqual([notes.key])
  expect(raw.filter((text, i) => i % 2 === 0 && /^atek/i.test(text))).toHaveLength(3)
  expect(values('atek-request-id')).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/)])
  expect(values('cookie')).toEqual(['mine=1'])
  expect(values('x-forwarded-for')).toEqual(['127.0.0.1'])
})

test('A21: a WebSocket from a foreign, null, sibling or host Origin is answered 403', async () => {
  for (const foreign of [
    'http://evil.test',
    'null',
    '',
    `http://chat.localhost:${host.port}`,
    host.edge.address(),
    `http://localhost:${host.port}`,
    `https://notes.localhost:${host.port}`,
    'http://notes.localhost:1',
    `${origin()}.evil.test`,
  ]) {
    await expect(opened('/ws', { Cookie: cookie(), Origin: foreign }), foreign).rejects.toBe(403)
    const row = host.recorder.list({ limit: 1, visible: () => true }).rows[0]
    expect(row).toMatchObject({ refused: 'FOREIGN_ORIGIN', status: 403, appKey: notes.key })
  }
})

test('C21: a WebSocket without a session is answered 401, and one to another’s app 403', async () => {
  await expect(opened('/ws', { Origin: origin() })).rejects.toBe(401)
  await expect(opened('/ws', { Origin: origin(), Cookie: `atek_app=${'x'.repeat(43)}` })).rejects.toBe(401)
  await expect(opened('/ws', {}, 'nothing.localhost')).rejects.toBe(404)
  await expect(opened('/ws', {}, 'atek.localhost')).rejects.toBe(404)

  const bobs = await host.install('echo', alice.key, 'hers')
  const visitor = await host.signedIn('alice', 'hers')
  host.storage.apps.update(bobs.key, { owner: bob.key })
  host.apps.configure('system', bobs.key, { autostart: 'on-request' })
  const hers = { Cookie: visitor.cookieHeader('hers.localhost') }
  await expect(opened('/ws', hers, 'hers.localhost')).rejects.toBe(403)
})

test('an app that does not switch protocols gives its answer to the client', async () => {
  await expect(opened('/elsewhere', { Cookie: cookie(), Origin: origin() })).rejects.toBe(404)
})

test('what follows a handshake reaches the app only once it has agreed', async () => {
  const socket = await open(host.port)
  const reader = new AnswerReader(socket)
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
  socket.write(
    [
      'GET /elsewhere HTTP/1.1',
      `Host: notes.localhost:${host.port}`,
      `Cookie: ${cookie()}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Version: 13',
      '',
      smuggled,
    ].join('\r\n'),
  )
  expect((await reader.next())?.status).toBe(404)
  expect(await reader.next()).toBeNull()
})

test('C09: signing out ends the WebSockets of that session within a second, and no others', async () => {
  const second = await host.signedIn('alice', 'notes')
  const stays = await opened('/ws', { Cookie: cookie(), Origin: origin() })
  const goes = await opened('/ws', { Cookie: cookie(second), Origin: origin() })
  const started = Date.now()
  await second.post(`${host.edge.address()}/_atek/logout`, {})
  expect((await goes.closed).code).toBe(4401)
  expect(Date.now() - started).toBeLessThan(1000)
  expect(await stays.ask('still here')).toBe('still here')
  stays.socket.close()
  const ended = host.recorder.list({ limit: 5, visible: (row) => row.state === 'aborted' }).rows.at(-1)
  expect(host.recorder.get(ended?.seq ?? 0)?.reason).toBe('The session ended.')
})

test('C09: a password change, a new role and deletion end every WebSocket and event stream of a person', async () => {
  const carol = await host.user('carol')
  const open = async () => {
    const visitor = await host.signedIn('carol', 'notes')
    return opened('/ws', { Cookie: cookie(visitor), Origin: origin() })
  }
  let one = await open()
  host.identity.users.update('system', carol.key, { role: 'admin' })
  await one.closed
  one = await open()
  await host.identity.users.setPassword('system', carol.key, 'correct horse battery')
  await one.closed
  one = await open()
  host.identity.users.delete('system', carol.key)
  await one.closed
})

test('the gateway’s proxy transport joins an app’s WebSocket, with the caller’s auth headers', async () => {
  const caller = await host.install('echo', bob.key, 'caller')
  const token = host.identity.serviceTokens.issue(caller.key)
  const path = '/_atek/gateway?api=test.org%2Fecho'
  const { socket, ask } = await opened(
    path,
    { Authorization: `Bearer ${token}`, 'Atek-Auth-User': alice.key, Cookie: 'atek_session=x' },
    'localhost',
  )
  const raw = JSON.parse(await ask('headers')) as string[]
  socket.close()
  const values = (name: string) => raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name)
  expect(values('atek-auth-user')).toEqual([bob.key])
  expect(values('atek-auth-service')).toEqual([caller.key])
  expect(JSON.stringify(raw)).not.toContain(token)
  expect(values('cookie')).toEqual([])
})

test('A21: the gateway’s proxy transport wants credentials, and with a cookie the host’s own Origin', async () => {
  const path = '/_atek/gateway?api=test.org%2Fecho'
  await expect(opened(path, {}, 'localhost')).rejects.toBe(401)
  const session = browser.cookieHeader('atek.localhost')
  for (const foreign of ['http://evil.test', origin(), 'null']) {
    await expect(opened(path, { Cookie: session, Origin: foreign }, 'atek.localhost')).rejects.toBe(403)
  }
  const { socket, ask } = await opened(path, { Cookie: session, Origin: host.edge.address() }, 'atek.localhost')
  expect(JSON.parse(await ask('headers'))).toContain(alice.key)
  socket.close()
  await expect(opened('/_atek/gateway?api=none', { Cookie: session }, 'atek.localhost')).rejects.toBe(404)
})

test('an app that goes takes its WebSockets along', async () => {
  const { closed } = await opened('/ws', { Cookie: cookie(), Origin: origin() })
  await host.apps.stop('system', notes.key)
  await closed
})
