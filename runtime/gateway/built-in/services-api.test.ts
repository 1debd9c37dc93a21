import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GitServer } from '../../apps/testing/git-server.ts'
import { TEST_APP_SOURCES, writeTestApp } from '../../testing/test-apps.ts'
import { errorOf, type GatewayHost, gatewayHost, resultOf } from '../testing/gateway-host.ts'
import type { GatewayCaller } from '../types.ts'

const SERVICES = 'atek.cloud/services-api'
const HOST: GatewayCaller = { kind: 'system' }
const FORBIDDEN = -32003
const BAD_INPUT = -32602
const NOT_FOUND = -32004
const ID_TAKEN = -32013
const SOURCE_INVALID = -32020
const START_FAILED = -32032

interface ServiceInfo {
  status: string
  key: string
  settings: { id: string; owningUserKey: string; config?: Record<string, string> }
}

let host: GatewayHost
let git: GitServer
beforeEach(async () => {
  git = await GitServer.start()
  host = await gatewayHost(({ alice, bob }) => [
    { id: 'alices', owner: alice },
    { id: 'bobs', owner: bob },
  ])
})
afterEach(async () => {
  await host.dispose()
  await git.close()
})

const call = (caller: GatewayCaller, method: string, ...params: unknown[]) =>
  host.call(caller, SERVICES, method, params)
const echo = { 'index.js': TEST_APP_SOURCES.echo }

describe('install', () => {
  test('gives what the protocol says, with the defaults of its client', async () => {
    git.commit('notes', { ...echo, 'package.json': '{"name":"notes"}' }, 'v1.0.0', 'v1.1.0')
    const bob = await host.asUser('bob')
    const sourceUrl = git.url('notes')
    const info = resultOf<ServiceInfo>(
      await call(bob, 'install', { sourceUrl, desiredVersion: '~1.0', config: { A: 'b' } }),
    )
    expect(info).toEqual({
      status: 'active',
      key: host.apps.byId('notes')?.key,
      settings: {
        id: 'notes',
        owningUserKey: host.bob.key,
        sourceUrl,
        desiredVersion: '~1.0',
        package: { sourceType: 'git', installedVersion: '1.0.0' },
        manifest: {},
        config: { A: 'b' },
      },
    })
    // The same source once more gets another ID.
    expect(resultOf<ServiceInfo>(await call(bob, 'install', { sourceUrl })).settings.id).toBe('notes-2')
    expect(resultOf<ServiceInfo>(await call(bob, 'install', { sourceUrl, id: 'mine' })).settings.id).toBe('mine')
    expect(errorOf(await call(bob, 'install', { sourceUrl, id: 'mine' }))).toBe(ID_TAKEN)
    expect(errorOf(await call(bob, 'install', { sourceUrl, id: 'www' }))).toBe(BAD_INPUT)
    expect(errorOf(await call(bob, 'install', { sourceUrl, config: { PATH: '/' } }))).toBe(BAD_INPUT)
    expect(errorOf(await call(bob, 'install', {}))).toBe(BAD_INPUT)
    expect(errorOf(await call(bob, 'install', { sourceUrl, desiredVersion: '^9' }))).toBe(SOURCE_INVALID)
  })

  test('A43: scripts run when a person’s call says so, and never at the word of an app', async () => {
    const scripts = { build: `node -e "require('fs').writeFileSync('built.txt', '')"` }
    const files = { ...echo, 'package.json': JSON.stringify({ scripts }) }
    git.commit('notes', files, 'v1.0.0')
    const sourceUrl = git.url('notes')
    const built = (id: string) =>
      readdir(host.apps.byId(id)?.packageFolder ?? '').then((names) => names.includes('built.txt'))
    for (const method of ['install', 'updatePackage']) {
      const options = { sourceUrl, allowScripts: true }
      const params = method === 'install' ? [options] : ['bobs', { allowScripts: true }]
      expect(errorOf(await call(host.asApp('bobs'), method, ...params))).toBe(FORBIDDEN)
    }
    const bob = await host.asUser('bob')
    resultOf(await call(bob, 'install', { sourceUrl, id: 'plain' }))
    resultOf(await call(bob, 'install', { sourceUrl, id: 'with', allowScripts: true }))
    expect([await built('plain'), await built('with')]).toEqual([false, true])
    git.commit('notes', { 'new.txt': '' }, 'v1.1.0')
    resultOf(await call(bob, 'updatePackage', 'plain', { allowScripts: true }))
    resultOf(await call(bob, 'updatePackage', 'with'))
    expect([await built('plain'), await built('with')]).toEqual([true, false])
  })

  test('C07: a normal user, and an app of theirs, installs for themselves only; administrators for anybody', async () => {
    git.commit('notes', echo, 'v1.0.0')
    const sourceUrl = git.url('notes')
    const before = host.apps.list()
    for (const caller of [await host.asUser('bob'), host.asApp('bobs')]) {
      for (const user of ['alice', 'bob', 'system']) {
        expect(errorOf(await call(caller, 'install', { sourceUrl, user }))).toBe(FORBIDDEN)
      }
    }
    expect(host.apps.list()).toEqual(before)
    const alice = await host.asUser('alice')
    const ownerFor = async (caller: GatewayCaller, user?: string) =>
      resultOf<ServiceInfo>(await call(caller, 'install', { sourceUrl, user })).settings.owningUserKey
    expect(await ownerFor(host.asApp('bobs'))).toBe(host.bob.key)
    expect(await ownerFor(alice)).toBe(host.alice.key)
    expect(await ownerFor(alice, 'bob')).toBe(host.bob.key)
    expect(await ownerFor(alice, 'system')).toBe('system')
    expect(await ownerFor(HOST)).toBe('system')
    expect(errorOf(await call(alice, 'install', { sourceUrl, user: 'nobody' }))).toBe(NOT_FOUND)
    await expect(call({ kind: 'none' }, 'install', { sourceUrl })).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
  })

  test('C23: an address at which an app lives is an administrator’s to say', async () => {
    const sourceUrl = 'upstream:http://127.0.0.1:9'
    for (const caller of [await host.asUser('bob'), host.asApp('bobs')]) {
      expect(errorOf(await call(caller, 'install', { sourceUrl }))).toBe(FORBIDDEN)
      expect(errorOf(await call(caller, 'configure', 'bobs', { sourceUrl }))).toBe(FORBIDDEN)
    }
    const identityHeaders = [{ name: 'Remote-User', fact: 'username' }]
    const info = resultOf(await call(await host.asUser('alice'), 'install', { sourceUrl, id: 'wiki', identityHeaders }))
    expect(info).toMatchObject({ settings: { sourceUrl, package: { sourceType: 'upstream' } } })
    expect(host.apps.byId('wiki')?.identityHeaders).toEqual(identityHeaders)
  })

  test('A41: folders are for administrators, in every spelling; what is no address is refused', async () => {
    const folder = await writeTestApp(join(dirname(host.app('bobs').packageFolder), 'local'), 'echo', { name: 'local' })
    const sourceUrl = pathToFileURL(folder).href
    for (const caller of [await host.asUser('bob'), host.asApp('bobs')]) {
      for (const spelling of [sourceUrl, ` ${sourceUrl}`, sourceUrl.replace('file', 'FILE'), 'file:../x']) {
        expect(errorOf(await call(caller, 'install', { sourceUrl: spelling }))).toBe(FORBIDDEN)
        expect(errorOf(await call(caller, 'configure', 'bobs', { sourceUrl: spelling }))).toBe(FORBIDDEN)
      }
    }
    const alice = await host.asUser('alice')
    for (const wrong of [folder, 'ext::sh -c x', '--upload-pack=x', 'git://x/y', 'ssh://x/y', 'npm:file:../x']) {
      expect(errorOf(await call(alice, 'install', { sourceUrl: wrong }))).toBe(SOURCE_INVALID)
    }
    expect(resultOf(await call(alice, 'install', { sourceUrl }))).toMatchObject({
      status: 'active',
      settings: { id: 'local', sourceUrl, package: { sourceType: 'file', installedVersion: '1.0.0' } },
    })
  })

  test('A43: scripts of a package are not run', async () => {
    const packageJson = JSON.stringify({
      name: 'scripted',
      scripts: { preinstall: 'touch ran', postinstall: 'touch ran' },
    })
    git.commit('scripted', { ...echo, 'package.json': packageJson }, 'v1.0.0')
    resultOf(await call(await host.asUser('alice'), 'install', { sourceUrl: git.url('scripted') }))
    expect(await readdir(host.apps.byId('scripted')?.packageFolder ?? '')).not.toContain('ran')
  })
})

test('an app is configured, updated and uninstalled; its data stays', async () => {
  git.commit('notes', echo, 'v1.0.0')
  const bob = await host.asUser('bob')
  const sourceUrl = git.url('notes')
  const { key } = resultOf<ServiceInfo>(await call(bob, 'install', { sourceUrl, id: 'notes' }))
  expect(
    resultOf(await call(bob, 'configure', 'notes', { id: 'diary', desiredVersion: '^1', config: { A: 'b' } })),
  ).toBe(0)
  expect(resultOf(await call(bob, 'get', 'diary'))).toMatchObject({
    key,
    settings: { id: 'diary', desiredVersion: '^1', config: { A: 'b' } },
  })
  expect(errorOf(await call(bob, 'configure', 'diary', { id: 'bobs' }))).toBe(ID_TAKEN)
  expect(errorOf(await call(bob, 'configure', 'diary', { config: { LD_PRELOAD: 'x' } }))).toBe(BAD_INPUT)

  expect(resultOf(await call(bob, 'checkForPackageUpdates', 'diary'))).toEqual({
    hasUpdate: false,
    installedVersion: '1.0.0',
    latestVersion: '1.0.0',
  })
  git.commit('notes', echo, 'v1.0.1')
  git.commit('notes', echo, 'v2.0.0')
  expect(resultOf(await call(bob, 'checkForPackageUpdates', 'diary'))).toMatchObject({ hasUpdate: true })
  expect(resultOf(await call(host.asApp('bobs'), 'updatePackage', 'diary'))).toEqual({
    installedVersion: '1.0.1',
    oldVersion: '1.0.0',
  })
  git.commit('notes', { 'index.js': 'process.exit(1)' }, 'v1.0.2')
  expect(errorOf(await call(bob, 'updatePackage', 'diary'))).toBe(START_FAILED)
  expect(resultOf(await call(bob, 'get', 'diary'))).toMatchObject({
    status: 'active',
    settings: { package: { installedVersion: '1.0.1' } },
  })

  expect(resultOf(await call(bob, 'uninstall', 'diary'))).toBe(0)
  expect(errorOf(await call(bob, 'get', 'diary'))).toBe(NOT_FOUND)
  expect((await stat(host.apps.dataFolder(key))).isDirectory()).toBe(true)
})

test('a folder that is run in place has no updates', async () => {
  const bob = await host.asUser('bob')
  const versions = { installedVersion: '1.0.0' }
  expect(resultOf(await call(bob, 'checkForPackageUpdates', 'bobs'))).toMatchObject({ hasUpdate: false, ...versions })
  expect(resultOf(await call(bob, 'updatePackage', 'bobs'))).toEqual({ ...versions, oldVersion: '1.0.0' })
  // What a client read and sends back is no change, so nothing is to be refused.
  const { sourceUrl } = host.app('bobs')
  expect(resultOf(await call(bob, 'configure', 'bobs', { sourceUrl, config: {} }))).toBe(0)
})

test("A07: another's app is as if it were not there", async () => {
  const before = host.apps.list()
  const calls: [string, ...unknown[]][] = [
    ['uninstall'],
    ['configure', { id: 'stolen' }],
    ['checkForPackageUpdates'],
    ['updatePackage'],
  ]
  for (const [method, ...more] of calls) {
    const foreign = await call(host.asApp('bobs'), method, 'alices', ...more)
    const unknown = await call(host.asApp('bobs'), method, 'nothere', ...more)
    expect(errorOf(foreign)).toBe(NOT_FOUND)
    expect(JSON.stringify(foreign.response).replace('alices', 'nothere')).toBe(JSON.stringify(unknown.response))
  }
  expect(host.apps.list()).toEqual(before)
})
