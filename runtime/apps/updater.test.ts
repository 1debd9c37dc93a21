import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TEST_APP_SOURCES } from '../testing/test-apps.ts'
import { GitServer } from './testing/git-server.ts'
import { NpmRegistry } from './testing/npm-registry.ts'
import { askApp, lives, type OpenApps, openApps, until } from './testing/open-apps.ts'
import { isUpdate } from './version-check.ts'

let open: OpenApps
let git: GitServer
let npm: NpmRegistry
beforeEach(async () => {
  git = await GitServer.start()
  npm = await NpmRegistry.start()
  open = await openApps({ npmRegistry: npm.url })
})
afterEach(async () => {
  await open.close()
  await git.close()
  await npm.close()
})

/** An app that says one word. */
const says = (word: string) => ({
  'index.js': `require('node:http').createServer((_, res) => res.end(${JSON.stringify(word)})).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`,
})

const versionsOf = (key: string) => readdir(join(open.paths.packages, key))
const recorded = (action: string) => open.audit.list({ limit: 100 }, () => null).filter((row) => row.action === action)

async function installGit(): Promise<string> {
  git.commit('app', says('one'), 'v1.0.0')
  return (await open.install(git.url('app'), { kind: 'git', id: 'app' })).key
}

describe('git', () => {
  test('a newer version in the range is found, put beside, started and switched to', async () => {
    git.commit('app', says('one'), 'v1.0.0')
    const { key } = await open.install(`${git.url('app')}#^1`, { kind: 'git', id: 'app' })
    expect(await open.apps.checkForUpdate(key)).toEqual({
      hasUpdate: false,
      installedVersion: '1.0.0',
      latestVersion: '1.0.0',
    })
    expect(await open.apps.update('system', key, false)).toEqual({ installedVersion: '1.0.0', oldVersion: '1.0.0' })
    expect(recorded('app.update')).toEqual([])

    git.commit('app', { ...says('two'), 'atek.json': '{"title":"Two"}' }, 'v1.2.0')
    git.commit('app', says('three'), 'v2.0.0')
    const before = open.apps.get(key)
    expect(await open.apps.checkForUpdate(key)).toMatchObject({ hasUpdate: true, latestVersion: '1.2.0' })
    expect(open.apps.get(key)).toEqual(before)

    expect(await open.apps.update('system', key, false)).toEqual({ installedVersion: '1.2.0', oldVersion: '1.0.0' })
    expect(open.apps.get(key)).toEqual({
      ...before,
      installedVersion: '1.2.0',
      packageFolder: join(open.paths.packages, key, '1.2.0'),
      manifest: { title: 'Two' },
    })
    expect(open.storage.apps.get(key)).toEqual(open.apps.get(key))
    expect(await askApp(open, key)).toBe('two')
    expect(await versionsOf(key)).toEqual(['1.2.0'])
    await until(async () => (await readdir(open.paths.staging)).length === 0)
    expect(recorded('app.update')).toMatchObject([{ outcome: 'ok', details: { from: '1.0.0', to: '1.2.0' } }])
  })

  test('another wanted version is taken at the next update, an older one, too', async () => {
    git.commit('app', says('one'), 'v1.0.0')
    git.commit('app', says('two'), 'v2.0.0')
    const { key } = await open.install(git.url('app'), { kind: 'git', id: 'app' })
    await open.apps.configure('system', key, { desiredVersion: '~1.0' })
    expect(await askApp(open, key)).toBe('two')
    expect(await open.apps.checkForUpdate(key)).toMatchObject({ hasUpdate: true, latestVersion: '1.0.0' })
    await open.apps.update('system', key, false)
    expect(await askApp(open, key)).toBe('one')
    await open.apps.configure('system', key, { desiredVersion: 'latest' })
    await open.apps.update('system', key, false)
    expect(await askApp(open, key)).toBe('two')
    await expect(open.apps.configure('system', key, { desiredVersion: 'newest!' })).rejects.toThrow('range of versions')
  })

  test.each([
    ['ends at once', 'process.exit(3)'],
    ['cannot be read', 'this is no program'],
    ['has no start file', null],
  ])('a new version that %s is taken back: the old one runs again', async (_, source) => {
    const key = await installGit()
    const before = open.apps.get(key)
    const oldPid = open.apps.state(key).process?.pid
    if (source === null) git.git('app', 'mv', 'index.js', 'other.js')
    git.commit('app', source === null ? { 'package.json': '{}' } : { 'index.js': source }, 'v1.1.0')

    await expect(open.apps.update('system', key, false)).rejects.toMatchObject({
      code: expect.stringMatching(/START|INVALID/),
    })
    expect(await askApp(open, key)).toBe('one')
    expect(open.apps.state(key)).toMatchObject({ state: 'running', crash: null })
    expect(open.apps.get(key)).toEqual(before)
    expect(open.storage.apps.get(key)).toEqual(before)
    expect(await versionsOf(key)).toEqual(['1.0.0'])
    await until(async () => (await readdir(open.paths.staging)).length === 0)
    git.commit('app', says('three'), 'v1.2.0')
    if (source !== null) {
      expect(oldPid === undefined || lives(oldPid)).toBe(false)
      expect(recorded('app.update')).toMatchObject([{ outcome: 'failed', details: { from: '1.0.0', to: '1.1.0' } }])
      // A later version is found again.
      await open.apps.update('system', key, false)
      expect(await askApp(open, key)).toBe('three')
    }
  })

  test('an app that a person has stopped is stopped after the update, and not started by it when it fails', async () => {
    const key = await installGit()
    await open.apps.stop('system', key)
    git.commit('app', says('two'), 'v1.1.0')
    await open.apps.update('system', key, false)
    expect(open.apps.get(key)).toMatchObject({ installedVersion: '1.1.0', enabled: false })
    expect(open.apps.state(key).state).toBe('stopped')
    git.commit('app', { 'index.js': 'process.exit(1)' }, 'v1.2.0')
    await expect(open.apps.update('system', key, false)).rejects.toMatchObject({ code: 'APP_START_FAILED' })
    expect(open.apps.get(key)).toMatchObject({ installedVersion: '1.1.0', enabled: false })
    expect(open.apps.state(key)).toMatchObject({ state: 'stopped', process: null })
  })

  test('one that waits for its crashed version to be tried again is helped by an update', async () => {
    git.commit('app', { 'index.js': 'process.exit(1)' }, 'v1.0.0')
    const { key } = await open.install(git.url('app'), { kind: 'git', id: 'app' })
    expect(open.apps.state(key).state).toBe('crashed')
    git.commit('app', says('two'), 'v1.0.1')
    await open.apps.update('system', key, false)
    expect(await askApp(open, key)).toBe('two')
  })

  test('two updates at once: the second is told so; requests wait for the new version', async () => {
    const key = await installGit()
    git.commit('app', says('two'), 'v1.1.0')
    const first = open.apps.update('system', key, false)
    await expect(open.apps.update('system', key, false)).rejects.toMatchObject({ code: 'CONFLICT' })
    await until(() => open.apps.state(key).state !== 'running')
    await open.apps.ensureRunning(key)
    expect(await askApp(open, key)).toBe('two')
    await first
  })

  test('what is uninstalled during its update leaves nothing behind', async () => {
    const key = await installGit()
    git.commit('app', { 'index.js': TEST_APP_SOURCES['never-listens'] }, 'v1.1.0')
    const update = open.apps.update('system', key, false).catch((error: unknown) => error)
    await until(() => open.apps.state(key).state === 'starting')
    await open.apps.uninstall('system', key, { deleteData: false })
    expect(await update).toBeInstanceOf(Error)
    expect(open.apps.list()).toEqual([])
    expect(await readdir(open.paths.packages)).toEqual([])
    await until(async () => (await readdir(open.paths.staging)).length === 0)
  })

  test('a host that stops during an update keeps the old version', async () => {
    const key = await installGit()
    git.commit('app', { 'index.js': TEST_APP_SOURCES['never-listens'] }, 'v1.1.0')
    const update = open.apps.update('system', key, false).catch((error: unknown) => error)
    await until(() => open.apps.state(key).state === 'starting')
    await open.apps.dispose()
    expect(await update).toMatchObject({ code: 'CANCELLED' })
    expect(open.storage.apps.get(key)).toMatchObject({ installedVersion: '1.0.0', enabled: true })
    expect(await versionsOf(key)).toEqual(['1.0.0'])
  })

  test('a server that does not answer changes nothing', async () => {
    const key = await installGit()
    git.instead = (_, response) => response.writeHead(503).end()
    await expect(open.apps.checkForUpdate(key)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    await expect(open.apps.update('system', key, false)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    expect(await askApp(open, key)).toBe('one')
    await until(async () => (await readdir(open.paths.staging)).length === 0)
  })
})

describe('npm', () => {
  test('a newer version in the range, with its dependencies; A43: its scripts are not run', async () => {
    await npm.publish('app', '1.0.0', says('one'))
    const { key } = await open.install('npm:app@^1', { kind: 'npm', id: 'app' })
    await npm.publish('word', '1.0.0', { 'index.js': 'module.exports = "two"' })
    await npm.publish(
      'app',
      '1.1.0',
      {
        'index.js': `require('node:http').createServer((_, res) => res.end(require('word') + require('node:fs').existsSync('ran'))).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`,
      },
      { dependencies: { word: '1' }, scripts: { postinstall: 'touch ran' } },
    )
    await npm.publish('app', '2.0.0', says('three'))
    expect(await open.apps.checkForUpdate(key)).toEqual({
      hasUpdate: true,
      installedVersion: '1.0.0',
      latestVersion: '1.1.0',
    })
    await open.apps.update('system', key, false)
    expect(await askApp(open, key)).toBe('twofalse')
    expect(open.apps.get(key)).toMatchObject({ sourceUrl: 'npm:app@^1', desiredVersion: '^1' })

    await open.apps.configure('system', key, { desiredVersion: 'latest' })
    expect(open.apps.get(key)).toMatchObject({ sourceUrl: 'npm:app', desiredVersion: null })
    await open.apps.update('system', key, false)
    expect(await askApp(open, key)).toBe('three')
  })
})

describe('another source', () => {
  test('is fetched and switched to with the rest of the change, even where it has the same version', async () => {
    const key = await installGit()
    git.commit('other', says('other'), 'v1.0.0')
    await open.apps.configure('system', key, { sourceUrl: git.url('other'), id: 'renamed', config: { A: 'b' } })
    expect(await askApp(open, key)).toBe('other')
    const record = open.apps.get(key)
    expect(record).toMatchObject({ id: 'renamed', sourceUrl: git.url('other'), config: { A: 'b' } })
    expect(open.apps.restartNeeded(key)).toBe(false)
    expect(await versionsOf(key)).toEqual([record?.packageFolder.split('/').at(-1)])
    expect(recorded('app.configure')).toMatchObject([
      { details: { id: { from: 'app', to: 'renamed' }, config: ['A'] } },
    ])

    const folder = await open.sources.make('echo')
    await open.apps.configure('system', key, { sourceUrl: `file://${folder}` })
    expect(await askApp(open, key)).toContain('"method"')
    expect(await readdir(open.paths.packages)).toEqual([])
    expect(await open.apps.checkForUpdate(key)).toMatchObject({ hasUpdate: false, latestVersion: '1.0.0' })
  })

  test('that does not work changes nothing, the rest of the change neither', async () => {
    const key = await installGit()
    const before = open.apps.get(key)
    git.commit('other', { 'index.js': 'process.exit(1)' }, 'v3.0.0')
    const change = { sourceUrl: git.url('other'), id: 'renamed', config: { A: 'b' } }
    await expect(open.apps.configure('system', key, change)).rejects.toMatchObject({ code: 'APP_START_FAILED' })
    expect(open.apps.get(key)).toEqual(before)
    expect(open.apps.restartNeeded(key)).toBe(false)
    expect(await askApp(open, key)).toBe('one')
    expect(await versionsOf(key)).toEqual(['1.0.0'])
  })
})

test('versions beside the one that the row names are what a killed host left, and go at the next start', async () => {
  const key = await installGit()
  await open.apps.dispose()
  await mkdir(join(open.paths.packages, key, '1.1.0'))
  await writeFile(join(open.paths.packages, key, '1.1.0', 'index.js'), '')
  const again = await open.again()
  try {
    expect(await versionsOf(key)).toEqual(['1.0.0'])
  } finally {
    await again.dispose()
  }
})

test.each([
  ['1.0.0', '1.0.1', null, true],
  ['1.0.1', '1.0.0', null, false],
  ['1.0.0', '1.0.0', '^1', false],
  ['2.0.0', '1.4.0', '^1', true],
  ['1.5.0', '1.4.0', '^1', false],
  ['2.0.0', '1.0.0', 'stable', true],
  ['1.0.0-beta.2', '1.0.0', null, true],
  [null, '1.0.0', null, true],
  ['1.0.0', null, null, false],
])('installed %s, newest %s, wanted %s: an update is %s', (installed, latest, range, expected) => {
  expect(isUpdate(installed, latest, range)).toBe(expected)
})
