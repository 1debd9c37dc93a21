import { randomBytes } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { openStorage } from './open.ts'

let folder: string
let file: string
const clock = new ManualClock()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atek-open-'))
  file = join(folder, 'atek.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A database with enough in it that every part of the file is in use. */
function fill(): void {
  const storage = openStorage(file, { clock })
  storage.transaction(() => {
    for (let i = 0; i < 2000; i++) {
      storage.audit.insert({ at: i, action: 'test', actor: 'system', subject: null, outcome: 'ok', details: { i } })
    }
  })
  storage.close()
}

function refusal(): AppError {
  try {
    openStorage(file, { clock }).close()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('It was opened.')
}

/** Refused, the file named, and afterwards as it was, byte for byte. */
function expectRefusedUntouched(): AppError {
  const before = readFileSync(file)
  const modified = statSync(file).mtimeMs
  const error = refusal()
  expect(error.code).toBe('DATABASE_DAMAGED')
  expect(error.message).toContain(file)
  expect(error.details).toEqual({ file })
  expect(readFileSync(file).equals(before)).toBe(true)
  expect(statSync(file).mtimeMs).toBe(modified)
  return error
}

describe('a damaged file is refused and kept as it is', () => {
  test('random bytes', () => {
    writeFileSync(file, randomBytes(64 * 1024))
    expectRefusedUntouched()
  })

  test('a text file', () => {
    writeFileSync(file, 'Not a database.\n')
    expectRefusedUntouched()
  })

  test('header overwritten', () => {
    fill()
    const bytes = readFileSync(file)
    randomBytes(100).copy(bytes)
    writeFileSync(file, bytes)
    expectRefusedUntouched()
  })

  test('pages overwritten behind a good header', () => {
    fill()
    const bytes = readFileSync(file)
    randomBytes(bytes.length - 4096).copy(bytes, 4096)
    writeFileSync(file, bytes)
    expectRefusedUntouched()
  })

  test.each([0.9, 0.5, 0.1, 0.01])('truncated to %d of its length', (part) => {
    fill()
    truncateSync(file, Math.floor(statSync(file).size * part))
    expectRefusedUntouched()
  })

  test('truncated to nothing', () => {
    fill()
    truncateSync(file, 0)
    expect(expectRefusedUntouched().message).toContain('it is empty')
  })

  test('gone, with a log of changes to it left behind', () => {
    writeFileSync(`${file}-wal`, 'frames')
    const error = refusal()
    expect(error.code).toBe('DATABASE_DAMAGED')
    expect(existsSync(file)).toBe(false)
    expect(readFileSync(`${file}-wal`, 'utf8')).toBe('frames')
  })
})

test('a damaged file with changes waiting in its log: neither is touched', () => {
  fill()
  const live = openStorage(file, { clock })
  live.settings.set('a', 1)
  // As a killed process leaves them; a connection that may write would settle the log into the file.
  const copy = join(folder, 'copy.db')
  const bytes = readFileSync(file)
  randomBytes(8 * 4096).copy(bytes, bytes.length - 8 * 4096)
  writeFileSync(copy, bytes)
  copyFileSync(`${file}-wal`, `${copy}-wal`)
  live.close()
  file = copy
  const log = readFileSync(`${copy}-wal`)
  expect(log.length).toBeGreaterThan(0)
  expectRefusedUntouched()
  expect(readFileSync(`${copy}-wal`).equals(log)).toBe(true)
})

test('what a killed process left in the log is there after opening', () => {
  const live = openStorage(file, { clock })
  live.settings.set('a', 1)
  const copy = join(folder, 'copy.db')
  for (const end of ['', '-wal']) copyFileSync(file + end, copy + end)
  live.close()
  const storage = openStorage(copy, { clock })
  expect(storage.settings.get('a', z.number())).toBe(1)
  storage.close()
})

test('a database of a newer version is refused untouched, and says so', () => {
  fill()
  const db = new Database(file)
  db.pragma(`user_version = ${MIGRATIONS.length + 1}`)
  db.close()
  expect(expectRefusedUntouched().message).toContain('newer version of Atek')
})

test('a database of another program is refused untouched', () => {
  const db = new Database(file)
  db.exec('CREATE TABLE theirs (a)')
  db.close()
  expect(expectRefusedUntouched().message).toContain('not a database of Atek')
})

test('a half-made new database from a killed start is no obstacle', () => {
  writeFileSync(`${file}.new`, randomBytes(5000))
  openStorage(file, { clock }).close()
  expect(existsSync(`${file}.new`)).toBe(false)
})

test('the connection: WAL, each commit synced, foreign keys enforced', () => {
  const connections: Database.Database[] = []
  const original = Database.prototype.pragma
  vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (this: Database.Database, source, options) {
    connections.push(this)
    return original.call(this, source, options)
  })
  const storage = openStorage(file, { clock })
  const settings = ['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete', 'trusted_schema']
  const values = settings.map((name) => connections.at(-1)?.pragma(name, { simple: true }))
  storage.close()
  // 2 is FULL.
  expect(values).toEqual(['wal', 2, 1, 1, 0])
})

test('C51: what was deleted does not linger in the file', () => {
  const storage = openStorage(file, { clock })
  const secret = 'a-hash-that-was-deleted'
  for (const value of [secret, 'x'.repeat(100)]) {
    storage.settings.set('a', value)
    storage.settings.set('b', value)
  }
  storage.settings.set('c', secret)
  storage.settings.delete('c')
  storage.close()
  expect(readFileSync(file).includes(secret)).toBe(false)
})

test('every table is STRICT, and the schema itself keeps audit rows', () => {
  fill()
  const db = new Database(file)
  const tables = z.array(z.object({ name: z.string(), strict: z.number() })).parse(db.pragma('table_list'))
  expect(tables.filter((t) => !t.name.startsWith('sqlite_') && t.strict !== 1)).toEqual([])
  expect(() => db.exec(`UPDATE audit SET actor = 'x'`)).toThrow('audit rows are not changed')
  expect(() => db.exec('DELETE FROM audit')).toThrow('audit rows are not removed')
  db.close()
})

test('an app’s table that is made anew keeps its apps, and what refers to them', () => {
  const before = MIGRATIONS.findIndex((sql) => sql.includes('apps_next'))
  const db = new Database(file)
  db.pragma('application_id = 0x4154454b')
  for (const sql of MIGRATIONS.slice(0, before)) db.exec(sql)
  db.exec(`INSERT INTO users VALUES ('u', 'alice', 'alice', 'admin', 1);
    INSERT INTO apps VALUES ('k', 'notes', 'u', 'file:///notes', 'file', NULL, NULL, '/notes', '{}',
      '{"name":null,"author":null,"license":null,"main":"index.js"}', '{"A":"b"}', 'always', 1, 7);
    INSERT INTO user_settings VALUES ('u', 'k')`)
  db.pragma(`user_version = ${before}`)
  db.close()
  const storage = openStorage(file, { clock })
  expect(storage.apps.get('k')).toMatchObject({
    id: 'notes',
    config: { A: 'b' },
    autostart: 'always',
    enabled: true,
    installedAt: 7,
    identityHeaders: [],
    externalOrigins: [],
  })
  storage.close()
  const after = new Database(file)
  expect(after.prepare('SELECT main_app_key FROM user_settings').pluck().get()).toBe('k')
  expect(after.pragma('foreign_key_check')).toEqual([])
  after.pragma('foreign_keys = ON')
  // What refers to apps refers to the table of today: an app that goes is not anybody's main app any more.
  after.exec(`DELETE FROM apps WHERE key = 'k'`)
  expect(after.prepare('SELECT main_app_key FROM user_settings').pluck().get()).toBeNull()
  after.close()
})
