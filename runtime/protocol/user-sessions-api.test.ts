import { UserSession } from '@atek-cloud/user-sessions-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scriptClients, tokenClients } from './testing/clients.ts'
import { expectToFit } from './testing/fits.ts'
import { CALLERS, PASSWORD, type ProtocolHost, rpcError, startProtocolHost } from './testing/protocol-host.ts'

let host: ProtocolHost
beforeAll(async () => {
  host = await startProtocolHost()
}, 60_000)
afterAll(() => host.dispose())

test.each(CALLERS)('user-sessions-api: whoami, by %s', async (caller) => {
  const session = await host.as(caller, 'bob').sessions.whoami()
  expect(session).toEqual({ isActive: true, username: 'bob' })
  expectToFit(UserSession.schema, session)
})

test('user-sessions-api: whoami and login need no credentials; everything else is 401', async () => {
  const nobody = tokenClients(host.port, null)
  const session = await nobody.sessions.whoami()
  expect(session).toEqual({ isActive: false })
  expectToFit(UserSession.schema, session)
  expect(await nobody.sessions.login({ username: 'bob', password: PASSWORD })).toEqual({
    isActive: true,
    username: 'bob',
  })
  expect(await rpcError(nobody.sessions.login({ username: 'bob', password: 'not this one' }))).toMatchObject({
    code: -32002,
  })
  // An HTTP 401 is no JSON-RPC: the published client takes it for no answer at all.
  expect(await nobody.sessions.logout()).toBeUndefined()
  expect(await nobody.users.list()).toBeUndefined()
})

test('user-sessions-api: login keeps a cookie, logout takes it back and ends this session alone', async () => {
  const credentials = { username: 'bob', password: PASSWORD }
  const [first, second] = [await scriptClients(host.port, credentials), await scriptClients(host.port, credentials)]
  try {
    const stolen = new Map(first.keeper.cookies)
    expect(stolen.size).toBe(1)
    expect(await first.sessions.whoami()).toEqual({ isActive: true, username: 'bob' })
    expect(await first.sessions.logout()).toBe(0)
    expect(first.keeper.cookies.size).toBe(0)
    for (const [name, value] of stolen) first.keeper.cookies.set(name, value)
    expect(await first.sessions.whoami()).toEqual({ isActive: false })
    expect(await second.sessions.whoami()).toEqual({ isActive: true, username: 'bob' })
  } finally {
    await Promise.all([first.keeper.close(), second.keeper.close()])
  }
})

test('C06: an app cannot sign in or out, whatever it knows', async () => {
  const { sessions } = host.as('an app with its bearer token', 'bob')
  expect(await rpcError(sessions.login({ username: 'bob', password: PASSWORD }))).toMatchObject({ code: -32003 })
  expect(await rpcError(sessions.logout())).toMatchObject({ code: -32003 })
})
