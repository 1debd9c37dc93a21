import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { User } from '../contract/models.ts'
import { openIdentity, PASSWORD, type TestIdentity } from './testing/open-identity.ts'

const APP = 'a'.repeat(32)

let t: TestIdentity
let alice: User
let bob: User
let changes: number
beforeEach(async () => {
  t = openIdentity()
  alice = await t.identity.createFirstUser({ username: 'alice', password: PASSWORD })
  bob = await t.identity.users.create(alice.key, { username: 'bob', password: PASSWORD, role: '' })
  changes = 0
  t.identity.usersChanged.on(() => changes++)
})
afterEach(() => t.close())

describe('C09: everything of a person’s ends', () => {
  /** Bob at two browsers with an app open, and a ticket and a bind token just handed out. */
  async function bobIsIn() {
    const one = await t.signIn('bob')
    const two = await t.signIn('bob')
    const { appSessions, tickets } = t.identity
    return {
      one,
      two,
      tokens: [one.token, two.token],
      appToken: appSessions.issue(one.session.id, APP),
      ticket: tickets.issueSignIn(bob.key),
      bind: tickets.issueBind({ sessionId: one.session.id, appKey: APP, nonceHash: 'n' }),
    }
  }

  async function expectAllEnd(change: () => void | Promise<void>): Promise<void> {
    const was = await bobIsIn()
    const alices = await t.signIn('alice')
    // Known in memory, so that forgetting is tested, too.
    for (const token of was.tokens) expect(t.identity.sessions.verify(token)).not.toBeNull()
    expect(t.identity.appSessions.verify(was.appToken, APP)).not.toBeNull()
    t.ended.length = 0
    await change()
    expect(t.ended).toEqual([{ userKey: bob.key, sessionIds: null }])
    for (const token of was.tokens) expect(t.identity.sessions.verify(token)).toBeNull()
    expect(t.identity.appSessions.verify(was.appToken, APP)).toBeNull()
    expect(t.identity.tickets.redeemSignIn(was.ticket)).toBeNull()
    expect(t.identity.tickets.redeemBind(was.bind, { appKey: APP, nonceHash: 'n' })).toBeNull()
    expect(t.identity.sessions.verify(alices.token)).not.toBeNull()
    // Nor does a restart bring anything back.
    t.restart()
    for (const token of was.tokens) expect(t.identity.sessions.verify(token)).toBeNull()
    expect(t.identity.appSessions.verify(was.appToken, APP)).toBeNull()
  }

  test('C09: at a change of role, up or down', async () => {
    await expectAllEnd(() => void t.identity.users.update(alice.key, bob.key, { role: 'admin' }))
    await expectAllEnd(() => void t.identity.users.update(alice.key, bob.key, { role: '' }))
  })

  test('C09: when the password is reset', () =>
    expectAllEnd(() => t.identity.users.setPassword(alice.key, bob.key, 'another password')))

  test('C09: when the account is deleted', () => expectAllEnd(() => t.identity.users.delete(alice.key, bob.key)))

  test('C09: when signed out everywhere', () => expectAllEnd(() => t.identity.sessions.endAll(alice.key, bob.key)))

  test('C09: at sign-out, that browser’s', async () => {
    const was = await bobIsIn()
    t.identity.sessions.end(bob.key, was.one.session.id)
    expect(t.ended).toEqual([{ userKey: bob.key, sessionIds: [was.one.session.id] }])
    expect(t.identity.sessions.verify(was.one.token)).toBeNull()
    expect(t.identity.appSessions.verify(was.appToken, APP)).toBeNull()
    expect(t.identity.tickets.redeemBind(was.bind, { appKey: APP, nonceHash: 'n' })).toBeNull()
    expect(t.identity.sessions.verify(was.two.token)).not.toBeNull()
  })

  test('C09: when people change their own password, all but the session that they are in', async () => {
    const was = await bobIsIn()
    await t.identity.users.setPassword(bob.key, bob.key, 'another password', { keepSession: was.one.session.id })
    expect(t.ended).toEqual([{ userKey: bob.key, sessionIds: [was.two.session.id] }])
    expect(t.identity.sessions.verify(was.one.token)).not.toBeNull()
    expect(t.identity.sessions.verify(was.two.token)).toBeNull()
    expect(t.identity.tickets.redeemSignIn(was.ticket)).toBeNull()
    expect(t.actions()[0]).toBe('user.password-change')
  })

  test('C09: even when there were no sessions it is announced', () => {
    t.identity.users.update(alice.key, bob.key, { role: 'admin' })
    expect(t.ended).toEqual([{ userKey: bob.key, sessionIds: null }])
  })

  test('a change of name ends nothing, and is seen at once', async () => {
    const { token } = await t.signIn('bob')
    t.identity.sessions.verify(token)
    t.identity.users.update(alice.key, bob.key, { username: 'robert' })
    expect(t.identity.sessions.verify(token)?.user.username).toBe('robert')
    expect(t.ended).toEqual([])
    await t.signIn('robert')
    await expect(t.signIn('bob')).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' })
  })
})

describe('the last administrator', () => {
  const refused = expect.objectContaining({ code: 'LAST_ADMIN' })

  test('can neither be demoted nor deleted', async () => {
    const { token } = await t.signIn('alice')
    expect(() => t.identity.users.update(alice.key, alice.key, { role: '' })).toThrow(refused)
    expect(() => t.identity.users.delete(alice.key, alice.key)).toThrow(refused)
    expect(t.identity.sessions.verify(token)?.user.role).toBe('admin')
    expect(t.ended).toEqual([])
  })

  test('can be, once there is another', () => {
    t.identity.users.update(alice.key, bob.key, { role: 'admin' })
    t.identity.users.update(bob.key, alice.key, { role: '' })
    expect(() => t.identity.users.update(bob.key, bob.key, { role: '' })).toThrow(refused)
    t.identity.users.delete(bob.key, alice.key)
    expect(t.identity.users.list().map((user) => user.username)).toEqual(['bob'])
  })
})

describe('names', () => {
  test.each(['', ' ', 'system', 'SYSTEM', 'ｓｙｓｔｅｍ', 'a\u202Eb', 'a\nb', ' alice', 'x'.repeat(65)])(
    '%j is refused',
    async (username) => {
      const refused = { code: 'BAD_INPUT' }
      await expect(
        t.identity.users.create(alice.key, { username, password: PASSWORD, role: '' }),
      ).rejects.toMatchObject(refused)
      expect(() => t.identity.users.update(alice.key, bob.key, { username })).toThrow(expect.objectContaining(refused))
    },
  )

  test('one that is taken, in any case', async () => {
    const taken = { code: 'USERNAME_TAKEN' }
    await expect(
      t.identity.users.create(alice.key, { username: 'Bob', password: PASSWORD, role: '' }),
    ).rejects.toMatchObject(taken)
    expect(() => t.identity.users.update(alice.key, bob.key, { username: 'ALICE' })).toThrow(
      expect.objectContaining(taken),
    )
    expect(t.identity.users.update(alice.key, bob.key, { username: 'BOB' }).username).toBe('BOB')
  })
})

describe('C40: the record', () => {
  test('C40: every change has its row, by key, and no name is in it', async () => {
    const carol = await t.identity.users.create(alice.key, { username: 'carolina', password: PASSWORD, role: 'admin' })
    t.identity.users.update(alice.key, carol.key, { username: 'caroline', role: '' })
    await t.identity.users.setPassword(alice.key, carol.key, 'another password')
    t.identity.users.delete(alice.key, carol.key)
    const rows = t.storage.audit.list({ limit: 4 })
    expect(rows.map((row) => [row.action, row.actor, row.subject, row.details])).toEqual([
      ['user.delete', alice.key, carol.key, {}],
      ['user.password-reset', alice.key, carol.key, {}],
      ['user.update', alice.key, carol.key, { renamed: true, role: '' }],
      ['user.create', alice.key, carol.key, { role: 'admin' }],
    ])
    expect(JSON.stringify(t.storage.audit.list({ limit: 100 }))).not.toMatch(/carolin|alice|bob/)
    expect(changes).toBe(4)
  })

  test('C40: when the row cannot be stored nothing changes and nobody hears of it', () => {
    const fail = () => {
      throw new Error('The disk burns.')
    }
    t.storage.audit.insert = fail
    expect(() => t.identity.users.update(alice.key, bob.key, { role: 'admin' })).toThrow('The disk burns.')
    expect(() => t.identity.users.delete(alice.key, bob.key)).toThrow('The disk burns.')
    expect(t.identity.users.get(bob.key)).toEqual(bob)
    expect([t.ended, changes]).toEqual([[], 0])
  })

  test('an update that changes nothing is none', () => {
    expect(t.identity.users.update(alice.key, bob.key, { username: 'bob', role: '' })).toEqual(bob)
    expect(changes).toBe(0)
    expect(t.actions()).toHaveLength(2)
  })
})

test('somebody who still has apps is not deleted', () => {
  t.storage.apps.insert({
    key: APP,
    id: 'notes',
    owner: bob.key,
    sourceUrl: 'example:notes',
    sourceType: 'example',
    desiredVersion: null,
    installedVersion: null,
    packageFolder: '/somewhere',
    manifest: {},
    packageMeta: { name: null, author: null, license: null, main: 'index.js' },
    config: {},
    autostart: 'on-request',
    enabled: false,
    installedAt: 1,
    identityHeaders: [],
    externalOrigins: [],
  })
  expect(() => t.identity.users.delete(alice.key, bob.key)).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
  t.storage.transaction(() => t.storage.apps.delete(APP, 2))
  t.identity.users.delete(alice.key, bob.key)
})

test('somebody who is gone is not found', async () => {
  t.identity.users.delete(alice.key, bob.key)
  const gone = { code: 'NOT_FOUND' }
  expect(() => t.identity.users.update(alice.key, bob.key, { role: 'admin' })).toThrow(expect.objectContaining(gone))
  expect(() => t.identity.users.delete(alice.key, bob.key)).toThrow(expect.objectContaining(gone))
  await expect(t.identity.users.setPassword(alice.key, bob.key, 'another password')).rejects.toMatchObject(gone)
  expect(await t.identity.users.verifyPassword(bob.key, PASSWORD)).toBe(false)
})

test('C09: whoever asks for a user hears of a change at once, also within it, and never of one that was undone', () => {
  const { users } = t.identity
  const role = () => users.get(bob.key)?.role
  expect(role()).toBe('')
  users.update(alice.key, bob.key, { role: 'admin', username: 'robert' })
  expect(users.get(bob.key)).toMatchObject({ role: 'admin', username: 'robert' })
  const undone = (change: () => void) => {
    expect(() =>
      t.storage.transaction(() => {
        change()
        throw new Error('undone')
      }),
    ).toThrow('undone')
  }
  undone(() => {
    users.update(alice.key, bob.key, { role: '' })
    expect(role()).toBe('')
  })
  expect(role()).toBe('admin')
  undone(() => {
    users.delete(alice.key, bob.key)
    expect(users.get(bob.key)).toBeNull()
  })
  expect(role()).toBe('admin')
  users.delete(alice.key, bob.key)
  expect(users.get(bob.key)).toBeNull()
})
