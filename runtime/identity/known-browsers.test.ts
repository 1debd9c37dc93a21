import { afterEach, beforeEach, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import type { User } from '../contract/models.ts'
import { openIdentity, PASSWORD, type TestIdentity } from './testing/open-identity.ts'

let t: TestIdentity
let alice: User
let bob: User
let cookie: string
beforeEach(async () => {
  t = openIdentity()
  alice = await t.identity.createFirstUser({ username: 'alice', password: PASSWORD })
  bob = await t.identity.users.create(alice.key, { username: 'bob', password: PASSWORD, role: '' })
  cookie = t.identity.knownBrowsers.remember('', alice.key)
})
afterEach(() => t.close())

const signIn = (username: string, password: string, browser = '') =>
  t.identity
    .signIn({ username, password, address: '127.0.0.1', client: 'Firefox on Linux', kind: 'browser', browser })
    .then(
      () => 'in',
      (error: { code: string }) => error.code,
    )
async function guess(username: string, browser = ''): Promise<void> {
  for (let i = 0; i < LIMITS.signInPerUser; i++) {
    expect(await signIn(username, `guess number ${i}`, browser)).toBe('BAD_CREDENTIALS')
  }
}

test('A26: another program’s guesses do not keep out a browser in which the person signed in before', async () => {
  await guess('alice')
  expect(await signIn('alice', PASSWORD)).toBe('RATE_LIMITED')
  expect(await signIn('alice', PASSWORD, cookie)).toBe('in')
  // Nor do those at every name that there is.
  for (let i = 0; i < LIMITS.signInPerAddress; i++) await signIn(`nobody ${i}`, 'guess')
  expect(await signIn('bob', PASSWORD)).toBe('RATE_LIMITED')
  expect(await signIn('alice', PASSWORD, cookie)).toBe('in')
})

test('A26: a known browser has as many guesses as anybody, and no more; also after a restart', async () => {
  await guess('alice', cookie)
  expect(await signIn('alice', PASSWORD, cookie)).toBe('RATE_LIMITED')
  t.restart()
  expect(await signIn('alice', PASSWORD, cookie)).toBe('RATE_LIMITED')
  // The other way round, it does not keep anybody else out.
  expect(await signIn('alice', PASSWORD)).toBe('in')
  t.clock.advance(LIMITS.signInWindow)
  expect(await signIn('alice', PASSWORD, cookie)).toBe('in')
})

test('A26: it is known for its person and their present password', async () => {
  const { knownBrowsers } = t.identity
  expect(knownBrowsers.known(cookie, alice.key)).not.toBeNull()
  expect(knownBrowsers.known(cookie, bob.key)).toBeNull()
  await t.identity.users.setPassword(bob.key, alice.key, 'another password')
  expect(knownBrowsers.known(cookie, alice.key)).toBeNull()
})

test.each([
  ['a made-up proof', () => `${'x'.repeat(22)}.${'x'.repeat(43)}`],
  ['another nonce', () => `${'x'.repeat(22)}${cookie.slice(22)}`],
  ['another proof with its nonce', () => `${cookie.slice(0, 23)}${'x'.repeat(43)}`],
  ['a proof that is cut', () => cookie.slice(0, -1)],
  ['nothing', () => ''],
  ['a great deal', () => '~'.repeat(30_000)],
])('A26: known by nobody: %s', (_what, made) => {
  expect(t.identity.knownBrowsers.known(made(), alice.key)).toBeNull()
})

test('people who share a browser are known there, the last four of them', () => {
  const { knownBrowsers } = t.identity
  const both = knownBrowsers.remember(cookie, bob.key)
  expect(knownBrowsers.known(both, alice.key)).not.toBeNull()
  expect(knownBrowsers.known(both, bob.key)).not.toBeNull()
  expect(knownBrowsers.remember(both, alice.key)).toBe(both)
  let shared = both
  for (const key of ['1', '2', '3']) shared = knownBrowsers.remember(shared, key.repeat(32))
  expect(knownBrowsers.known(shared, bob.key)).not.toBeNull()
  expect(knownBrowsers.known(shared, alice.key)).toBeNull()
  expect(shared.length).toBeLessThan(300)
})
