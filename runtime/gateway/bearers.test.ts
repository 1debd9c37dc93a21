import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GatewayHost, gatewayHost, SYSTEM_TOKEN } from './testing/gateway-host.ts'

let host: GatewayHost
beforeAll(async () => {
  host = await gatewayHost(() => [
    { id: 'asleep', owner: 'system', autostart: 'never', exports: [{ api: 'test/asleep', path: '/' }] },
  ])
})
afterAll(() => host.dispose())

const principal = async (token: string) => {
  const { bearers } = host.gateway
  return bearers.principal(await bearers.present(token))
}

test('C06: the host’s own token and a running app’s; nothing that looks alike', async () => {
  expect(await principal(SYSTEM_TOKEN)).toEqual({ type: 'system' })
  expect(await principal(SYSTEM_TOKEN.toUpperCase())).toBeNull()
  expect(await principal('')).toBeNull()
  expect(await principal('undefined')).toBeNull()
  const { key } = host.app('asleep')
  const token = host.identity.serviceTokens.issue(key)
  expect(await principal(token)).toEqual({ type: 'app', appKey: key, ownerKey: 'system' })
  host.identity.serviceTokens.revoke(key)
  expect(await principal(token)).toBeNull()
})

test('C06: an access token stands for its person until its family ends', async () => {
  const { apiTokens } = host.identity
  const { token, refreshToken } = apiTokens.create(host.bob.key, 'backup', 'panel')
  const { access } = await apiTokens.accessFor(token)
  expect(await principal(access)).toEqual({ type: 'user', user: host.bob, tokenId: token.id })
  expect(await principal(refreshToken)).toBeNull()
  // Checked before it ended, asked afterwards.
  const presented = await host.gateway.bearers.present(access)
  apiTokens.end(host.bob.key, token.id)
  expect(host.gateway.bearers.principal(presented)).toBeNull()
})

test('A06: every token of the host’s is known as such, also one that opens nothing or is over', async () => {
  const { apiTokens, sessions, serviceTokens } = host.identity
  const { token, refreshToken } = apiTokens.create(host.bob.key, 'backup', 'panel')
  const { access } = await apiTokens.accessFor(token)
  const session = sessions.issue(host.bob.key, 'browser', 'Firefox').token
  const app = serviceTokens.issue(host.app('asleep').key)
  apiTokens.end(host.bob.key, token.id)
  for (const one of [refreshToken, access, session, app, SYSTEM_TOKEN]) {
    expect(host.gateway.bearers.isHosts(one), one).toBe(true)
  }
  const foreign = `${Buffer.from('{"alg":"HS256","kid":"x"}').toString('base64url')}.e30.x`
  for (const other of [foreign, 'x'.repeat(43), 'eyJ', '']) expect(host.gateway.bearers.isHosts(other)).toBe(false)
})
