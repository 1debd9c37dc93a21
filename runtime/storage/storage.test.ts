import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ManualClock } from '../testing/manual-clock.ts'
import type { AppRecord } from './apps-table.ts'
import { openStorage } from './open.ts'
import type { Storage } from './storage.ts'

let folder: string
let file: string
let storage: Storage
const clock = new ManualClock()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atek-storage-'))
  file = join(folder, 'atek.db')
  storage = openStorage(file, { clock })
})
afterEach(() => {
  storage.close()
  rmSync(folder, { recursive: true, force: true })
})

const key = (digit: string) => digit.repeat(32)

function app(patch: Partial<AppRecord> = {}): AppRecord {
  return {
    key: key('a'),
    id: 'notes',
    owner: 'system',
    sourceUrl: 'example:notes',
    sourceType: 'example',
    desiredVersion: null,
    installedVersion: '1.0.0',
    packageFolder: '/somewhere/notes',
    manifest: { title: 'Notes', exports: [{ api: 'example/notes', path: '/api', transport: 'rpc' }], extra: 1 },
    packageMeta: { name: 'notes', author: null, license: 'MIT', main: 'index.js' },
    config: { GREETING: 'hello' },
    autostart: 'on-request',
    enabled: true,
    installedAt: 1,
    identityHeaders: [],
    externalOrigins: [],
    ...patch,
  }
}

describe('transactions', () => {
  test('all of a change is stored, or none', () => {
    expect(() =>
      storage.transaction(() => {
        storage.settings.set('a', 1)
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(storage.settings.get('a', z.number())).toBeNull()
    expect(storage.inTransaction).toBe(false)
  })

  test('an inner one that fails is undone alone when the outer one goes on', () => {
    storage.transaction(() => {
      storage.settings.set('outer', 1)
      expect(() =>
        storage.transaction(() => {
          storage.settings.set('inner', 1)
          throw new Error('stop')
        }),
      ).toThrow('stop')
    })
    expect(storage.settings.get('outer', z.number())).toBe(1)
    expect(storage.settings.get('inner', z.number())).toBeNull()
  })

  test('hooks run after the outermost commit, and never for what was rolled back', () => {
    const heard: string[] = []
    storage.transaction(() => {
      storage.transaction(() => storage.afterCommit(() => heard.push(`kept ${storage.inTransaction}`)))
      expect(() =>
        storage.transaction(() => {
          storage.afterCommit(() => heard.push('inner'))
          throw new Error('stop')
        }),
      ).toThrow('stop')
      expect(heard).toEqual([])
    })
    expect(() =>
      storage.transaction(() => {
        storage.afterCommit(() => heard.push('outer'))
        throw new Error('stop')
      }),
    ).toThrow('stop')
    storage.transaction(() => undefined)
    expect(heard).toEqual(['kept false'])
  })

  test('an async function is refused and leaves nothing', () => {
    expect(() =>
      storage.transaction(async () => {
        storage.settings.set('a', 1)
      }),
    ).toThrow('cannot be async')
    expect(storage.settings.get('a', z.number())).toBeNull()
  })
})

describe('apps', () => {
  test('a record comes back as it was stored', () => {
    storage.apps.insert(app())
    expect(storage.apps.get(key('a'))).toEqual(app())
    expect(storage.apps.byId('notes')).toEqual(app())
    storage.apps.update(key('a'), { id: 'my-notes', enabled: false, config: {} })
    expect(storage.apps.list()).toEqual([app({ id: 'my-notes', enabled: false, config: {} })])
    expect(storage.apps.countOwnedBy('system')).toBe(1)
  })

  test('an ID is given once at a time', () => {
    storage.apps.insert(app())
    storage.apps.insert(app({ key: key('b'), id: 'chat' }))
    expect(() => storage.apps.insert(app({ key: key('c') }))).toThrow(expect.objectContaining({ code: 'ID_TAKEN' }))
    expect(() => storage.apps.update(key('b'), { id: 'notes' })).toThrow(expect.objectContaining({ code: 'ID_TAKEN' }))
    expect(() => storage.apps.update(key('c'), { id: 'x' })).toThrow(
      expect.objectContaining({ code: 'APP_NOT_INSTALLED' }),
    )
  })

  test('a key is never given twice, not even after the app is gone', () => {
    storage.apps.insert(app())
    expect(() => storage.apps.insert(app({ id: 'other' }))).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
    storage.transaction(() => storage.apps.delete(key('a'), 2))
    expect(storage.apps.list()).toEqual([])
    expect(() => storage.apps.insert(app())).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
  })
})

test('a stored value of another form is reported as damage, not passed on', () => {
  storage.settings.set('port', 'eighty')
  expect(() => storage.settings.get('port', z.number())).toThrow(
    expect.objectContaining({ code: 'DATABASE_DAMAGED', details: { file } }),
  )
})

test('names are the same name whatever their case or form', () => {
  const user = (digit: string, username: string) => ({ key: key(digit), username, role: '' as const, createdAt: 1 })
  storage.users.insert(user('1', 'Zoë'))
  for (const same of ['zoë', 'ZOË', 'zoë']) {
    expect(storage.users.byName(same)?.key).toBe(key('1'))
    expect(() => storage.users.insert(user('2', same))).toThrow(expect.objectContaining({ code: 'USERNAME_TAKEN' }))
  }
  expect(storage.users.byName('zoe')).toBeNull()
})

test('a user takes password, sessions and app sessions along', () => {
  storage.users.insert({ key: key('1'), username: 'alice', role: '', createdAt: 1 })
  storage.credentials.set(key('1'), 'hash', 1)
  const session = { id: 's', userKey: key('1'), kind: 'browser' as const, client: 'x', createdAt: 1, lastSeenAt: 1 }
  storage.sessions.insert({ ...session, expiresAt: 2 }, 'token-hash')
  storage.appSessions.insert('app-token-hash', { sessionId: 's', appKey: key('a') }, 1)
  storage.transaction(() => storage.users.delete(key('1'), 2))
  expect(storage.credentials.get(key('1'))).toBeNull()
  expect(storage.sessions.list()).toEqual([])
  expect(storage.appSessions.byTokenHash('app-token-hash')).toBeNull()
})

test('audit rows cannot be changed or removed, and come newest first', () => {
  for (const action of ['one', 'two', 'three']) {
    storage.audit.insert({ at: 1, action, actor: 'system', subject: null, outcome: 'ok', details: {} })
  }
  expect(storage.audit.list({ limit: 2 }).map((row) => row.action)).toEqual(['three', 'two'])
  expect(storage.audit.list({ before: 2, limit: 2 }).map((row) => row.action)).toEqual(['one'])
})

test('what is committed is in the file of another connection, mode 0600, after closing without a log', () => {
  storage.settings.set('a', 1)
  if (process.platform !== 'win32') {
    for (const end of ['', '-wal', '-shm']) expect(statSync(file + end).mode & 0o777).toBe(0o600)
  }
  storage.close()
  expect(() => readFileSync(`${file}-wal`)).toThrow('ENOENT')
  storage = openStorage(file, { clock })
  expect(storage.settings.get('a', z.number())).toBe(1)
})
