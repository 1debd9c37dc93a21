import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../../contract/limits.ts'
import { errorOf, type GatewayHost, gatewayHost, resultOf } from '../testing/gateway-host.ts'
import type { GatewayCaller } from '../types.ts'

const ADB = 'atek.cloud/adb-api'
const NOBODY: GatewayCaller = { kind: 'none' }
const HOST: GatewayCaller = { kind: 'system' }
const FORBIDDEN = -32003
const NOT_FOUND = -32004
const CONFLICT = -32005
const TOO_LARGE = -32008
const BAD_INPUT = -32602
/** A table as `@atek-cloud/adb-tables` has them: two parts, which the client sends as a list. */
const TABLE = ['atek.cloud', 'user']

interface DbInfo {
  dbId: string
  alias?: string
  access: string
  owner: { userKey: string; serviceKey: string }
}
interface Listed {
  records: { key: string; path: string; url: string; seq: number; value: unknown }[]
}

let host: GatewayHost

beforeEach(async () => {
  host = await gatewayHost(({ alice, bob }) => [
    { id: 'shared', owner: 'system' },
    { id: 'alices', owner: alice },
    { id: 'bobs', owner: bob },
    { id: 'bobs-other', owner: bob },
  ])
})
afterEach(() => host.dispose())

const ask = async <T = unknown>(caller: GatewayCaller, method: string, ...params: unknown[]) =>
  resultOf<T>(await host.call(caller, ADB, method, params))
const refused = async (caller: GatewayCaller, method: string, ...params: unknown[]) =>
  errorOf(await host.call(caller, ADB, method, params))
const bobs = () => host.asApp('bobs')

describe('databases', () => {
  test('are made and found by alias, configured and described, with the fields that clients declare', async () => {
    // `adb.db('mydb')` and `adb.db({})` of the client.
    const mine = await ask<DbInfo>(bobs(), 'dbGetOrCreate', 'mydb', {})
    expect(mine).toEqual({
      dbId: expect.stringMatching(/^[0-9a-f]{64}$/),
      writable: true,
      isServerDb: false,
      owner: { userKey: host.bob.key, serviceKey: host.app('bobs').key },
      alias: 'mydb',
      access: 'private',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })
    expect(await ask(bobs(), 'dbGetOrCreate', 'mydb', { access: 'public' })).toEqual(mine)
    for (const name of ['mydb', mine.dbId, mine.dbId.toUpperCase(), `hyper://${mine.dbId}/`]) {
      expect(await ask(bobs(), 'dbDescribe', name)).toEqual(mine)
    }
    const nameless = await ask<DbInfo>(bobs(), 'dbCreate', { alias: '', access: '' })
    expect(nameless).not.toHaveProperty('alias')
    expect((await ask<DbInfo[]>(bobs(), 'dbList')).map(({ dbId }) => dbId)).toEqual([mine.dbId, nameless.dbId])

    expect(await ask(bobs(), 'dbConfigure', 'mydb', { alias: 'renamed', access: 'public' })).toBe(0)
    expect(await ask(bobs(), 'dbGetConfig', 'renamed')).toEqual({ alias: 'renamed', access: 'public' })
    expect(await ask(bobs(), 'dbConfigure', mine.dbId, {})).toBe(0)
    expect(await ask(bobs(), 'dbGetConfig', mine.dbId)).toEqual({ alias: 'renamed', access: 'public' })
    expect(await refused(bobs(), 'dbGetConfig', 'mydb')).toBe(NOT_FOUND)
    expect(await refused(bobs(), 'dbCreate', { alias: 'renamed' })).toBe(CONFLICT)
    expect(await refused(bobs(), 'dbConfigure', nameless.dbId, { alias: 'renamed' })).toBe(CONFLICT)
    expect(await ask(bobs(), 'adminDeleteDb', nameless.dbId)).toBe(0)
    expect(await ask<DbInfo[]>(bobs(), 'dbList')).toHaveLength(1)
  })

  test('C42: another caller is not authorized, in the words for a database that does not exist', async () => {
    const { dbId } = await ask<DbInfo>(bobs(), 'dbCreate', { alias: 'mydb', access: 'public' })
    await ask(bobs(), 'recordPut', dbId, [...TABLE, 'k'], { secret: 'of bobs' })
    const nothing = 'f'.repeat(64)
    const calls: [string, unknown[]][] = [
      ['dbDescribe', []],
      ['dbGetConfig', []],
      ['dbConfigure', [{ alias: 'stolen' }]],
      ['dbGetOrCreate', [{}]],
      ['recordList', [TABLE]],
      ['recordGet', [[...TABLE, 'k']]],
      ['recordPut', [[...TABLE, 'k'], { changed: true }]],
      ['recordDelete', [[...TABLE, 'k']]],
      ['recordDiff', [{ left: 0 }]],
    ]
    // The owner's other app, the owner in person, an administrator's app, everybody's, an administrator, the host.
    const others = [
      host.asApp('bobs-other'),
      await host.asUser('bob'),
      host.asApp('alices'),
      host.asApp('shared'),
      await host.asUser('alice'),
      HOST,
    ]
    for (const caller of others) {
      for (const [method, rest] of calls) {
        const called = await host.call(caller, ADB, method, [dbId, ...rest])
        expect(errorOf(called)).toBe(FORBIDDEN)
        expect(called.details.refused).toBe('FORBIDDEN')
        const unknown = await host.call(caller, ADB, method, [nothing, ...rest])
        expect(JSON.stringify(called.response)).toContain('Not authorized')
        expect(JSON.stringify(called.response).replace(dbId, nothing)).toBe(JSON.stringify(unknown.response))
      }
      // An alias is local: theirs is another database.
      expect(await refused(caller, 'recordList', 'mydb', TABLE)).toBe(NOT_FOUND)
      expect((await ask<DbInfo>(caller, 'dbGetOrCreate', 'mydb', {})).dbId).not.toBe(dbId)
      expect(await ask(caller, 'recordList', 'mydb', TABLE)).toEqual({ records: [] })
    }
    for (const [method, rest] of calls) {
      await expect(host.call(NOBODY, ADB, method, [dbId, ...rest])).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
    }
    expect(await ask(bobs(), 'recordGet', 'mydb', [...TABLE, 'k'])).toMatchObject({ value: { secret: 'of bobs' } })
  })

  test('C42: across services: apps their own, people what is theirs, administrators everything', async () => {
    const bob = await host.asUser('bob')
    const { dbId } = await ask<DbInfo>(bobs(), 'dbCreate', { alias: 'mydb' })
    const owner = { userKey: host.bob.key, serviceKey: host.app('bobs-other').key }
    const carols = { userKey: host.alice.key, serviceKey: host.app('alices').key }
    const other = host.asApp('bobs-other')

    expect(await refused(other, 'adminDeleteDb', dbId)).toBe(FORBIDDEN)
    expect(await refused(other, 'adminEditDbConfig', dbId, { owner })).toBe(FORBIDDEN)
    expect(await refused(bobs(), 'adminEditDbConfig', dbId, { owner })).toBe(FORBIDDEN)
    expect(await refused(bobs(), 'adminCreateDb', { owner })).toBe(FORBIDDEN)
    expect(await refused(bob, 'adminEditDbConfig', dbId, { owner: carols })).toBe(FORBIDDEN)
    expect(await refused(bob, 'adminListDbsByOwningUser', host.alice.key)).toBe(FORBIDDEN)
    expect(await refused(bobs(), 'adminListDbsByOwningUser', 'system')).toBe(FORBIDDEN)
    expect(await ask(bobs(), 'adminListDbsByOwningUser', host.bob.key)).toMatchObject([{ dbId }])
    expect(await ask(HOST, 'adminListDbsByOwningUser', host.bob.key)).toMatchObject([{ dbId }])

    await ask(bobs(), 'recordPut', dbId, [...TABLE, 'k'], { a: 1 })
    await ask(other, 'dbCreate', { alias: 'mydb' })
    expect(await refused(bob, 'adminEditDbConfig', dbId, { owner })).toBe(CONFLICT)
    expect(await ask(bobs(), 'dbDescribe', 'mydb')).toMatchObject({ dbId })
    expect(await ask(bob, 'adminEditDbConfig', dbId, { owner, alias: 'moved' })).toBe(0)
    expect(await refused(bobs(), 'dbDescribe', dbId)).toBe(FORBIDDEN)
    expect(await ask(other, 'recordGet', 'moved', [...TABLE, 'k'])).toMatchObject({ value: { a: 1 } })

    const wrongs = [{ userKey: host.bob.key, serviceKey: host.app('alices').key }, { serviceKey: 'e'.repeat(32) }]
    for (const wrong of wrongs) expect(await refused(HOST, 'adminCreateDb', { owner: wrong })).toBe(NOT_FOUND)
    expect(await refused(HOST, 'adminCreateDb', { owner: { userKey: 'bob' } })).toBe(BAD_INPUT)
    const made = await ask<DbInfo>(HOST, 'adminCreateDb', { owner, alias: 'given' })
    expect(await ask(other, 'dbDescribe', 'given')).toEqual(made)
    expect(await ask(bob, 'adminDeleteDb', made.dbId)).toBe(0)
    expect(await refused(bob, 'adminDeleteDb', made.dbId)).toBe(FORBIDDEN)

    expect(await ask(HOST, 'getConfig')).toEqual({ serverDbId: '' })
    expect(await refused(HOST, 'init', { serverDbId: '' })).toBe(CONFLICT)
    for (const method of ['init', 'getConfig']) expect(await refused(bobs(), method)).toBe(FORBIDDEN)
  })

  test('C40: what is done across services is in the audit log, in the transaction of the change', async () => {
    const { key: bobsApp } = host.app('bobs')
    const { key: sharedApp } = host.app('shared')
    const rows = () => host.storage.audit.list({ limit: 100 }).filter(({ action }) => action.startsWith('database.'))
    const own = await ask<DbInfo>(bobs(), 'adminCreateDb', { alias: 'secret name' })
    const owner = { userKey: 'system', serviceKey: sharedApp }
    await ask(HOST, 'adminEditDbConfig', own.dbId, { access: 'public', alias: 'other' })
    await ask(HOST, 'adminEditDbConfig', own.dbId, { owner })
    // Refused changes change nothing, and are no rows: the record of calls has them.
    expect(await refused(bobs(), 'adminDeleteDb', own.dbId)).toBe(FORBIDDEN)
    expect(await refused(HOST, 'adminEditDbConfig', own.dbId, { owner: { userKey: 'f'.repeat(32) } })).toBe(NOT_FOUND)
    await ask(HOST, 'adminDeleteDb', own.dbId)
    const database = own.dbId
    expect(
      rows()
        .map(({ action, actor, subject, details }) => ({ action, actor, subject, details }))
        .reverse(),
    ).toEqual([
      { action: 'database.create', actor: host.bob.key, subject: bobsApp, details: { database, by: bobsApp } },
      {
        action: 'database.configure',
        actor: 'system',
        subject: bobsApp,
        details: { database, renamed: true, access: 'public' },
      },
      {
        action: 'database.give',
        actor: 'system',
        subject: sharedApp,
        details: { database, from: bobsApp, fromOwner: host.bob.key },
      },
      { action: 'database.delete', actor: 'system', subject: sharedApp, details: { database } },
    ])
  })

  test('C44: go with an app whose data is deleted, and with their owner', async () => {
    const left = () => host.storage.adb.administration.listOwnedBy(host.bob.key).map(({ alias }) => alias)
    for (const caller of [bobs(), host.asApp('bobs-other'), await host.asUser('bob')]) {
      await ask(caller, 'dbCreate', { alias: caller.kind === 'app' ? caller.appKey : 'in person' })
    }
    const [kept, gone] = [host.app('bobs').key, host.app('bobs-other').key]
    await host.apps.uninstall('system', kept, { deleteData: false })
    await host.apps.uninstall('system', gone, { deleteData: true })
    expect(left()).toEqual([kept, 'in person'])
    // A call that was under way leaves nothing behind.
    expect(await refused(host.asApp('bobs-other'), 'dbCreate', {})).toBe(NOT_FOUND)
    resultOf(await host.call(HOST, 'atek.cloud/users-api', 'delete', [host.bob.key]))
    expect(left()).toEqual([])
  })
})

describe('records', () => {
  let dbId: string
  beforeEach(async () => {
    dbId = (await ask<DbInfo>(bobs(), 'dbGetOrCreate', 'mydb', {})).dbId
  })
  const put = (key: string, value: object) => ask(bobs(), 'recordPut', dbId, [...TABLE, key], value)
  const list = async (options?: object) => {
    const params = options === undefined ? [] : [options]
    return (await ask<Listed>(bobs(), 'recordList', dbId, TABLE, ...params)).records
  }

  test('are put, got, listed and deleted, with the fields that clients declare', async () => {
    const value = JSON.parse('{"username":"kit","__proto__":{"a":1},"nested":[null,{"x":"ü😀\\u0000"}]}')
    const record = {
      key: 'kit',
      path: '/atek.cloud/user/kit',
      url: `hyper://${dbId}/atek.cloud/user/kit`,
      seq: 1,
      value,
    }
    expect(await put('kit', value)).toEqual(record)
    for (const path of ['atek.cloud/user/kit', '/atek.cloud/user/kit', [...TABLE, 'kit']]) {
      expect(await ask(bobs(), 'recordGet', dbId, path)).toEqual(record)
    }
    expect(await list()).toEqual([record])
    expect(JSON.stringify((await list())[0]?.value)).toBe(JSON.stringify(value))
    expect(await ask(bobs(), 'recordList', dbId, 'atek.cloud')).toMatchObject({ records: [{ key: 'user/kit' }] })
    expect(await put('kit', { username: 'kitty' })).toMatchObject({ seq: 2 })
    expect(await ask(bobs(), 'recordDelete', dbId, [...TABLE, 'kit'])).toBe(0)
    expect(await ask(bobs(), 'recordDelete', dbId, [...TABLE, 'kit'])).toBe(0)
    expect(await refused(bobs(), 'recordGet', dbId, [...TABLE, 'kit'])).toBe(NOT_FOUND)
    expect(await list()).toEqual([])
  })

  test('lists take the options that clients declare', async () => {
    for (const key of ['c', 'a', 'd', 'b']) await put(key, {})
    const keys = async (options?: object) => (await list(options)).map(({ key }) => key).join('')
    expect(await keys()).toBe('abcd')
    expect(await keys({ limit: 2, onInvalid: 'prune' })).toBe('ab')
    expect(await keys({ limit: -1, reverse: true })).toBe('dcba')
    expect(await keys({ gt: 'a', lte: 'c' })).toBe('bc')
    expect(await keys({ gte: 'b', lt: 'd', limit: 1, reverse: true })).toBe('c')
  })

  test('versions are compared', async () => {
    await put('a', { v: 1 })
    await ask(bobs(), 'recordPut', dbId, 'other/table/x', { v: 1 })
    await put('a', { v: 2 })
    const diff = (options: object) => ask(bobs(), 'recordDiff', dbId, options)
    expect(await diff({ left: 1 })).toMatchObject([
      { left: { key: 'a', seq: 1, value: { v: 1 } }, right: { seq: 3, value: { v: 2 } } },
      { right: { path: '/other/table/x' } },
    ])
    expect(await diff({ left: 0, right: 1 })).toEqual([{ right: expect.objectContaining({ value: { v: 1 } }) }])
    expect(await diff({ left: 1, tableIds: ['other/table'] })).toHaveLength(1)
    for (const options of [{ left: 9 }, { left: 2, right: 1 }, { left: 0, right: 4 }, {}]) {
      expect(await refused(bobs(), 'recordDiff', dbId, options)).toBe(BAD_INPUT)
    }
  })

  test('what does not fit is refused and changes nothing', async () => {
    const at = [...TABLE, 'k']
    const wrong: [string, unknown[]][] = [
      ['recordPut', [dbId, [], {}]],
      ['recordPut', [dbId, '//', {}]],
      ['recordPut', [dbId, [...TABLE, ''], {}]],
      ['recordPut', [dbId, ['a\u0001b'], {}]],
      ['recordPut', [dbId, ['a\ud800'], {}]],
      ['recordPut', [dbId, Array(LIMITS.adbPathParts + 1).fill('a'), {}]],
      ['recordPut', [dbId, 'a'.repeat(LIMITS.adbPathLength), {}]],
      ['recordPut', [dbId, at, [1]]],
      ['recordPut', [dbId, at, 'text']],
      ['recordPut', [dbId, at, null]],
      ['recordPut', [dbId, at]],
      ['recordPut', [{ dbId }, at, {}]],
      ['recordList', [dbId, TABLE, { limit: 1.5 }]],
      ['recordList', [dbId, TABLE, { gt: 5 }]],
      ['dbCreate', [{ alias: 'a'.repeat(64) }]],
      ['dbCreate', [{ access: 'everybody' }]],
      ['dbCreate', [{ alias: 'x'.repeat(LIMITS.adbAliasLength + 1) }]],
    ]
    for (const [method, params] of wrong) expect(await refused(bobs(), method, ...params)).toBe(BAD_INPUT)
    const big = { text: 'x'.repeat(LIMITS.adbRecordBytes) }
    expect(await refused(bobs(), 'recordPut', dbId, at, big)).toBe(TOO_LARGE)
    expect(await ask(bobs(), 'recordList', dbId, [])).toEqual({ records: [] })
    expect(await ask(bobs(), 'dbList')).toHaveLength(1)
  })

  test('an answer that would be too large is refused with what to do', async () => {
    const text = 'x'.repeat(LIMITS.adbRecordBytes - 100)
    for (let n = 0; n < 11; n++) await put(`k${String(n).padStart(2, '0')}`, { text })
    const called = await host.call(bobs(), ADB, 'recordList', [dbId, TABLE])
    expect(errorOf(called)).toBe(TOO_LARGE)
    expect(JSON.stringify(called.response)).toContain('limit')
    expect(await list({ limit: 5, gt: 'k03' })).toHaveLength(5)
  })
})
