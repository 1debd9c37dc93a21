import { User, UserSettings } from '@atek-cloud/users-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectToFit } from './testing/fits.ts'
import { CALLERS, PASSWORD, type ProtocolHost, rpcError, startProtocolHost } from './testing/protocol-host.ts'

let host: ProtocolHost
beforeAll(async () => {
  host = await startProtocolHost()
}, 60_000)
afterAll(() => host.dispose())

describe.each(CALLERS)('%s', (caller) => {
  test('users-api: list', async () => {
    const { users } = await host.as(caller, 'alice').users.list()
    expect(users).toEqual([
      { key: host.keys.alice, username: 'alice', role: 'admin' },
      { key: host.keys.bob, username: 'bob', role: '' },
    ])
    for (const user of users) expectToFit(User.schema, user)
  })

  test('users-api: get', async () => {
    const bob = { key: host.keys.bob, username: 'bob', role: '' }
    expect(await host.as(caller, 'alice').users.get(host.keys.bob)).toEqual(bob)
    expect(await host.as(caller, 'bob').users.get(host.keys.bob)).toEqual(bob)
    expect(await rpcError(host.as(caller, 'bob').users.get('f'.repeat(32)))).toMatchObject({ code: -32004 })
  })

  test('users-api: create, update, delete', async () => {
    const { users } = host.as(caller, 'alice')
    const carol = await users.create({ username: 'carol', password: PASSWORD, role: '' })
    expectToFit(User.schema, carol)
    expect(await rpcError(users.create({ username: 'CAROL', password: PASSWORD, role: '' }))).toMatchObject({
      code: -32012,
    })
    expect(await rpcError(users.create({ username: 'system', password: PASSWORD, role: '' }))).toMatchObject({
      code: -32602,
    })
    const change = { username: 'caroline', role: 'admin', password: 'another long password' }
    expect(await users.update(carol.key, change)).toEqual({ key: carol.key, username: 'caroline', role: 'admin' })
    // What the protocol leaves undefined is 0 on the wire.
    expect(await users.delete(carol.key)).toBe(0)
    expect(await rpcError(users.get(carol.key))).toMatchObject({ code: -32004 })
  })

  test('users-api: getSettings, updateSettings', async () => {
    const { users } = host.as(caller, 'bob')
    const settings = await users.updateSettings(host.keys.bob, { mainServiceId: 'console-bob' })
    expect(settings).toEqual({ mainServiceId: 'console-bob' })
    expectToFit(UserSettings.schema, settings)
    expect(await users.getSettings(host.keys.bob)).toEqual(settings)
    expect(await users.updateSettings(host.keys.bob, { mainServiceId: '' })).toEqual({})
    expect(await rpcError(users.getSettings(host.keys.alice))).toMatchObject({ code: -32003 })
    expect(await host.as(caller, 'alice').users.getSettings(host.keys.bob)).toEqual({})
  })

  test('users-api: list, create, update and delete are for administrators; nothing is half done', async () => {
    const { users } = host.as(caller, 'bob')
    const mallory = { username: 'mallory', password: PASSWORD, role: 'admin' }
    for (const call of [
      () => users.list(),
      () => users.create(mallory),
      () => users.update(host.keys.alice, mallory),
      () => users.delete(host.keys.alice),
    ]) {
      expect(await rpcError(call())).toMatchObject({ code: -32003 })
    }
    const { users: alices } = host.as(caller, 'alice')
    expect(await rpcError(alices.update(host.keys.bob, { ...mallory, password: 'short' }))).toMatchObject({
      code: -32602,
    })
    expect((await alices.list()).users.map(({ username }) => username)).toEqual(['alice', 'bob'])
  })
})
