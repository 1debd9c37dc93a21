import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokenClients } from './testing/clients.ts'
import { type ProtocolHost, startProtocolHost } from './testing/protocol-host.ts'

let host: ProtocolHost
beforeAll(async () => {
  process.env.HOST_SECRET = 'not for apps'
  host = await startProtocolHost()
}, 60_000)
afterAll(async () => {
  delete process.env.HOST_SECRET
  await host.dispose()
})

async function environment(): Promise<Record<string, string>> {
  const { answer } = await host.browsers.bob.follow(`${host.appAddress('console-bob')}/environment`)
  return answer.json() as Record<string, string>
}

test('an app is given the variables of the protocol, and nothing else of the host’s', async () => {
  const given = await environment()
  const { key } = await host.system.services.get('console-bob')
  expect(given.ATEK_ASSIGNED_SERVICE_KEY).toBe(key)
  expect(given.ATEK_HOST_PORT).toBe(String(host.port))
  expect(given.ATEK_HOST_BEARER_TOKEN).toMatch(/^\S{32,}$/)
  expect(given.HOST_SECRET).toBeUndefined()
  const socket = given.ATEK_ASSIGNED_SOCKET_FILE ?? ''
  expect(Buffer.byteLength(socket)).toBeLessThan(104)
  expect((await stat(socket)).isSocket()).toBe(true)
  expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700)
  expect((await stat(given.ATEK_APP_DATA_DIR ?? '')).isDirectory()).toBe(true)
  const names = Object.keys(given).filter((name) => name.startsWith('ATEK_'))
  expect(names.sort()).toEqual([
    'ATEK_APP_DATA_DIR',
    'ATEK_ASSIGNED_SERVICE_KEY',
    'ATEK_ASSIGNED_SOCKET_FILE',
    'ATEK_HOST_BEARER_TOKEN',
    'ATEK_HOST_PORT',
  ])
})

test('an app’s config is given to it, keys in upper case; its data folder and key survive a restart, its token does not', async () => {
  const before = await environment()
  await host.scripts.bob.any('atek.cloud/services-api')('configure', 'console-bob', { config: { greeting: 'hello' } })
  await host.scripts.bob.services.restart('console-bob')
  const after = await environment()
  expect(after.GREETING).toBe('hello')
  for (const name of ['ATEK_APP_DATA_DIR', 'ATEK_ASSIGNED_SERVICE_KEY', 'ATEK_HOST_PORT']) {
    expect(after[name]).toBe(before[name])
  }
  expect(after.ATEK_HOST_BEARER_TOKEN).not.toBe(before.ATEK_HOST_BEARER_TOKEN)
  const old = tokenClients(host.port, before.ATEK_HOST_BEARER_TOKEN ?? '')
  const now = tokenClients(host.port, after.ATEK_HOST_BEARER_TOKEN ?? '')
  expect(await old.sessions.whoami()).toEqual({ isActive: false })
  expect(await now.sessions.whoami()).toEqual({ isActive: true, username: 'bob' })
})

test('the headless host ends with 0 on SIGTERM, and takes its apps along', async () => {
  const { ATEK_ASSIGNED_SOCKET_FILE: socket = '' } = await environment()
  expect(await host.stop()).toBe(0)
  await expect(stat(socket)).rejects.toMatchObject({ code: 'ENOENT' })
})
