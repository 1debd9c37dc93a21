import { afterAll, beforeAll, expect, test } from 'vitest'
import { SYSTEM, startTestRuntime, type TestRuntime } from '../testing/start-runtime.ts'
import type { Actor } from './actor.ts'

const BOB = { username: 'bob', password: 'correct horse battery' }
let host: TestRuntime
let alice: Actor
let bob: Actor
let bobKey: string

beforeAll(async () => {
  host = await startTestRuntime()
  alice = (await host.admin()).actor
  bobKey = (await host.call(alice, 'users.create', { ...BOB, role: '' })).key
  bob = await bobAgain()
})
afterAll(() => host.dispose())

async function bobAgain(): Promise<Actor> {
  const actor = host.runtime.panel.actor((await host.runtime.panel.signIn(BOB)).token)
  if (actor === null) throw new Error('Bob is not signed in.')
  return actor
}

test('people make, see and end their own API tokens, and nobody else’s', async () => {
  const { token, refreshToken } = await host.call(bob, 'me.createToken', { name: ' backup ' })
  expect(token).toMatchObject({ name: 'backup', origin: 'panel', lastUsedAt: null })
  expect(refreshToken).toMatch(/^atekr_/)
  const listed = await host.call(bob, 'me.tokens', {})
  expect(listed).toEqual([token])
  expect(JSON.stringify(listed)).not.toContain(refreshToken)
  expect(await host.call(alice, 'me.tokens', {})).toEqual([])
  await expect(host.call(alice, 'me.endToken', { id: token.id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await host.call(bob, 'me.endToken', { id: token.id })
  expect(await host.call(bob, 'me.tokens', {})).toEqual([])
  await expect(host.call(bob, 'me.endToken', { id: token.id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(host.logged.join('\n')).not.toContain(refreshToken)
})

test.each(['', '  ', 'x'.repeat(65), 'a\nb', 'a\u202Eb'])('a name that is none: %j', async (name) => {
  await expect(host.call(bob, 'me.createToken', { name })).rejects.toMatchObject({ code: 'BAD_INPUT' })
})

test('the host itself has none', async () => {
  await expect(host.call(SYSTEM, 'me.createToken', { name: 'x' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await expect(host.call(null, 'me.tokens', {})).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
})

test('C09: an administrator’s “Sign out everywhere” ends a user’s API tokens', async () => {
  await host.call(bob, 'me.createToken', { name: 'one' })
  await host.call(bob, 'me.createToken', { name: 'two' })
  await host.call(alice, 'users.signOutEverywhere', { key: bobKey })
  expect(await host.call(await bobAgain(), 'me.tokens', {})).toEqual([])
})
