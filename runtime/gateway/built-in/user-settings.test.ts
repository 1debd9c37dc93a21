import { afterEach, beforeEach, expect, test } from 'vitest'
import { errorOf, type GatewayHost, gatewayHost, resultOf } from '../testing/gateway-host.ts'
import type { GatewayCaller } from '../types.ts'

const USERS = 'atek.cloud/users-api'
const SYSTEM: GatewayCaller = { kind: 'system' }
const FORBIDDEN = -32003
const NOT_FOUND = -32004
const BAD_INPUT = -32602

let host: GatewayHost

beforeEach(async () => {
  host = await gatewayHost(({ alice, bob }) => [
    { id: 'shared', owner: 'system' },
    { id: 'alices', owner: alice },
    { id: 'bobs', owner: bob },
  ])
})
afterEach(() => host.dispose())

const get = (caller: GatewayCaller, key: string) => host.call(caller, USERS, 'getSettings', [key])
const set = (caller: GatewayCaller, key: string, settings: unknown) =>
  host.call(caller, USERS, 'updateSettings', [key, settings])

test('main service: none at first; set by its ID, kept by its key, taken away again', async () => {
  const bob = await host.asUser('bob')
  expect(resultOf(await get(bob, host.bob.key))).toEqual({})
  expect(resultOf(await set(bob, host.bob.key, { mainServiceId: 'bobs' }))).toEqual({ mainServiceId: 'bobs' })
  await host.apps.configure(host.bob.key, host.app('bobs').key, { id: 'renamed' })
  expect(resultOf(await get(bob, host.bob.key))).toEqual({ mainServiceId: 'renamed' })
  // What is not named stays.
  await set(bob, host.bob.key, {})
  expect(resultOf(await get(bob, host.bob.key))).toEqual({ mainServiceId: 'renamed' })
  for (const nothing of [null, '']) {
    await set(bob, host.bob.key, { mainServiceId: 'shared' })
    expect(resultOf(await get(bob, host.bob.key))).toEqual({ mainServiceId: 'shared' })
    await set(bob, host.bob.key, { mainServiceId: nothing })
    expect(resultOf(await get(bob, host.bob.key))).toEqual({})
  }
})

test('main service: goes with its app, and with its user', async () => {
  await set(SYSTEM, host.bob.key, { mainServiceId: 'shared' })
  await host.apps.uninstall('system', host.app('shared').key, { deleteData: true })
  expect(resultOf(await get(SYSTEM, host.bob.key))).toEqual({})
  await set(SYSTEM, host.bob.key, { mainServiceId: 'bobs' })
  expect(resultOf(await host.call(SYSTEM, USERS, 'delete', [host.bob.key]))).toBe(0)
  expect(errorOf(await get(SYSTEM, host.bob.key))).toBe(NOT_FOUND)
})

test("C07: settings are one's own, and every administrator's", async () => {
  const bob = await host.asUser('bob')
  expect(errorOf(await get(bob, host.alice.key))).toBe(FORBIDDEN)
  expect(errorOf(await set(bob, host.alice.key, { mainServiceId: 'shared' }))).toBe(FORBIDDEN)
  expect(errorOf(await set(host.asApp('bobs'), host.alice.key, { mainServiceId: 'shared' }))).toBe(FORBIDDEN)
  await expect(get({ kind: 'none' }, host.bob.key)).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
  const byAlice = await set(await host.asUser('alice'), host.bob.key, { mainServiceId: 'shared' })
  expect(resultOf(byAlice)).toEqual({ mainServiceId: 'shared' })
  expect(resultOf(await get(host.asApp('bobs'), host.bob.key))).toEqual({ mainServiceId: 'shared' })
  const rows = host.storage.audit.list({ limit: 1 })
  expect(rows).toMatchObject([{ action: 'user.main-app', actor: host.alice.key, subject: host.bob.key }])
})

test("A07: another's app is nobody's main app, and is not said to exist", async () => {
  const refused = async (id: string) =>
    (await set(await host.asUser('alice'), host.alice.key, { mainServiceId: id })).response
  const [there, nowhere] = [await refused('bobs'), await refused('nowhere')]
  expect(JSON.stringify(there).replaceAll('bobs', 'nowhere')).toBe(JSON.stringify(nowhere))
  expect(errorOf(await set(SYSTEM, host.bob.key, { mainServiceId: 'alices' }))).toBe(NOT_FOUND)
  expect(errorOf(await set(SYSTEM, host.bob.key, { mainServiceId: 7 }))).toBe(BAD_INPUT)
})
