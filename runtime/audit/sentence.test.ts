import { expect, test } from 'vitest'
import type { AuditRecord } from '../storage/audit-table.ts'
import { sentence } from './sentence.ts'

const alice = 'a'.repeat(32)
const bob = 'b'.repeat(32)
const notes = 'c'.repeat(32)
const gone = 'd'.repeat(32)
const names = (key: string) => ({ [alice]: 'alice', [bob]: 'bob', [notes]: 'Notes' })[key] ?? null

const CASES: [string, string, string | null, Record<string, unknown>, string][] = [
  ['traffic.capture', alice, notes, { bodies: 'kept' }, 'alice began keeping bodies of requests to Notes'],
  ['traffic.capture', alice, notes, { bodies: 'not-kept' }, 'alice stopped keeping bodies of requests to Notes'],
  ['traffic.capture-limit', alice, null, { bytes: 1024 }, 'alice changed how much of a body is kept'],
  ['traffic.reveal', alice, notes, { seq: 1, to: 'notes' }, 'alice looked at the secrets of a request to notes'],
  ['traffic.export', alice, null, { headers: 'masked' }, 'alice exported recorded requests'],
  ['traffic.export', alice, null, { headers: 'whole' }, 'alice exported recorded requests with their secrets'],
  ['traffic.replay', alice, notes, { method: 'GET', to: 'notes' }, 'alice made a GET request to notes again'],
  [
    'traffic.replay',
    alice,
    notes,
    { method: 'GET', to: 'notes', as: bob },
    'alice made a GET request to notes again as bob',
  ],
  ['user.create', alice, alice, { role: 'admin' }, 'alice created the first account'],
  ['user.create', alice, bob, { role: '' }, 'alice added bob'],
  ['user.create', alice, bob, { role: 'admin' }, 'alice added bob as an administrator'],
  ['user.update', alice, bob, { role: 'admin' }, 'alice made bob an administrator'],
  ['user.update', alice, bob, { role: '' }, 'alice took the administrator role from bob'],
  ['user.update', alice, bob, { renamed: true }, 'alice renamed bob'],
  ['user.delete', alice, gone, {}, 'alice deleted a deleted user (dddddddd)'],
  ['user.password-reset', alice, bob, {}, 'alice reset the password of bob'],
  ['user.password-change', bob, bob, {}, 'bob changed their password'],
  ['session.sign-in', bob, bob, { client: 'Firefox on Linux' }, 'bob signed in with Firefox on Linux'],
  ['session.sign-in-failed', 'unknown', bob, {}, 'Somebody failed to sign in as bob'],
  ['session.sign-out', bob, bob, {}, 'bob signed out'],
  ['session.sign-out', alice, bob, {}, 'alice ended a session of bob'],
  ['session.end-all', alice, bob, {}, 'alice signed bob out everywhere'],
  ['session.end-all', bob, bob, {}, 'bob signed out everywhere'],
  ['token.create', bob, bob, { name: 'backup' }, 'bob made the API token “backup”'],
  ['token.end', bob, bob, { name: 'backup' }, 'bob ended the API token “backup”'],
  ['token.end', alice, bob, { name: 'backup' }, 'alice ended bob’s API token “backup”'],
  [
    'token.refresh-reused',
    'unknown',
    bob,
    { name: 'backup' },
    'The API token “backup” of bob ended, because a refresh token of it was used twice',
  ],
  ['app.install', alice, notes, { owner: 'system' }, 'alice installed Notes for everyone'],
  ['app.install', alice, notes, { owner: alice }, 'alice installed Notes for themselves'],
  ['app.install', alice, gone, { owner: bob, title: 'Chat' }, 'alice installed Chat for bob'],
  ['app.uninstall', alice, gone, {}, 'alice uninstalled a deleted app (dddddddd)'],
  ['app.configure', alice, notes, {}, 'alice changed the settings of Notes'],
  ['app.start', 'system', notes, {}, 'Atek started Notes'],
  ['app.stop', alice, notes, {}, 'alice stopped Notes'],
  ['app.restart', alice, notes, {}, 'alice restarted Notes'],
  ['app.crash', 'system', notes, {}, 'Notes crashed'],
  ['database.create', alice, notes, {}, 'alice made a database for Notes'],
  ['database.create', alice, alice, {}, 'alice made a database for themselves'],
  ['database.configure', 'system', 'system', {}, 'Atek changed the settings of a database of Atek'],
  ['database.give', alice, notes, { from: gone }, 'alice gave a database to Notes'],
  ['database.delete', alice, gone, {}, 'alice deleted a database of a deleted app (dddddddd)'],
  ['settings.update', alice, null, {}, 'alice changed the settings of the host'],
  ['traffic.clear', alice, null, {}, 'alice cleared the recorded requests'],
  ['host.start', 'system', null, {}, 'Atek started'],
  ['later.action', alice, null, {}, 'alice: later.action'],
]

test.each(CASES)('%s', (action, actor, subject, details, expected) => {
  const row: AuditRecord = { seq: 1, at: 0, action, actor, subject, outcome: 'ok', details }
  expect(sentence(row, names)).toBe(expected)
})

test('an outcome other than ok is said', () => {
  const row: AuditRecord = {
    seq: 1,
    at: 0,
    action: 'app.start',
    actor: alice,
    subject: notes,
    outcome: 'failed',
    details: {},
  }
  expect(sentence(row, names)).toBe('alice started Notes — failed')
  expect(sentence({ ...row, outcome: 'refused' }, names)).toBe('alice started Notes — refused')
})
