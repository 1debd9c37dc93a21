import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { errorOf, type GatewayHost, gatewayHost, resultOf } from '../testing/gateway-host.ts'
import type { GatewayCaller } from '../types.ts'

const USERS = 'atek.cloud/users-api'
const SESSIONS = 'atek.cloud/user-sessions-api'
const SERVICES = 'atek.cloud/services-api'
const INSPECT = 'atek.cloud/inspect-api'
const NOBODY: GatewayCaller = { kind: 'none' }
const HOST: GatewayCaller = { kind: 'system' }
const FORBIDDEN = -32003
const BAD_INPUT = -32602
const NOT_FOUND = -32004

let host: GatewayHost

beforeEach(async () => {
  host = await gatewayHost(({ alice, bob }) => [
    { id: 'shared', owner: 'system' },
    { id: 'alices', owner: alice },
    { id: 'bobs', owner: bob },
  ])
})
afterEach(() => host.dispose())

describe('users-api', () => {
  test('C07: only administrators, and apps of theirs, list and change users; names are for everybody', async () => {
    const changes: [string, unknown[]][] = [
      ['list', []],
      ['create', [{ username: 'carol', password: 'a long password' }]],
      ['update', [host.alice.key, { username: 'mallory' }]],
      ['delete', [host.alice.key]],
    ]
    const before = host.identity.users.list()
    for (const [method, params] of changes) {
      expect(errorOf(await host.call(await host.asUser('bob'), USERS, method, params))).toBe(FORBIDDEN)
      expect(errorOf(await host.call(host.asApp('bobs'), USERS, method, params))).toBe(FORBIDDEN)
      await expect(host.call(NOBODY, USERS, method, params)).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
    }
    expect(host.identity.users.list()).toEqual(before)
    for (const caller of [await host.asUser('alice'), host.asApp('alices'), host.asApp('shared'), HOST]) {
      expect(resultOf(await host.call(caller, USERS, 'list'))).toEqual({
        users: [
          { key: host.alice.key, username: 'alice', role: 'admin' },
          { key: host.bob.key, username: 'bob', role: '' },
        ],
      })
    }
    expect(resultOf(await host.call(host.asApp('bobs'), USERS, 'get', [host.alice.key]))).toEqual({
      key: host.alice.key,
      username: 'alice',
      role: 'admin',
    })
  })

  test('C09: a role that was taken back holds at once, for apps of that user, too', async () => {
    const { key } = await host.identity.users.create(host.alice.key, {
      username: 'carol',
      password: host.password,
      role: 'admin',
    })
    const app: GatewayCaller = { kind: 'app', appKey: host.app('bobs').key, ownerKey: key }
    resultOf(await host.call(app, USERS, 'list'))
    host.identity.users.update(host.alice.key, key, { role: '' })
    expect(errorOf(await host.call(app, USERS, 'list'))).toBe(FORBIDDEN)
  })

  test('makes, changes and removes users, with their apps', async () => {
    const params = [{ username: 'carol', password: 'a long password' }]
    const carol = resultOf<{ key: string }>(await host.call(HOST, USERS, 'create', params))
    expect(carol).toEqual({ key: carol.key, username: 'carol', role: '' })
    const changed = await host.call(HOST, USERS, 'update', [carol.key, { username: 'caroline', role: 'admin' }])
    expect(resultOf(changed)).toEqual({ key: carol.key, username: 'caroline', role: 'admin' })
    expect(resultOf(await host.call(HOST, USERS, 'delete', [carol.key]))).toBe(0)
    expect(host.identity.users.get(carol.key)).toBeNull()

    const bobs = host.app('bobs')
    expect(resultOf(await host.call(HOST, USERS, 'delete', [host.bob.key]))).toBe(0)
    expect(host.apps.get(bobs.key)).toBeNull()
  })

  test('a call that fails has changed nothing', async () => {
    const both = { username: 'robert', password: 'short' }
    expect(errorOf(await host.call(HOST, USERS, 'update', [host.bob.key, both]))).toBe(BAD_INPUT)
    // Long enough as it comes, too short as it is hashed: five letters with an accent each.
    const weak = { username: 'robert', password: 'e\u0301'.repeat(5) }
    expect(errorOf(await host.call(HOST, USERS, 'update', [host.bob.key, weak]))).toBe(-32011)
    const taken = { username: 'ALICE', password: 'another long password' }
    expect(errorOf(await host.call(HOST, USERS, 'update', [host.bob.key, taken]))).toBe(-32012)
    expect(host.identity.users.get(host.bob.key)?.username).toBe('bob')
    expect(await host.identity.users.verifyPassword(host.bob.key, host.password)).toBe(true)
    // The last administrator stays, and so do the apps.
    expect(errorOf(await host.call(HOST, USERS, 'delete', [host.alice.key]))).toBe(-32014)
    expect(host.apps.get(host.app('alices').key)).not.toBeNull()
  })

  test('wrong parameters are named, and no more is told', async () => {
    const cases: [string, unknown[]][] = [
      ['get', []],
      ['get', [5]],
      ['get', ['a', 'b']],
      ['create', ['carol']],
      ['create', [{ username: 'system', password: 'a long password' }]],
      ['create', [{ username: 'x', password: 'a long password', role: 'root' }]],
    ]
    for (const [method, params] of cases) expect(errorOf(await host.call(HOST, USERS, method, params))).toBe(BAD_INPUT)
    const { response } = await host.call(HOST, USERS, 'create', [{ username: 'carol', password: 'short' }])
    expect(response).toMatchObject({ error: { message: expect.stringMatching(/^Parameter 1\.password is not valid/) } })
    expect(errorOf(await host.call(HOST, USERS, 'get', ['f'.repeat(32)]))).toBe(NOT_FOUND)
    for (const method of ['constructor', '__proto__', 'toString', 'getAll']) {
      expect(errorOf(await host.call(HOST, USERS, method))).toBe(-32601)
    }
    expect(errorOf(await host.raw(HOST, USERS, '{"jsonrpc":"2.0","id":1,"method":"get","params":{"key":"a"}}'))).toBe(
      BAD_INPUT,
    )
  })
})

describe('user-sessions-api', () => {
  test('whoami answers everybody', async () => {
    expect(resultOf(await host.call(NOBODY, SESSIONS, 'whoami'))).toEqual({ isActive: false })
    expect(resultOf(await host.call(await host.asUser('bob'), SESSIONS, 'whoami'))).toEqual({
      isActive: true,
      username: 'bob',
    })
    expect(resultOf(await host.call(host.asApp('bobs'), SESSIONS, 'whoami'))).toMatchObject({ username: 'bob' })
    expect(resultOf(await host.call(HOST, SESSIONS, 'whoami'))).toMatchObject({ username: 'system' })
  })

  test('login gives a session of its own, and ends the one that it replaces', async () => {
    const good = [{ username: 'bob', password: host.password }]
    const first = await host.call(NOBODY, SESSIONS, 'login', good)
    expect(resultOf(first)).toEqual({ isActive: true, username: 'bob' })
    if (first.session === null || first.session === 'clear') throw new Error('No session was set.')
    const found = host.identity.sessions.verify(first.session.set)
    if (found === null) throw new Error('The session does not hold.')
    expect(found).toMatchObject({ user: { username: 'bob' }, session: { kind: 'browser', client: 'curl' } })

    const caller: GatewayCaller = { kind: 'user', user: found.user, sessionId: found.session.id }
    const second = await host.call(caller, SESSIONS, 'login', [{ username: 'alice', password: host.password }])
    expect(second.session).not.toEqual(first.session)
    expect(host.identity.sessions.verify(first.session.set)).toBeNull()
  })

  test('C01: a wrong name and a wrong password are answered alike, without a session', async () => {
    const wrong = await host.call(NOBODY, SESSIONS, 'login', [{ username: 'bob', password: 'not this one' }])
    const nobody = await host.call(NOBODY, SESSIONS, 'login', [{ username: 'nobody', password: 'not this one' }])
    expect(errorOf(wrong)).toBe(-32002)
    expect(wrong.response).toEqual(nobody.response)
    expect([wrong.session, nobody.session]).toEqual([null, null])
    expect(wrong.details.refused).toBe('BAD_CREDENTIALS')
  })

  test('A26: guessing is slowed down', async () => {
    const guess = () => host.call(NOBODY, SESSIONS, 'login', [{ username: 'bob', password: 'not this one' }])
    const codes: number[] = []
    for (let i = 0; i < 8; i++) codes.push(errorOf(await guess()))
    expect(codes).toContain(-32007)
    expect(errorOf(await host.call(NOBODY, SESSIONS, 'login', [{ username: 'bob', password: host.password }]))).toBe(
      -32007,
    )
  })

  test('C06: an app cannot sign in or out', async () => {
    const login = await host.call(host.asApp('bobs'), SESSIONS, 'login', [{ username: 'bob', password: host.password }])
    expect(errorOf(login)).toBe(FORBIDDEN)
    expect(login.session).toBeNull()
    expect(errorOf(await host.call(host.asApp('bobs'), SESSIONS, 'logout'))).toBe(FORBIDDEN)
  })

  test('logout ends this session and takes the cookie back', async () => {
    const caller = await host.asUser('bob')
    const other = await host.asUser('bob')
    const called = await host.call(caller, SESSIONS, 'logout')
    expect(resultOf(called)).toBe(0)
    expect(called.session).toBe('clear')
    expect(host.identity.sessions.byId(caller.sessionId)).toBeNull()
    expect(host.identity.sessions.byId(other.sessionId)).not.toBeNull()
    await expect(host.call(NOBODY, SESSIONS, 'logout')).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
  })
})

describe('services-api', () => {
  const idsOf = async (caller: GatewayCaller) => {
    const { services } = resultOf<{ services: { settings: { id: string } }[] }>(
      await host.call(caller, SERVICES, 'list'),
    )
    return services.map(({ settings }) => settings.id)
  }

  test('administrators see all apps, others their own', async () => {
    expect(await idsOf(HOST)).toEqual(['alices', 'bobs', 'shared'])
    expect(await idsOf(await host.asUser('alice'))).toEqual(['alices', 'bobs', 'shared'])
    expect(await idsOf(await host.asUser('bob'))).toEqual(['bobs'])
    expect(await idsOf(host.asApp('bobs'))).toEqual(['bobs'])
  })

  test('has the fields of the protocol', async () => {
    const app = host.app('bobs')
    expect(resultOf(await host.call(await host.asUser('bob'), SERVICES, 'get', ['bobs']))).toEqual({
      status: 'inactive',
      key: app.key,
      settings: {
        id: 'bobs',
        owningUserKey: host.bob.key,
        sourceUrl: app.sourceUrl,
        package: { sourceType: 'file', installedVersion: '1.0.0' },
        manifest: { title: 'bobs', exports: [] },
        config: { GREETING: 'secret-greeting' },
      },
    })
  })

  test('C51: an app does not get the config of its owner’s apps', async () => {
    const called = await host.call(host.asApp('bobs'), SERVICES, 'get', ['bobs'])
    expect(JSON.stringify(called.response)).not.toContain('secret-greeting')
  })

  test('starts, restarts and stops', async () => {
    const { key } = host.app('bobs')
    const bob = await host.asUser('bob')
    expect(resultOf(await host.call(bob, SERVICES, 'start', ['bobs']))).toBe(0)
    const pid = host.apps.state(key).process?.pid
    expect(resultOf(await host.call(bob, SERVICES, 'get', ['bobs']))).toMatchObject({ status: 'active' })
    resultOf(await host.call(bob, SERVICES, 'restart', ['bobs']))
    expect(host.apps.state(key).process?.pid).not.toBe(pid)
    resultOf(await host.call(bob, SERVICES, 'stop', ['bobs']))
    expect(host.apps.state(key).state).toBe('stopped')
  })

  test("A07: another's app is as if it were not there", async () => {
    for (const method of ['get', 'start', 'stop', 'restart']) {
      for (const id of ['alices', 'shared']) {
        const foreign = await host.call(host.asApp('bobs'), SERVICES, method, [id])
        const unknown = await host.call(host.asApp('bobs'), SERVICES, method, ['nothere'])
        expect(errorOf(foreign)).toBe(NOT_FOUND)
        expect(JSON.stringify(foreign.response).replace(id, 'nothere')).toBe(JSON.stringify(unknown.response))
      }
    }
    expect(host.apps.state(host.app('alices').key).state).toBe('stopped')
  })
})

test('inspect-api is for administrators and tells no secret', async () => {
  expect(resultOf(await host.call(HOST, INSPECT, 'isReady'))).toBe(true)
  const config = await host.call(await host.asUser('alice'), INSPECT, 'getConfig')
  expect(resultOf(config)).toMatchObject({ domain: 'localhost', port: 8420 })
  for (const method of ['isReady', 'getConfig']) {
    expect(errorOf(await host.call(await host.asUser('bob'), INSPECT, method))).toBe(FORBIDDEN)
  }
})
