import { ServiceInfo } from '@atek-cloud/services-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GitServer } from '../apps/testing/git-server.ts'
import { TEST_APP_SOURCES } from '../testing/test-apps.ts'
import { expectToFit } from './testing/fits.ts'
import { appSource, CALLERS, type ProtocolHost, rpcError, startProtocolHost } from './testing/protocol-host.ts'

let host: ProtocolHost
let git: GitServer
beforeAll(async () => {
  git = await GitServer.start()
  host = await startProtocolHost()
}, 60_000)
afterAll(async () => {
  await host.dispose()
  await git.close()
})

/** An app in a git repository, in these versions. */
function repository(name: string, ...versions: string[]): string {
  const files = { 'index.js': TEST_APP_SOURCES.echo, 'package.json': JSON.stringify({ name, version: '0.0.0' }) }
  git.commit(name, files, ...versions.map((version) => `v${version}`))
  return git.url(name)
}

describe.each(CALLERS)('%s', (caller) => {
  const name = caller === CALLERS[0] ? 'by-app' : 'by-script'

  test('services-api: list', async () => {
    const ids = async (user: 'alice' | 'bob') => {
      const { services } = await host.as(caller, user).services.list()
      for (const service of services) expectToFit(ServiceInfo.schema, service)
      return services.map(({ settings }) => settings.id)
    }
    expect(await ids('alice')).toEqual(expect.arrayContaining(['console-alice', 'console-bob']))
    expect(await ids('bob')).toEqual(['console-bob'])
  })

  test('services-api: get', async () => {
    const info = await host.as(caller, 'bob').services.get('console-bob')
    expectToFit(ServiceInfo.schema, info)
    expect(info).toMatchObject({
      status: 'active',
      settings: {
        owningUserKey: host.keys.bob,
        sourceUrl: appSource('api-console'),
        package: { sourceType: 'file', installedVersion: '1.0.0' },
        manifest: { name: 'API console', author: 'Atek Desktop contributors', license: 'MIT' },
      },
    })
    expect(await rpcError(host.as(caller, 'bob').services.get('console-alice'))).toMatchObject({ code: -32004 })
  })

  test('services-api: install, configure, start, stop, restart, uninstall', async () => {
    const { services } = host.as(caller, 'bob')
    // `port` is of an early version of the protocol; clients that send it are not refused.
    const installed = await services.install({ sourceUrl: repository(name, '1.0.0'), id: name, port: 1 })
    expectToFit(ServiceInfo.schema, installed)
    expect(installed).toMatchObject({ status: 'active', settings: { id: name, owningUserKey: host.keys.bob } })
    const status = async (id: string) => (await services.get(id)).status
    expect(await services.stop(name)).toBe(0)
    expect(await status(name)).toBe('inactive')
    expect(await services.start(name)).toBe(0)
    expect(await status(name)).toBe('active')
    expect(await services.restart(name)).toBe(0)
    expect(await status(name)).toBe('active')
    expect(await services.configure(name, { id: `${name}-2`, desiredVersion: '^1' })).toBe(0)
    expect((await services.get(`${name}-2`)).settings).toMatchObject({ id: `${name}-2`, desiredVersion: '^1' })
    expect((await services.get(`${name}-2`)).key).toBe(installed.key)
    expect(await services.uninstall(`${name}-2`)).toBe(0)
    expect(await rpcError(services.get(`${name}-2`))).toMatchObject({ code: -32004 })
  })

  test('services-api: install for a user, for everyone, from a folder: administrators alone', async () => {
    const { services } = host.as(caller, 'alice')
    const source = { sourceUrl: appSource('greeter'), id: name }
    expect((await services.install({ ...source, user: 'bob' })).settings.owningUserKey).toBe(host.keys.bob)
    await services.uninstall(name)
    expect((await services.install({ ...source, user: 'system' })).settings.owningUserKey).toBe('system')
    await services.uninstall(name)
    const { services: bobs } = host.as(caller, 'bob')
    expect(await rpcError(bobs.install(source))).toMatchObject({ code: -32003 })
    const elsewhere = { sourceUrl: repository(`${name}-other`, '1.0.0'), user: 'alice' }
    expect(await rpcError(bobs.install(elsewhere))).toMatchObject({ code: -32003 })
    expect(await rpcError(bobs.uninstall('console-alice'))).toMatchObject({ code: -32004 })
    expect((await bobs.list()).services).toHaveLength(1)
  })

  test('services-api: checkForPackageUpdates, updatePackage', async () => {
    const { services } = host.as(caller, 'bob')
    const sourceUrl = repository(`${name}-app`, '1.0.0')
    await services.install({ sourceUrl, id: `${name}-app`, desiredVersion: '1' })
    expect(await services.checkForPackageUpdates(`${name}-app`)).toEqual({
      hasUpdate: false,
      installedVersion: '1.0.0',
      latestVersion: '1.0.0',
    })
    repository(`${name}-app`, '1.2.0', '2.0.0')
    expect(await services.checkForPackageUpdates(`${name}-app`)).toEqual({
      hasUpdate: true,
      installedVersion: '1.0.0',
      latestVersion: '1.2.0',
    })
    const updated = { installedVersion: '1.2.0', oldVersion: '1.0.0' }
    expect(await services.updatePackage(`${name}-app`)).toEqual(updated)
    expect(await services.updatePackage(`${name}-app`)).toEqual({ ...updated, oldVersion: '1.2.0' })
    await services.uninstall(`${name}-app`)
  })
})

test('C51: a config is for the people who wrote it, and not for their apps', async () => {
  const install = { sourceUrl: appSource('greeter'), id: 'secretive', user: 'bob', config: { API_KEY: 'very-secret' } }
  await host.system.services.install(install)
  const script = await host.as('a script with a cookie', 'bob').services.get('secretive')
  expect(script.settings).toMatchObject({ config: { API_KEY: 'very-secret' } })
  const app = await host.as('an app with its bearer token', 'bob').services.get('secretive')
  expect(JSON.stringify(app)).not.toContain('very-secret')
})
