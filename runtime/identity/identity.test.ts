import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { openIdentity, PASSWORD, type TestIdentity } from './testing/open-identity.ts'

let t: TestIdentity
beforeEach(() => {
  t = openIdentity()
})
afterEach(() => t.close())

const first = { username: 'alice', password: PASSWORD }

describe('C02: the first account', () => {
  test('C02: is an administrator, and can be made once only', async () => {
    expect(t.identity.needsFirstUser()).toBe(true)
    const alice = await t.identity.createFirstUser(first)
    expect(alice).toMatchObject({ username: 'alice', role: 'admin' })
    expect(t.identity.needsFirstUser()).toBe(false)
    const again = t.identity.createFirstUser({ username: 'mallory', password: PASSWORD })
    await expect(again).rejects.toMatchObject({ code: 'SETUP_DONE' })
    expect(t.identity.users.list()).toEqual([alice])
  })

  test('C02: is made once when many race for it', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `racer${i}`)
    const made = await Promise.allSettled(
      names.map((username) => t.identity.createFirstUser({ username, password: PASSWORD })),
    )
    expect(made.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    for (const one of made) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'SETUP_DONE' })
    }
    expect(t.identity.users.list()).toHaveLength(1)
    expect(t.actions()).toEqual(['user.create'])
  })

  test('C02: is not made with a weak password or a bad name, and then still can be', async () => {
    await expect(t.identity.createFirstUser({ ...first, password: 'short' })).rejects.toMatchObject({
      code: 'WEAK_PASSWORD',
    })
    await expect(t.identity.createFirstUser({ ...first, username: ' ' })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect(t.identity.needsFirstUser()).toBe(true)
    await t.identity.createFirstUser(first)
  })

  test('C02: makes itself in the record', async () => {
    const alice = await t.identity.createFirstUser(first)
    expect(t.storage.audit.list({ limit: 1 })[0]).toMatchObject({
      action: 'user.create',
      actor: alice.key,
      subject: alice.key,
    })
  })
})

describe('signing in', () => {
  beforeEach(async () => {
    await t.identity.createFirstUser(first)
  })

  const failed = { code: 'BAD_CREDENTIALS' }
  const limited = expect.objectContaining({ code: 'RATE_LIMITED' })

  test('gives a session, whatever the case of the name, and a row of the audit', async () => {
    const { user, session, token } = await t.signIn('ALICE')
    expect(user.username).toBe('alice')
    expect(t.identity.sessions.verify(token)?.session.id).toBe(session.id)
    expect(t.storage.audit.list({ limit: 1 })[0]).toMatchObject({
      action: 'session.sign-in',
      actor: user.key,
      details: { address: '127.0.0.1', client: 'Firefox on Linux', kind: 'browser' },
    })
  })

  test('C40: a failure is recorded by key, for an unknown name without one', async () => {
    await expect(t.signIn('alice', 'wrong password')).rejects.toMatchObject(failed)
    await expect(t.signIn('nobody', 'wrong password')).rejects.toMatchObject(failed)
    const rows = t.storage.audit.list({ limit: 2 })
    const alice = t.identity.users.byName('alice')?.key
    expect(rows.map((row) => [row.action, row.actor, row.subject, row.outcome])).toEqual([
      ['session.sign-in-failed', 'unknown', null, 'refused'],
      ['session.sign-in-failed', 'unknown', alice, 'refused'],
    ])
  })

  test('C51: no password or token is in the audit or anywhere in the database, typed into the right field or not', async () => {
    const typed = ['wrong-but-near-secret', 'typed-into-the-name-field']
    await expect(t.signIn('alice', typed[0])).rejects.toMatchObject(failed)
    await expect(t.signIn(String(typed[1]), 'x')).rejects.toMatchObject(failed)
    const { token, user, session } = await t.signIn('alice')
    const appToken = t.identity.appSessions.issue(session.id, 'a'.repeat(32))
    const next = 'a brand new password'
    await t.identity.users.setPassword(user.key, user.key, next, { keepSession: session.id })
    const rotated = t.identity.sessions.rotate(token)?.token
    const serviceToken = t.identity.serviceTokens.issue('a'.repeat(32))
    const ticket = t.identity.tickets.issueSignIn(user.key)
    for (const secret of [...typed, PASSWORD, next, token, appToken, rotated, serviceToken, ticket]) {
      expect(t.onDisk(String(secret))).toBe(false)
      expect(JSON.stringify(t.storage.audit.list({ limit: 100 }))).not.toContain(String(secret))
    }
    // The search finds what is there.
    expect(t.onDisk('alice')).toBe(true)
  })

  test('A26: guesses at one name are limited, also at once, also after a restart', async () => {
    const guesses = Array.from({ length: 20 }, () => t.signIn('alice', 'a wrong guess'))
    const answers = (await Promise.allSettled(guesses)).map((one) =>
      one.status === 'rejected' ? one.reason.code : 'in',
    )
    expect(answers.filter((code) => code === 'BAD_CREDENTIALS')).toHaveLength(LIMITS.signInPerUser)
    expect(answers.filter((code) => code === 'RATE_LIMITED')).toHaveLength(20 - LIMITS.signInPerUser)
    // The right password is of no use either: else it would be told from the wrong ones.
    await expect(t.signIn('alice')).rejects.toEqual(limited)
    t.restart()
    t.clock.advance(20_000)
    await expect(t.signIn('Alice')).rejects.toMatchObject({ code: 'RATE_LIMITED', details: { retryAfterSeconds: 40 } })
    // Another place is not locked out by this one.
    await t.signIn('alice', PASSWORD, 'panel')
    t.clock.advance(40_000)
    await t.signIn('alice')
  })

  test('A26: guesses from one address at many names are limited', async () => {
    for (let i = 0; i < LIMITS.signInPerAddress; i++) {
      await expect(t.signIn(`nobody${i}`, 'a wrong guess')).rejects.toMatchObject(failed)
    }
    await expect(t.signIn('alice')).rejects.toEqual(limited)
    await t.signIn('alice', PASSWORD, 'panel')
  })

  test('A26: a program of this computer gets no fresh start by calling from another of its addresses', async () => {
    for (let i = 0; i < LIMITS.signInPerUser; i++) {
      await expect(t.signIn('alice', 'a wrong guess', `127.0.${i}.1`)).rejects.toMatchObject(failed)
    }
    for (const address of ['127.0.0.1', '127.200.3.4', '::1', '::ffff:127.0.0.9']) {
      await expect(t.signIn('alice', 'a wrong guess', address)).rejects.toEqual(limited)
    }
    await expect(t.signIn('alice', 'a wrong guess', '192.0.2.7')).rejects.toMatchObject(failed)
  })

  test('A26: signing in rightly is never limited, and forgives earlier slips', async () => {
    for (let i = 0; i < LIMITS.signInPerAddress + 5; i++) await t.signIn('alice')
    for (let round = 0; round < 3; round++) {
      for (let i = 1; i < LIMITS.signInPerUser; i++) {
        await expect(t.signIn('alice', 'a slip of mine')).rejects.toMatchObject(failed)
      }
      await t.signIn('alice')
    }
  })

  test('A26: asking a signed-in person again is limited as well', async () => {
    const key = t.identity.users.byName('alice')?.key ?? ''
    expect(await t.identity.users.verifyPassword(key, PASSWORD)).toBe(true)
    for (let i = 0; i < LIMITS.signInPerUser; i++) {
      expect(await t.identity.users.verifyPassword(key, 'a wrong guess')).toBe(false)
    }
    await expect(t.identity.users.verifyPassword(key, PASSWORD)).rejects.toEqual(limited)
  })
})
