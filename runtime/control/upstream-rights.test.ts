import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestRuntime, type TestRuntime } from '../testing/start-runtime.ts'
import type { Actor } from './actor.ts'

let host: TestRuntime
let admin: Actor
let member: Actor
let server: Server
let source: string

beforeAll(async () => {
  host = await startTestRuntime()
  admin = (await host.admin()).actor
  const account = { username: 'bob', password: 'correct horse battery', role: '' } as const
  const user = await host.call(admin, 'users.create', account)
  member = { kind: 'user', user, sessionId: '' }
  server = createServer((_req, res) => res.end('elsewhere'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  source = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await host.dispose()
  server.close()
})

async function install(actor: Actor, owner: string): Promise<string> {
  const reviewId = crypto.randomUUID()
  await host.call(actor, 'apps.review', { reviewId, source, kind: 'upstream' })
  const identityHeaders = [{ name: 'Remote-User', fact: 'username' } as const]
  const id = `at-${reviewId.slice(0, 8)}`
  return (await host.call(actor, 'apps.install', { reviewId, id, owner, allowScripts: false, identityHeaders })).key
}

test('C23: only an administrator says at which address an app lives, and it is audited', async () => {
  await expect(install(member, member.kind === 'user' ? member.user.key : '')).rejects.toMatchObject({
    code: 'FORBIDDEN',
  })
  const key = await install(admin, member.kind === 'user' ? member.user.key : '')
  expect(await host.call(member, 'apps.get', { key })).toMatchObject({
    state: 'running',
    sourceUrl: `upstream:${source}`,
    identityHeaders: [{ name: 'Remote-User', fact: 'username' }],
  })
  // Its owner may change what it is told, not where it is.
  const moved = host.call(member, 'apps.configure', { key, sourceUrl: 'upstream:http://169.254.169.254' })
  await expect(moved).rejects.toMatchObject({ code: 'FORBIDDEN' })
  const identityHeaders = [{ name: 'X-Role', fact: 'role' } as const]
  expect(await host.call(member, 'apps.configure', { key, identityHeaders })).toMatchObject({ identityHeaders })
  await host.call(admin, 'apps.configure', { key, sourceUrl: `upstream:${source}/base` })
  const [last, before] = await host.call(admin, 'audit.list', { limit: 2 })
  const rows = [last, before].map((row) => row?.details)
  expect(rows).toContainEqual({ source: { from: `upstream:${source}`, to: `upstream:${source}/base` } })
  expect(rows).toContainEqual({ identityHeaders })
})

test('C24: the return addresses of signing in are exact origins, and none of the host’s own', async () => {
  const key = await install(admin, 'system')
  const { port } = host.runtime.status()
  for (const bad of [
    'http://wiki.example.org/',
    'http://wiki.example.org/path',
    'https://wiki.example.org:443',
    'http://WIKI.example.org',
    'http://u@wiki.example.org',
    'javascript:alert(1)',
    '//wiki.example.org',
    // A part of the sign-in page's content security policy each (C27).
    'https://x;script-src',
    "https://'self'",
    'https://*',
    'https://*.example.org',
    'https://a,b',
    `http://atek.localhost:${port}`,
    `http://localhost:${port}`,
  ]) {
    const changed = host.call(admin, 'apps.configure', { key, externalOrigins: [bad] })
    await expect(changed, bad).rejects.toMatchObject({ code: 'BAD_INPUT' })
  }
  const externalOrigins = ['http://wiki.localhost:9000', 'https://wiki.example.org', 'https://[::1]:9000']
  expect(await host.call(admin, 'apps.configure', { key, externalOrigins })).toMatchObject({ externalOrigins })
})
