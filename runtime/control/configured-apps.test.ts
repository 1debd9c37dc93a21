import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { GitServer } from '../apps/testing/git-server.ts'
import { NpmRegistry } from '../apps/testing/npm-registry.ts'
import { hostPaths } from '../core/host-paths.ts'
import { SYSTEM, startTestRuntime, type TestRuntime } from '../testing/start-runtime.ts'
import { TEST_APP_SOURCES, TestApps } from '../testing/test-apps.ts'

let folder: string
let apps: TestApps
let host: TestRuntime | null = null

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'atek-configured-')))
  apps = await TestApps.create()
})
afterEach(async () => {
  await host?.dispose()
  host = null
  await apps.dispose()
  await rm(folder, { recursive: true, force: true })
})

async function start(config: unknown, npmRegistry?: string): Promise<TestRuntime> {
  await writeFile(hostPaths(folder).configFile, JSON.stringify(config))
  host = await startTestRuntime({ folder, ...(npmRegistry !== undefined && { config: { npmRegistry } }) })
  return host
}

const list = (from: TestRuntime) => from.call(SYSTEM, 'apps.list', {})

test('coreServices: installed at the start for everyone, running, with their config; once', async () => {
  const sourceUrl = pathToFileURL(await apps.make('echo')).href
  const config = { coreServices: [{ id: 'core', sourceUrl, config: { GREETING: 'hello' }, note: 'kept' }] }
  const first = await start(config)
  await vi.waitFor(async () =>
    expect(await list(first)).toMatchObject([{ id: 'core', owner: 'system', state: 'running' }]),
  )
  const key = (await list(first))[0]?.key ?? ''
  expect((await first.call(SYSTEM, 'apps.get', { key })).config).toEqual({ GREETING: 'hello' })
  await first.stop()

  const second = await start(config)
  expect(await list(second)).toMatchObject([{ key }])
  // What a person takes away is there again at the next start: the file asks for it.
  await second.call(SYSTEM, 'apps.uninstall', { key, deleteData: true, confirmId: 'core' })
  await second.stop()
  const third = await start(config)
  await vi.waitFor(async () => expect(await list(third)).toMatchObject([{ id: 'core', state: 'running' }]))
  const audit = await third.call(SYSTEM, 'audit.list', {})
  expect(audit.filter((row) => row.action === 'app.install')).toHaveLength(2)
})

test('coreServices: an npm package with what it depends on, in the version that is asked for', async () => {
  const registry = await NpmRegistry.start()
  try {
    await registry.publish('answers', '3.1.0', { 'index.js': TEST_APP_SOURCES.echo })
    const dependencies = { answers: '^3' }
    for (const version of ['1.0.0', '1.4.0', '2.0.0']) {
      await registry.publish('@x/core', version, { 'index.js': `require('answers')` }, { dependencies })
    }
    const services = [
      { id: 'old', sourceUrl: 'npm:@x/core', desiredVersion: '^1' },
      { id: 'new', sourceUrl: 'npm:@x/core' },
      { id: 'gone', sourceUrl: 'npm:not-there' },
    ]
    const started = await start({ coreServices: services }, registry.url)
    await vi.waitFor(
      async () =>
        expect(await list(started)).toMatchObject([
          { id: 'new', owner: 'system', sourceType: 'npm', version: '2.0.0', state: 'running' },
          { id: 'old', owner: 'system', sourceType: 'npm', version: '1.4.0', state: 'running' },
        ]),
      15_000,
    )
    await vi.waitFor(() => expect(started.logged.join('\n')).toContain('core service gone'), 15_000)
    expect(registry.requests).toContain('answers/-/3.1.0.tgz')
  } finally {
    await registry.close()
  }
})

test('coreServices: a git repository, in the version that is asked for', async () => {
  const git = await GitServer.start()
  try {
    const packageJson = (version: string) => JSON.stringify({ name: 'core', version })
    const files = { 'index.js': TEST_APP_SOURCES.echo }
    git.commit('core', { ...files, 'package.json': packageJson('1.0.0') }, '1.0.0')
    const sourceUrl = git.commit('core', { 'package.json': packageJson('2.0.0') }, '2.0.0')
    const started = await start({ coreServices: [{ id: 'core', sourceUrl, desiredVersion: '^1' }] })
    await vi.waitFor(
      async () => expect(await list(started)).toMatchObject([{ version: '1.0.0', state: 'running' }]),
      5000,
    )
  } finally {
    await git.close()
  }
})

test('coreServices: one that cannot be installed is said in the log; the host and the others run', async () => {
  const sourceUrl = pathToFileURL(await apps.make('echo')).href
  const started = await start({
    coreServices: [
      { id: 'missing', sourceUrl: 'file:///no/such/folder' },
      { id: 'core', sourceUrl },
    ],
  })
  await vi.waitFor(async () => expect(await list(started)).toMatchObject([{ id: 'core' }]))
  expect(started.logged.join('\n')).toContain('The core service missing of config.json could not be installed')
})

test("coreServices: a user's app of that ID is not taken for one", async () => {
  const source = await apps.make('echo')
  const first = await start({})
  const { actor } = await first.admin()
  if (actor.kind !== 'user') throw new Error('An administrator is a user.')
  const key = await first.install(actor, { folder: source }, 'core', actor.user.key)
  await first.stop()
  const second = await start({ coreServices: [{ id: 'core', sourceUrl: pathToFileURL(source).href }] })
  await vi.waitFor(() => expect(second.logged.join('\n')).toContain("A user's app has the ID"))
  expect(await list(second)).toMatchObject([{ key, owner: actor.user.key }])
})

test('coreServices: a wrong entry is an error that names the file and the key', async () => {
  for (const wrong of [
    { id: 'API', sourceUrl: 'npm:x' },
    { id: 'core' },
    { id: 'core', sourceUrl: 'npm:x', config: { PATH: '/' } },
  ]) {
    const failed = start({ coreServices: [wrong] })
    await expect(failed).rejects.toMatchObject({
      code: 'CONFIG_DAMAGED',
      message: expect.stringContaining('coreServices.0'),
    })
  }
})

test('defaultMainService: each new user gets one of their own as main app; who was there before keeps what they have', async () => {
  const sourceUrl = pathToFileURL(await apps.make('echo', { name: 'desk' })).href
  const before = await start({})
  const { actor } = await before.admin()
  await before.stop()

  const after = await start({ defaultMainService: sourceUrl })
  const password = 'a long password'
  const users = await Promise.all(
    ['bob', 'carol'].map((username) => after.call(actor, 'users.create', { username, password, role: '' })),
  )
  await vi.waitFor(async () => expect((await list(after)).map((app) => app.state)).toEqual(['running', 'running']))
  const installed = await list(after)
  expect(installed.map((app) => app.owner).sort()).toEqual(users.map((user) => user.key).sort())
  expect(new Set(installed.map((app) => app.id)).size).toBe(2)
  const audit = await after.call(SYSTEM, 'audit.list', {})
  const main = audit.filter((row) => row.action === 'user.main-app')
  expect(main.map((row) => row.sentence).sort()).toEqual([
    'Atek changed the main app of bob',
    'Atek changed the main app of carol',
  ])
})

test('the host stops while it installs, and says nothing of a failure', async () => {
  const slow = 'http://127.0.0.1:9/never.git'
  const started = await start({
    coreServices: [
      { id: 'a', sourceUrl: slow },
      { id: 'b', sourceUrl: slow },
    ],
  })
  await started.stop()
  expect(started.logged.filter((line) => line.includes('core service b'))).toEqual([])
})
