import {
  type AdbApi,
  AdbDatabase,
  DbConfig,
  DbInfo,
  Diff,
  defineSchema,
  Record as StoredRecord,
} from '@atek-cloud/adb-api'
import { type User as StoredUser, users as usersTable } from '@atek-cloud/adb-tables'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectToFit } from './testing/fits.ts'
import { CALLERS, type ProtocolHost, rpcError, startProtocolHost } from './testing/protocol-host.ts'

const FORBIDDEN = -32003
const NOT_FOUND = -32004
const CONFLICT = -32005

let host: ProtocolHost
beforeAll(async () => {
  host = await startProtocolHost()
}, 60_000)
afterAll(() => host.dispose())

/** As the package's `adb.db()` makes it. */
const database = (api: AdbApi, alias: string) => new AdbDatabase(api, alias)

describe.each(CALLERS)('%s', (caller) => {
  const adb = (user: 'alice' | 'bob' = 'bob') => host.as(caller, user).adb

  test('adb-api: dbCreate, dbGetOrCreate, dbList, dbDescribe', async () => {
    const created = await adb().dbCreate({ alias: 'made' })
    expectToFit(DbInfo.schema, created)
    expect(created).toMatchObject({ writable: true, isServerDb: false, alias: 'made', access: 'private' })
    expect(created.owner?.userKey).toBe(host.keys.bob)
    expect(await adb().dbGetOrCreate('made', {})).toEqual(created)
    const other = await adb().dbGetOrCreate('other', { access: 'public' })
    expect(other).toMatchObject({ alias: 'other', access: 'public' })
    const list = await adb().dbList()
    for (const info of list) expectToFit(DbInfo.schema, info)
    expect(list).toEqual(expect.arrayContaining([created, other]))
    expect(await adb().dbDescribe(created.dbId)).toEqual(created)
    expect(await adb().dbDescribe('made')).toEqual(created)
    expect(await rpcError(adb().dbCreate({ alias: 'made' }))).toMatchObject({ code: CONFLICT })
  })

  test('adb-api: dbConfigure, dbGetConfig', async () => {
    const { dbId } = await adb().dbCreate({ alias: 'before' })
    expect(await adb().dbConfigure(dbId, { alias: 'after', access: 'public' })).toBe(0)
    const config = await adb().dbGetConfig('after')
    expect(config).toEqual({ alias: 'after', access: 'public' })
    expectToFit(DbConfig.schema, config)
    expect(await rpcError(adb().dbGetConfig('before'))).toMatchObject({ code: NOT_FOUND })
  })

  test('adb-api: recordPut, recordGet, recordList, recordDelete, through the package’s classes', async () => {
    interface Cat {
      id: string
      name: string
      createdAt?: string
    }
    const cats = defineSchema<Cat>('example.com/cats', {
      pkey: '/id',
      jsonSchema: {
        type: 'object',
        required: ['id', 'name'],
        properties: { id: { type: 'string' }, name: { type: 'string' }, createdAt: { type: 'string' } },
      },
    })
    const db = database(adb(), 'cats')
    const table = cats(db)
    const kit = await table.create({ id: 'kit', name: 'Kit' })
    expectToFit(StoredRecord.schema, kit)
    expect(kit).toMatchObject({ key: 'kit', path: '/example.com/cats/kit', value: { name: 'Kit' } })
    await table.create({ id: 'ann', name: 'Ann' })
    await table.put('kit', { id: 'kit', name: 'Kitty' })
    expect(await table.get('kit')).toMatchObject({ value: { name: 'Kitty' }, valid: true })
    const keys = async (options?: Parameters<typeof table.list>[0]) =>
      (await table.list(options)).records.map(({ key }: { key: string }) => key)
    expect(await keys()).toEqual(['ann', 'kit'])
    expect(await table.delete('kit')).toBe(0)
    expect(await table.delete('kit')).toBe(0)
    expect(await keys()).toEqual(['ann'])
    expect(await rpcError(table.get('kit'))).toMatchObject({ code: NOT_FOUND })
    const { records } = await db.list('example.com')
    for (const record of records) expectToFit(StoredRecord.schema, record)
    expect(records.map(({ key }) => key)).toEqual(['cats/ann'])
    expect((await db.describe()).alias).toBe('cats')
  })

  test('adb-api: recordList with lt, lte, gt, gte, limit, reverse', async () => {
    const db = database(adb(), 'options')
    for (const key of ['a', 'b', 'c', 'd']) await db.put(['table', key], { key })
    const keys = async (options: Partial<NonNullable<Parameters<AdbApi['recordList']>[2]>>) =>
      (await adb().recordList('options', 'table', { onInvalid: 'ignore', ...options })).records.map(({ key }) => key)
    expect(await keys({})).toEqual(['a', 'b', 'c', 'd'])
    expect(await keys({ gt: 'a', lt: 'd' })).toEqual(['b', 'c'])
    expect(await keys({ gte: 'b', lte: 'c' })).toEqual(['b', 'c'])
    expect(await keys({ limit: 2 })).toEqual(['a', 'b'])
    expect(await keys({ limit: 2, reverse: true })).toEqual(['d', 'c'])
    expect(await keys({ gt: 'b', limit: 1 })).toEqual(['c'])
  })

  test('adb-api: recordDiff', async () => {
    const db = database(adb(), 'history')
    await db.put('table/one', { v: 1 })
    const { seq = 0 } = await db.put('table/two', { v: 2 })
    await db.put('table/one', { v: 3 })
    await db.delete('table/two')
    const changes = await adb().recordDiff((await db.describe()).dbId, { left: seq, tableIds: ['table'] })
    for (const change of changes) expectToFit(Diff.schema, change)
    expect(changes).toMatchObject([
      { left: { key: 'one', value: { v: 1 } }, right: { key: 'one', value: { v: 3 } } },
      { left: { key: 'two', value: { v: 2 } } },
    ])
  })

  test('adb-api: adminListDbsByOwningUser, adminCreateDb, adminEditDbConfig, adminDeleteDb', async () => {
    const { key: serviceKey } = await host.system.services.get('console-bob')
    const owner = { userKey: host.keys.bob, serviceKey }
    const made = await adb('alice').adminCreateDb({ owner, alias: `given by ${caller}` })
    expectToFit(DbInfo.schema, made)
    expect(made).toMatchObject({ owner })
    expect(await adb('alice').adminListDbsByOwningUser(host.keys.bob)).toContainEqual(made)
    expect(await adb('alice').adminEditDbConfig(made.dbId, { access: 'public' })).toBe(0)
    expect(await adb().adminListDbsByOwningUser(host.keys.bob)).toContainEqual({ ...made, access: 'public' })
    expect(await rpcError(adb().adminListDbsByOwningUser(host.keys.alice))).toMatchObject({ code: FORBIDDEN })
    expect(await adb('alice').adminDeleteDb(made.dbId)).toBe(0)
    expect(await rpcError(adb().dbDescribe(made.dbId))).toMatchObject({ code: FORBIDDEN })
  })

  test('adb-api: init, getConfig', async () => {
    expect(await adb('alice').getConfig()).toEqual({ serverDbId: '' })
    expect(await rpcError(adb('alice').init({ serverDbId: '' }))).toMatchObject({ code: CONFLICT })
    expect(await rpcError(adb().getConfig())).toMatchObject({ code: FORBIDDEN })
    expect(await rpcError(adb().init({ serverDbId: '' }))).toMatchObject({ code: FORBIDDEN })
  })

  test('adb-tables: the tables of the package work on it', async () => {
    const people = usersTable(database(adb(), 'people'))
    const person: StoredUser = {
      username: 'carol',
      hashedPassword: 'x',
      role: '' as StoredUser['role'],
      settings: { mainServiceId: 'x' },
    }
    const { key } = await people.create(person)
    expect(await people.get(key)).toMatchObject({ value: { username: 'carol' }, valid: true })
    expect((await people.list()).records).toHaveLength(1)
  })
})

test('C42: a database is its owner’s and its app’s; to anybody else, administrators included, it is not authorized', async () => {
  const app = host.as('an app with its bearer token', 'bob').adb
  const { dbId } = await app.dbGetOrCreate('private', { access: 'public' })
  await app.recordPut(dbId, 'table/key', { secret: true })
  for (const other of [
    host.as('a script with a cookie', 'bob').adb,
    host.as('a script with a cookie', 'alice').adb,
    host.as('an app with its bearer token', 'alice').adb,
    host.system.adb,
  ]) {
    for (const call of [
      () => other.recordGet(dbId, 'table/key'),
      () => other.recordPut(dbId, 'table/key', {}),
      () => other.dbDescribe(dbId),
    ]) {
      expect(await rpcError(call())).toEqual({
        code: FORBIDDEN,
        message: `Not authorized to access the database ${dbId}.`,
      })
    }
    expect(await rpcError(other.recordGet('private', 'table/key'))).toMatchObject({ code: NOT_FOUND })
  }
  expect(await app.recordGet(dbId, 'table/key')).toMatchObject({ value: { secret: true } })
})
