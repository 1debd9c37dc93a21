import argon2 from 'argon2'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemRandom } from '../core/ids.ts'
import { PASSWORD_COST, Passwords } from './passwords.ts'
import { CHEAP, openIdentity, PASSWORD, type TestIdentity } from './testing/open-identity.ts'

test('C01: by default argon2id at no less than the cost that OWASP recommends', async () => {
  const passwords = new Passwords({ random: systemRandom })
  const hash = await passwords.hash(PASSWORD)
  const parameters = /^\$argon2id\$v=19\$(.*?)\$/.exec(hash)?.[1]?.split(',') ?? []
  expect(parameters.sort()).toEqual([`m=${PASSWORD_COST.memoryCost}`, 'p=1', 't=2'])
  expect(PASSWORD_COST.memoryCost).toBeGreaterThanOrEqual(19 * 1024)
  expect(await passwords.verify(hash, PASSWORD)).toBe(true)
  expect(await passwords.verify(hash, `${PASSWORD}!`)).toBe(false)
  expect(await passwords.hash(PASSWORD)).not.toBe(hash)
})

test('C01: the same password typed in another form of the same letters fits', async () => {
  const passwords = new Passwords({ random: systemRandom, cost: CHEAP })
  const hash = await passwords.hash('passé composé'.normalize('NFD'))
  expect(await passwords.verify(hash, 'passé composé'.normalize('NFC'))).toBe(true)
})

describe('with an identity', () => {
  let t: TestIdentity
  beforeEach(async () => {
    t = openIdentity()
    await t.identity.createFirstUser({ username: 'alice', password: PASSWORD })
  })
  afterEach(() => t.close())

  test('C01: the stored hash is argon2id, in a table apart from the profile', async () => {
    const key = t.identity.users.byName('alice')?.key ?? ''
    expect(t.storage.credentials.get(key)).toMatch(/^\$argon2id\$v=19\$/)
    expect(Object.keys(t.storage.users.get(key) ?? {}).sort()).toEqual(['createdAt', 'key', 'role', 'username'])
    expect(JSON.stringify(t.identity.users.list())).not.toContain('argon2')
  })

  test.each([
    ['nine characters', '123456789', false],
    ['ten characters', '1234567890', true],
    ['ten times the same letter: no composition rules', 'aaaaaaaaaa', true],
    ['ten blanks', '          ', true],
    ['nine characters of two units each', '🐴'.repeat(9), false],
    ['ten characters of two units each', '🐴'.repeat(10), true],
    ['five letters, each with an accent of its own', 'e\u0301'.repeat(5), false],
    ['1024 characters', 'x'.repeat(1024), true],
    ['1025 characters', 'x'.repeat(1025), false],
  ])('C01: a new password of %s', async (_what, password, good) => {
    const create = t.identity.users.create('system', { username: 'bob', password, role: '' })
    if (!good) {
      await expect(create).rejects.toMatchObject({ code: 'WEAK_PASSWORD' })
      expect(t.identity.users.byName('bob')).toBeNull()
      const key = t.identity.users.byName('alice')?.key ?? ''
      await expect(t.identity.users.setPassword(key, key, password)).rejects.toMatchObject({ code: 'WEAK_PASSWORD' })
      return
    }
    await create
    expect((await t.signIn('bob', password)).user.username).toBe('bob')
  })

  test('C01: unknown user and wrong password get the same answer after the same work', async () => {
    const verify = vi.spyOn(argon2, 'verify')
    const failure = async (username: string) => {
      verify.mockClear()
      const error = await t.signIn(username, 'wrong password').catch((thrown: unknown) => thrown)
      const hashes = verify.mock.calls.map(([hash]) => hash)
      return { error, costs: hashes.map((hash) => hash.split('$').slice(1, 4).join('$')), hashes }
    }
    const wrong = await failure('alice')
    const unknown = await failure('nobody')
    expect(wrong.error).toMatchObject({ code: 'BAD_CREDENTIALS', details: undefined })
    expect(unknown.error).toMatchObject({ code: 'BAD_CREDENTIALS', details: undefined })
    expect(String(unknown.error)).toBe(String(wrong.error))
    // One verification each, of hashes of the same cost, and not of the same hash.
    expect(wrong.costs).toHaveLength(1)
    expect(unknown.costs).toEqual(wrong.costs)
    expect(unknown.hashes).not.toEqual(wrong.hashes)
  })

  test('C01: what stands in for the hash of an unknown user fits no password', async () => {
    await expect(t.signIn('nobody', '')).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' })
    await expect(t.signIn('nobody', PASSWORD)).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' })
  })

  test('C01: a hash of another cost is made anew at the next sign-in', async () => {
    const key = t.identity.users.byName('alice')?.key ?? ''
    const old = await argon2.hash(PASSWORD, { ...CHEAP, timeCost: 2 })
    t.storage.credentials.set(key, old, 0)
    await t.signIn('alice')
    expect(t.storage.credentials.get(key)).not.toBe(old)
    expect(t.storage.credentials.get(key)).toContain('t=1')
    await t.signIn('alice')
  })

  test('a password that was changed while it was being checked is refused', async () => {
    const key = t.identity.users.byName('alice')?.key ?? ''
    const other = await argon2.hash('another password', CHEAP)
    const signIn = t.signIn('alice')
    t.storage.credentials.set(key, other, 0)
    await expect(signIn).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' })
  })
})

test('a process can wait for the hashes that are being made', async () => {
  const passwords = new Passwords({ random: systemRandom, cost: CHEAP })
  let made = false
  const hash = passwords.hash('a long password').then(() => {
    made = true
  })
  await passwords.settled()
  await Promise.resolve()
  expect(made).toBe(true)
  await hash
})
