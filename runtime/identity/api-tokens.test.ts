import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { User } from '../contract/models.ts'
import { tokenHash } from '../core/ids.ts'
import type { AccessClaims } from './access-tokens.ts'
import { openIdentity, PASSWORD, type TestIdentity } from './testing/open-identity.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let t: TestIdentity
let alice: User
let bob: User
beforeEach(async () => {
  t = openIdentity()
  alice = await t.identity.createFirstUser({ username: 'alice', password: PASSWORD })
  bob = await t.identity.users.create(alice.key, { username: 'bob', password: PASSWORD, role: '' })
})
afterEach(() => t.close())

const make = (user = alice, name = 'backup') => t.identity.apiTokens.create(user.key, name, 'panel')
const refresh = (token: string) => t.identity.apiTokens.refresh(token)
const holder = async (access: string) => {
  const claims = await t.identity.accessTokens.verify(access)
  return claims === null ? null : t.identity.apiTokens.holder(claims)
}
const reasonOf = async (token: string): Promise<unknown> => {
  const error = await refresh(token).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof AppError)) throw new Error('It was not refused.')
  expect(error.code).toBe('BAD_CREDENTIALS')
  expect(error.message).toBe('This refresh token is not valid. Get a new one.')
  return error.details?.reason
}

describe('C05: refresh tokens', () => {
  test('C05: one gives an access token and the next refresh token, which gives the next', async () => {
    const { token, refreshToken } = make()
    const first = await refresh(refreshToken)
    expect(first.refreshToken).not.toBe(refreshToken)
    expect(first.expiresIn).toBe(900)
    expect(await holder(first.access)).toEqual({ user: alice, tokenId: token.id, tokenType: 'user' })
    const second = await refresh(first.refreshToken)
    expect(second.access).not.toBe(first.access)
    // What came before goes on until its own end.
    for (const { access } of [first, second]) expect(await holder(access)).not.toBeNull()
    expect(t.identity.apiTokens.list(alice.key)).toHaveLength(1)
  })

  test('C05: 256 bits that are new each time, of which only the SHA-256 is stored', async () => {
    const { refreshToken } = make()
    const { refreshToken: next } = await refresh(refreshToken)
    for (const token of [refreshToken, next]) {
      const [series, secret] = [token.slice(6, 28), token.slice(28)]
      expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
      for (const text of [token, series, secret]) expect(t.onDisk(text)).toBe(false)
    }
    expect(next.slice(28)).not.toBe(refreshToken.slice(28))
    expect(t.onDisk(tokenHash(next.slice(28)))).toBe(true)
  })

  test('C05: one that comes a second time ends its family, with every access token', async () => {
    const { token, refreshToken } = make()
    const first = await refresh(refreshToken)
    const other = make()
    expect(await reasonOf(refreshToken)).toContain('used before')
    expect(await holder(first.access)).toBeNull()
    // Not even the one that was not used yet.
    expect(await reasonOf(first.refreshToken)).toContain('has ended')
    expect(t.ended).toContainEqual({ userKey: alice.key, sessionIds: [token.id] })
    expect(t.identity.apiTokens.list(alice.key).map(({ id }) => id)).toEqual([other.token.id])
    expect(t.storage.audit.list({ limit: 1 })).toMatchObject([
      { action: 'token.refresh-reused', actor: 'unknown', subject: alice.key, outcome: 'refused' },
    ])
  })

  test('C05: also after a restart', async () => {
    const { refreshToken } = make()
    const first = await refresh(refreshToken)
    t.restart()
    expect(await holder(first.access)).toMatchObject({ user: alice })
    expect(await reasonOf(refreshToken)).toContain('used before')
    t.restart()
    expect(await holder(first.access)).toBeNull()
    expect(await reasonOf(first.refreshToken)).toContain('has ended')
  })

  test('C05: also long after, and however often it was used since', async () => {
    const { refreshToken } = make()
    let { refreshToken: latest } = await refresh(refreshToken)
    for (let day = 0; day < 30; day++) {
      t.clock.advance(DAY)
      latest = (await refresh(latest)).refreshToken
    }
    expect(await reasonOf(refreshToken)).toContain('used before')
    expect(await reasonOf(latest)).toContain('has ended')
  })

  test('C05: of two requests at once with one refresh token one gets through, and its family ends', async () => {
    const { refreshToken } = make()
    const outcomes = await Promise.allSettled([refresh(refreshToken), refresh(refreshToken)])
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    expect(won).toHaveLength(1)
    expect(await holder(won[0]?.access ?? '')).toBeNull()
    expect(t.identity.apiTokens.list(alice.key)).toEqual([])
  })

  test('C05: seven days without use', async () => {
    const { refreshToken } = make()
    t.clock.advance(7 * DAY - 1)
    const { refreshToken: next } = await refresh(refreshToken)
    t.clock.advance(7 * DAY)
    expect(t.identity.apiTokens.list(alice.key)).toEqual([])
    expect(await reasonOf(next)).toContain('expired')
    expect(t.storage.apiTokens.ofUser(alice.key)).toEqual([])
  })

  test.each(['', 'atekr_', 'x'.repeat(71), `atekr_${'x'.repeat(64)}`, `atekr_${'/'.repeat(65)}`])(
    'C05: %j is nobody’s',
    async (text) => {
      make()
      expect(await reasonOf(text)).toContain('form')
    },
  )

  test('C05: a made-up one ends nothing', async () => {
    const { refreshToken } = make()
    expect(await reasonOf(`atekr_${'x'.repeat(65)}`)).toContain('no such')
    expect((await refresh(refreshToken)).token.userKey).toBe(alice.key)
  })
})

describe('C09: what ends API tokens', () => {
  const access = async (user: User) => (await refresh(make(user).refreshToken)).access

  test('C09: a new password, by oneself in a session that stays', async () => {
    const { session } = t.identity.sessions.issue(alice.key, 'panel', 'Atek')
    const [mine, bobs] = [await access(alice), await access(bob)]
    t.ended.length = 0
    await t.identity.users.setPassword(alice.key, alice.key, 'another password', { keepSession: session.id })
    expect(await holder(mine)).toBeNull()
    expect(await holder(bobs)).not.toBeNull()
    expect(t.identity.sessions.byId(session.id)).not.toBeNull()
    expect(t.ended).toEqual([{ userKey: alice.key, sessionIds: [expect.any(String)] }])
  })

  test.each<[string, () => unknown]>([
    ['another role', () => t.identity.users.update(alice.key, bob.key, { role: 'admin' })],
    ['deletion', () => t.identity.users.delete(alice.key, bob.key)],
    ['signing out everywhere', () => t.identity.sessions.endAll(alice.key, bob.key)],
    ['a password that was reset', () => t.identity.users.setPassword(alice.key, bob.key, 'another password')],
    ['its end', () => t.identity.apiTokens.list(bob.key).map(({ id }) => t.identity.apiTokens.end(bob.key, id))],
  ])('C09: %s', async (_what, change) => {
    const token = await access(bob)
    expect(await holder(token)).not.toBeNull()
    await change()
    expect(await holder(token)).toBeNull()
    expect(t.ended.at(-1)?.userKey).toBe(bob.key)
    t.restart()
    expect(await holder(token)).toBeNull()
  })

  test('another name ends nothing, and is known at once', async () => {
    const token = await access(bob)
    await holder(token)
    t.identity.users.update(alice.key, bob.key, { username: 'robert' })
    expect((await holder(token))?.user.username).toBe('robert')
  })

  test('C09: a change that was rolled back ends nothing', async () => {
    const token = await access(bob)
    expect(() =>
      t.storage.transaction(() => {
        t.identity.sessions.drop(bob.key)
        throw new Error('No.')
      }),
    ).toThrow('No.')
    expect(await holder(token)).not.toBeNull()
  })

  test('revoking takes a refresh token, a used one, or an access token; unknown ones are no error', async () => {
    for (const which of ['new', 'used', 'access'] as const) {
      const { refreshToken } = make()
      const first = await refresh(refreshToken)
      const text = { new: first.refreshToken, used: refreshToken, access: first.access }[which]
      await t.identity.apiTokens.revoke(text)
      expect(await holder(first.access), which).toBeNull()
    }
    await t.identity.apiTokens.revoke('nothing')
    await t.identity.apiTokens.revoke(`atekr_${'x'.repeat(65)}`)
    expect(t.actions().filter((action) => action === 'token.end')).toHaveLength(3)
  })
})

describe('API tokens as they are shown', () => {
  test('with name, times and where they are from; nobody else’s', async () => {
    const { token, refreshToken } = make(alice, 'backup')
    make(bob, 'bobs')
    t.clock.advance(5 * MINUTE)
    const { access } = await refresh(refreshToken)
    const used = t.clock.now()
    expect(t.identity.apiTokens.list(alice.key)).toEqual([
      {
        id: token.id,
        name: 'backup',
        origin: 'panel',
        createdAt: token.createdAt,
        lastUsedAt: used,
        expiresAt: used + 7 * DAY,
      },
    ])
    t.clock.advance(2 * MINUTE)
    await holder(access)
    expect(t.identity.apiTokens.list(alice.key)[0]?.lastUsedAt).toBe(used + 2 * MINUTE)
  })

  test('a hundred at most; a script that signs in anew each time takes the place of its oldest', async () => {
    const byScript = () => t.identity.apiTokens.create(alice.key, 'script', 'password')
    const oldest = byScript()
    for (let i = 1; i < LIMITS.tokensPerUser; i++) make(alice, `token ${i}`)
    expect(() => make()).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
    const next = byScript()
    expect(t.identity.apiTokens.list(alice.key)).toHaveLength(LIMITS.tokensPerUser)
    expect(t.identity.apiTokens.byId(oldest.token.id)).toBeNull()
    expect(t.identity.apiTokens.byId(next.token.id)).not.toBeNull()
    expect(() => make(bob)).not.toThrow()
  })

  test('the user is gone', () => {
    t.identity.users.delete(alice.key, bob.key)
    expect(() => make(bob)).toThrow(expect.objectContaining({ code: 'NOT_SIGNED_IN' }))
  })

  test('C51: no token is in the audit log', async () => {
    const { refreshToken } = make()
    const { access, refreshToken: next } = await refresh(refreshToken)
    await reasonOf(refreshToken)
    const rows = JSON.stringify(t.storage.audit.list({ limit: 100 }))
    for (const secret of [refreshToken, next, access]) expect(rows).not.toContain(secret)
  })
})

test('C06: a token stands for nobody else than it says, and for no other type', async () => {
  const { token } = make()
  const good: AccessClaims = { userKey: alice.key, tokenId: token.id, tokenType: 'user' }
  const { apiTokens } = t.identity
  expect(apiTokens.holder(good)).not.toBeNull()
  expect(apiTokens.holder({ ...good, userKey: bob.key })).toBeNull()
  expect(apiTokens.holder({ ...good, tokenType: 'system' })).toBeNull()
  expect(apiTokens.holder({ ...good, tokenId: 'f'.repeat(32) })).toBeNull()
})
