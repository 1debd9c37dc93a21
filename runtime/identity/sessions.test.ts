import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { User } from '../contract/models.ts'
import { tokenHash } from '../core/ids.ts'
import { openIdentity, PASSWORD, type TestIdentity } from './testing/open-identity.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const APP = 'a'.repeat(32)
const OTHER_APP = 'b'.repeat(32)

let t: TestIdentity
let alice: User
let bob: User
beforeEach(async () => {
  t = openIdentity()
  alice = await t.identity.createFirstUser({ username: 'alice', password: PASSWORD })
  bob = await t.identity.users.create(alice.key, { username: 'bob', password: PASSWORD, role: '' })
})
afterEach(() => t.close())

const issue = (user = alice) => t.identity.sessions.issue(user.key, 'browser', 'Firefox on Linux')
const verify = (token: string) => t.identity.sessions.verify(token)

describe('C04: tokens', () => {
  test('C04: 256 bits, of which only the SHA-256 is stored', () => {
    const { token, session } = issue()
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    const appToken = t.identity.appSessions.issue(session.id, APP)
    expect(Buffer.from(appToken, 'base64url')).toHaveLength(32)
    for (const secret of [token, appToken]) {
      expect(t.onDisk(secret)).toBe(false)
      expect(t.onDisk(Buffer.from(secret, 'base64url').toString('hex'))).toBe(false)
      expect(t.onDisk(tokenHash(secret))).toBe(true)
    }
  })

  test('C04: no two are alike, and signing in never takes over a token that a client had', async () => {
    const tokens = new Set(Array.from({ length: 100 }, () => issue().token))
    expect(tokens.size).toBe(100)
    expect((await t.signIn('alice')).token).not.toBe((await t.signIn('alice')).token)
  })

  test.each(['', 'x', 'x'.repeat(43), 'x'.repeat(44), '/'.repeat(43), `${'x'.repeat(42)}\0`])(
    'C04: %j is nobody’s',
    (text) => {
      issue()
      expect(verify(text)).toBeNull()
      expect(t.identity.appSessions.verify(text, APP)).toBeNull()
    },
  )

  test('C04: the stored hash itself opens nothing', () => {
    const { token } = issue()
    expect(verify(tokenHash(token))).toBeNull()
  })
})

describe('C04: how long', () => {
  test('C04: seven days without use', () => {
    const { token } = issue()
    t.clock.advance(7 * DAY - 1)
    expect(verify(token)?.user).toEqual(alice)
    t.clock.advance(7 * DAY - 1)
    expect(verify(token)?.user).toEqual(alice)
    t.clock.advance(7 * DAY)
    expect(verify(token)).toBeNull()
    expect(t.storage.sessions.list()).toEqual([])
  })

  test('C04: thirty days however much it is used', () => {
    const { token, session } = issue()
    for (let day = 0; day < 29; day++) {
      t.clock.advance(DAY)
      expect(verify(token)).not.toBeNull()
    }
    t.clock.advance(DAY - 1)
    expect(verify(token)?.session.expiresAt).toBe(session.createdAt + 30 * DAY)
    t.clock.advance(1)
    expect(verify(token)).toBeNull()
  })

  test('C04: both also for those that only the database remembers', () => {
    const { token } = issue()
    t.clock.advance(6 * DAY)
    t.restart()
    expect(verify(token)).not.toBeNull()
    t.restart()
    t.clock.advance(7 * DAY)
    t.restart()
    expect(verify(token)).toBeNull()
  })

  test('C04: an expired one is in no list, opens no app, and is announced when it is tried', () => {
    const { token, session } = issue()
    const appToken = t.identity.appSessions.issue(session.id, APP)
    t.clock.advance(7 * DAY)
    expect(t.identity.sessions.list(alice.key, null)).toEqual([])
    expect(t.identity.sessions.counts().size).toBe(0)
    expect(t.identity.sessions.byId(session.id)).toBeNull()
    expect(() => t.identity.appSessions.issue(session.id, APP)).toThrow(
      expect.objectContaining({ code: 'NOT_SIGNED_IN' }),
    )
    expect(t.identity.appSessions.verify(appToken, APP)).toBeNull()
    expect(verify(token)).toBeNull()
    expect(t.ended).toEqual([{ userKey: alice.key, sessionIds: [session.id] }])
  })

  test('C04: the last use is written at most once a minute', () => {
    const { token, session } = issue()
    const write = vi.spyOn(t.storage.sessions, 'setLastSeen')
    for (let second = 0; second < 150; second++) {
      t.clock.advance(1000)
      verify(token)
    }
    expect(write).toHaveBeenCalledTimes(2)
    expect(t.identity.sessions.byId(session.id)?.lastSeenAt).toBe(t.clock.now())
  })

  test('C04: the last uses of many sessions are written together, and all when the host stops', async () => {
    const issued = Array.from({ length: 700 }, () => issue())
    const commits = vi.spyOn(t.storage, 'transaction')
    t.clock.advance(60_000)
    for (const { token } of issued) verify(token)
    expect(commits).not.toHaveBeenCalled()
    t.clock.advance(1000)
    expect(commits).toHaveBeenCalledTimes(1)
    t.clock.advance(1000)
    expect(commits).toHaveBeenCalledTimes(2)
    const seen = () =>
      issued.filter(({ session }) => t.storage.sessions.get(session.id)?.lastSeenAt !== session.lastSeenAt)
    expect(seen()).toHaveLength(700)
    t.clock.advance(60_000)
    const now = t.clock.now()
    for (const { token } of issued) verify(token)
    await t.identity.dispose()
    expect(issued.every(({ session }) => t.storage.sessions.get(session.id)?.lastSeenAt === now)).toBe(true)
  })

  test('C04: a session that is in use asks the database nothing', () => {
    const { token, session } = issue()
    const appToken = t.identity.appSessions.issue(session.id, APP)
    verify(token)
    t.identity.appSessions.verify(appToken, APP)
    const byHash = vi.spyOn(t.storage.sessions, 'byTokenHash')
    const byAppHash = vi.spyOn(t.storage.appSessions, 'byTokenHash')
    const user = vi.spyOn(t.storage.users, 'get')
    for (let i = 0; i < 10; i++) {
      verify(token)
      t.identity.appSessions.verify(appToken, APP)
    }
    for (const spy of [byHash, byAppHash, user]) expect(spy).not.toHaveBeenCalled()
  })

  test('a disk that is full signs nobody out', () => {
    const { token } = issue()
    verify(token)
    vi.spyOn(t.storage.sessions, 'setLastSeen').mockImplementation(() => {
      throw new Error('full')
    })
    t.clock.advance(2 * MINUTE)
    expect(verify(token)).not.toBeNull()
  })
})

describe('C04: listed and ended', () => {
  test('C04: listed with client and times, the current one marked', () => {
    const one = issue()
    t.clock.advance(MINUTE)
    const two = t.identity.sessions.issue(alice.key, 'panel', 'Atek Desktop on Linux')
    issue(bob)
    const list = t.identity.sessions.list(alice.key, one.session.id)
    expect(list.map((session) => [session.id, session.kind, session.client, session.current])).toEqual([
      [two.session.id, 'panel', 'Atek Desktop on Linux', false],
      [one.session.id, 'browser', 'Firefox on Linux', true],
    ])
    expect(Object.keys(list[0] ?? {}).sort()).toEqual(
      ['client', 'createdAt', 'current', 'expiresAt', 'id', 'kind', 'lastSeenAt'].sort(),
    )
    expect(t.identity.sessions.counts().get(alice.key)).toEqual({ sessions: 2, lastSeenAt: t.clock.now() })
  })

  test('C04: ended one by one', () => {
    const [one, two] = [issue(), issue()]
    verify(one.token)
    t.identity.sessions.end(alice.key, one.session.id)
    expect(verify(one.token)).toBeNull()
    expect(verify(two.token)).not.toBeNull()
    expect(t.ended).toEqual([{ userKey: alice.key, sessionIds: [one.session.id] }])
    expect(t.actions()[0]).toBe('session.sign-out')
    // Again: what was wanted is so already.
    t.identity.sessions.end(alice.key, one.session.id)
    expect(t.ended).toHaveLength(1)
  })

  test('C04: ended all at once, or all but one; other people’s go on', () => {
    const [one, two, three, bobs] = [issue(), issue(), issue(), issue(bob)]
    for (const { token } of [one, two, three, bobs]) verify(token)
    t.identity.sessions.endAll(alice.key, alice.key, two.session.id)
    expect([one, two, three].map(({ token }) => verify(token) !== null)).toEqual([false, true, false])
    expect(t.ended.at(-1)?.sessionIds?.sort()).toEqual([one.session.id, three.session.id].sort())
    t.identity.sessions.endAll(bob.key, alice.key)
    expect(verify(two.token)).toBeNull()
    expect(t.ended.at(-1)).toEqual({ userKey: alice.key, sessionIds: null })
    expect(verify(bobs.token)).not.toBeNull()
    expect(t.actions().slice(0, 2)).toEqual(['session.end-all', 'session.end-all'])
  })

  test('ending them is undone, and not announced, when the change that it belongs to is', () => {
    const { token } = issue()
    expect(() =>
      t.storage.transaction(() => {
        t.identity.sessions.endAll(alice.key, alice.key)
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(t.ended).toEqual([])
    expect(verify(token)).not.toBeNull()
  })

  test('a new token for the same session: the old one stops working', () => {
    const { token, session } = issue()
    const appToken = t.identity.appSessions.issue(session.id, APP)
    const next = t.identity.sessions.rotate(token)
    expect(next?.session.id).toBe(session.id)
    expect(verify(token)).toBeNull()
    expect(t.identity.sessions.rotate(token)).toBeNull()
    expect(verify(next?.token ?? '')?.session.id).toBe(session.id)
    expect(t.identity.appSessions.verify(appToken, APP)).not.toBeNull()
  })

  test('there is none for a user who is gone', () => {
    t.identity.users.delete(alice.key, bob.key)
    expect(() => issue(bob)).toThrow(expect.objectContaining({ code: 'NOT_SIGNED_IN' }))
  })
})

describe('app sessions', () => {
  test('a token is good for its app only, and not at the host', () => {
    const { token, session } = issue()
    const appToken = t.identity.appSessions.issue(session.id, APP)
    expect(t.identity.appSessions.verify(appToken, APP)).toEqual({ user: alice, sessionId: session.id })
    expect(t.identity.appSessions.verify(appToken, OTHER_APP)).toBeNull()
    expect(verify(appToken)).toBeNull()
    expect(t.identity.appSessions.verify(token, APP)).toBeNull()
  })

  test('it ends with its session, also in memory, and survives a restart as long as that does', () => {
    const { session } = issue()
    const appToken = t.identity.appSessions.issue(session.id, APP)
    t.restart()
    expect(t.identity.appSessions.verify(appToken, APP)?.user).toEqual(alice)
    t.identity.sessions.end(alice.key, session.id)
    expect(t.identity.appSessions.verify(appToken, APP)).toBeNull()
    expect(t.onDisk(session.id)).toBe(true)
    expect(t.storage.appSessions.byTokenHash(tokenHash(appToken))).toBeNull()
  })

  test('tokens of one app and session are bounded, the newest go on', () => {
    const { session } = issue()
    const tokens = Array.from({ length: 10 }, () => t.identity.appSessions.issue(session.id, APP))
    const other = t.identity.appSessions.issue(session.id, OTHER_APP)
    const good = tokens.map((token) => t.identity.appSessions.verify(token, APP) !== null)
    expect(good).toEqual([...Array(6).fill(false), ...Array(4).fill(true)])
    expect(t.identity.appSessions.verify(other, OTHER_APP)).not.toBeNull()
  })

  test('using an app is using the session', () => {
    const { session, token } = issue()
    const appToken = t.identity.appSessions.issue(session.id, APP)
    for (let i = 0; i < 3; i++) {
      t.clock.advance(6 * DAY)
      expect(t.identity.appSessions.verify(appToken, APP)).not.toBeNull()
    }
    expect(verify(token)).not.toBeNull()
  })
})
