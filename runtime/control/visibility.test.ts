import { describe, expect, test } from 'vitest'
import type { RuntimeEvent } from '../contract/events.ts'
import type { AppSummary, AuditRow, CrashInfo, HostStatus, TrafficRow } from '../contract/models.ts'
import type { Actor } from './actor.ts'
import { maySeeTraffic, mayWithApp, visibleEvent, visibleRows } from './visibility.ts'

const ALICE = 'a'.repeat(32)
const BOB = 'b'.repeat(32)
const NOTES = '1'.repeat(32)
const SHARED = '2'.repeat(32)

const person = (key: string, role: 'admin' | ''): Actor => ({
  kind: 'user',
  sessionId: 's',
  user: { key, username: key.slice(0, 1), role, createdAt: 0 },
})
const admin = person(ALICE, 'admin')
const bob = person(BOB, '')
const ownerOf = (key: string) => ({ [NOTES]: ALICE, [SHARED]: 'system' })[key] ?? null
const app = (owner: string) => ({ key: NOTES, owner, may: { open: true, manage: true } }) as AppSummary
const row = (appKey: string | null, caller: string | null) =>
  ({ appKey, caller: caller === null ? null : { userKey: caller } }) as TrafficRow

describe('A07: what may be done with an app', () => {
  test.each([
    ['the owner', bob, BOB, { open: true, manage: true }],
    ['somebody else', bob, ALICE, { open: false, manage: false }],
    ['anybody, with an app for everybody', bob, 'system', { open: true, manage: false }],
    ['an administrator, with an app for everybody', admin, 'system', { open: true, manage: true }],
    ['an administrator, with another’s app', admin, BOB, { open: false, manage: true }],
  ])('%s', (_who, actor, owner, may) => {
    expect(mayWithApp(actor, owner)).toEqual(may)
  })
})

describe('what a person sees of the traffic', () => {
  test.each([
    ['her own calls', row(SHARED, BOB), true],
    ['others’ calls in a shared app', row(SHARED, ALICE), false],
    ['calls in another’s app', row(NOTES, ALICE), false],
    ['calls of nobody', row(null, null), false],
  ])('%s', (_what, seen, may) => {
    expect(maySeeTraffic(bob, seen, ownerOf)).toBe(may)
    expect(maySeeTraffic(admin, seen, ownerOf)).toBe(true)
  })

  test('calls in her own app, whoever called', () => {
    expect(maySeeTraffic(person(ALICE, ''), row(NOTES, BOB), ownerOf)).toBe(true)
  })
})

describe('events reach whom they concern', () => {
  const events: [RuntimeEvent, boolean][] = [
    [{ type: 'app-changed', app: app(ALICE) }, false],
    [{ type: 'app-changed', app: app(BOB) }, true],
    [{ type: 'app-changed', app: app('system') }, true],
    [{ type: 'app-log', key: NOTES, lines: [] }, false],
    [{ type: 'app-log', key: SHARED, lines: [] }, false],
    [{ type: 'audit-added', row: {} as AuditRow }, false],
    [{ type: 'users-changed' }, false],
    [{ type: 'sessions-ended', userKey: ALICE, sessionIds: null }, false],
    [{ type: 'sessions-ended', userKey: BOB, sessionIds: null }, true],
    [{ type: 'host-changed', status: {} as HostStatus }, true],
    [{ type: 'traffic-cleared' }, true],
  ]
  test.each(events)('%j', (event, may) => {
    expect(visibleEvent(bob, event, ownerOf) !== null).toBe(may)
    expect(visibleEvent(admin, event, ownerOf)).not.toBeNull()
  })

  test('progress of an installation is for who installs, administrators included', () => {
    const event = { type: 'install-progress', actor: BOB, progress: {} } as RuntimeEvent
    expect(visibleEvent(bob, event, ownerOf)).not.toBeNull()
    expect(visibleEvent(admin, event, ownerOf)).toBeNull()
  })

  test('rows of a batch are sifted, and an app says what this person may do', () => {
    const mine = row(SHARED, BOB)
    const rows = [row(NOTES, ALICE), row(SHARED, ALICE), mine]
    expect(visibleRows(bob, rows, ownerOf)).toEqual([mine])
    expect(visibleRows(admin, rows, ownerOf)).toEqual(rows)
    expect(visibleEvent(bob, { type: 'app-changed', app: app('system') }, ownerOf)).toMatchObject({
      app: { may: { open: true, manage: false } },
    })
  })
  test('C51: the last words of a crashed app are for who manages it, as its log is', () => {
    const crash = { reason: 'It ended with exit code 1.', lastLines: ['no such user: carol'] } as CrashInfo
    const event: RuntimeEvent = { type: 'app-changed', app: { ...app('system'), crash } }
    expect(visibleEvent(bob, event, ownerOf)).toMatchObject({ app: { crash: { reason: crash.reason, lastLines: [] } } })
    expect(visibleEvent(admin, event, ownerOf)).toMatchObject({ app: { crash } })
  })
})
