import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openStorage } from '../storage/open.ts'
import type { Storage } from '../storage/storage.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { AuditLog, type AuditRecord } from './audit-log.ts'

let folder: string
let storage: Storage
let audit: AuditLog
let added: AuditRecord[]
const clock = new ManualClock()
const alice = 'a'.repeat(32)
const bob = 'b'.repeat(32)
const notes = 'c'.repeat(32)
const nobody = () => null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atek-audit-'))
  storage = openStorage(join(folder, 'atek.db'), { clock })
  audit = new AuditLog({ storage, clock })
  added = []
  audit.added.on((row) => added.push(row))
})
afterEach(() => {
  storage.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('C40: a row and what it records are one change', () => {
  test('C40: outside of a transaction nothing is recorded', () => {
    expect(() => audit.record({ action: 'host.start', actor: 'system' })).toThrow('outside of the transaction')
    expect(storage.audit.count()).toBe(0)
  })

  test('C40: when the change is rolled back the row is gone, and nobody hears of it', () => {
    expect(() =>
      storage.transaction(() => {
        storage.settings.set('port', 1)
        audit.record({ action: 'settings.update', actor: alice })
        throw new Error('The disk burns.')
      }),
    ).toThrow('The disk burns.')
    expect(storage.audit.count()).toBe(0)
    expect(storage.settings.get('port', z.number())).toBeNull()
    expect(added).toEqual([])
  })

  test('C40: when the row cannot be stored, the change is undone', () => {
    const circular: Record<string, unknown> = { big: 1n }
    expect(() =>
      storage.transaction(() => {
        storage.settings.set('port', 1)
        audit.record({ action: 'settings.update', actor: alice, details: circular })
      }),
    ).toThrow()
    expect(storage.settings.get('port', z.number())).toBeNull()
  })

  test('C40: it is announced after the commit, with its number', () => {
    storage.transaction(() => {
      audit.record({ action: 'host.start', actor: 'system' })
      expect(added).toEqual([])
    })
    expect(added).toEqual([
      { seq: 1, at: clock.now(), action: 'host.start', actor: 'system', subject: null, outcome: 'ok', details: {} },
    ])
  })
})

function record(entry: Parameters<AuditLog['record']>[0]): void {
  storage.transaction(() => audit.record(entry))
}

test('rows come newest first, in pages, with the names of now', () => {
  record({ action: 'user.create', actor: alice, subject: bob, details: { role: '' } })
  record({ action: 'app.start', actor: 'system', subject: notes })
  record({ action: 'session.sign-in-failed', actor: 'unknown', outcome: 'refused' })
  const names = (key: string) => ({ [alice]: 'alice', [bob]: 'bob', [notes]: 'Notes' })[key] ?? null
  const rows = audit.list({ limit: 10 }, names)
  expect(rows.map((row) => row.seq)).toEqual([3, 2, 1])
  expect(rows.map((row) => [row.actorName, row.subjectName])).toEqual([
    [null, null],
    ['Atek', 'Notes'],
    ['alice', 'bob'],
  ])
  expect(rows.map((row) => row.sentence)).toEqual([
    'Somebody failed to sign in as an unknown user',
    'Atek started Notes',
    'alice added bob',
  ])
  expect(audit.list({ before: 3, limit: 1 }, nobody).map((row) => row.seq)).toEqual([2])
})

test('C51: what is named like a secret is masked, also inside, and lengths are bounded', () => {
  const secret = 'correct-horse-battery'
  record({
    action: 'app.configure',
    actor: alice,
    subject: notes,
    details: {
      password: secret,
      changed: ['GREETING'],
      config: { API_TOKEN: secret, session_cookie: secret, deep: [{ Authorization: secret, apiKey: secret }] },
      long: 'x'.repeat(5000),
    },
  })
  const [row] = audit.list({ limit: 1 }, nobody)
  expect(JSON.stringify(row)).not.toContain(secret)
  expect(row?.details).toMatchObject({ changed: ['GREETING'], config: { API_TOKEN: '•••' } })
  expect(String(row?.details.long).length).toBeLessThan(1100)
  const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
  expect(bytes.some((content) => content.includes(secret))).toBe(false)
})
