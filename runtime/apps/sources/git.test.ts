import { randomUUID } from 'node:crypto'
import { symlinkSync } from 'node:fs'
import { lstat, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TEST_APP_SOURCES } from '../../testing/test-apps.ts'
import { GitServer } from '../testing/git-server.ts'
import { NpmRegistry } from '../testing/npm-registry.ts'
import { askApp, type OpenApps, openApps, until } from '../testing/open-apps.ts'
import { newestTag } from './git.ts'

let open: OpenApps
let server: GitServer
beforeEach(async () => {
  server = await GitServer.start()
  open = await openApps()
})
afterEach(async () => {
  await open.close()
  await server.close()
})

const review = (source: string) =>
  open.apps.reviews.review({ reviewId: randomUUID(), source, kind: 'git', actor: 'system' })

async function nothingLeft(): Promise<void> {
  await until(async () => (await readdir(open.paths.staging)).length === 0)
  expect(await readdir(open.paths.packages)).toEqual([])
  expect(open.apps.list()).toEqual([])
}

test('the newest version is installed, without its history, and runs', async () => {
  server.commit('echo', { 'index.js': 'throw 1', 'old.js': '' }, 'v1.0.0')
  server.git('echo', 'rm', '-q', 'old.js')
  server.commit(
    'echo',
    { 'index.js': TEST_APP_SOURCES.echo, 'lib/deep/file.js': 'x', 'package.json': '{"name":"from-git"}' },
    'v1.10.0',
  )
  server.commit('echo', { 'index.js': 'throw 2' }, 'v2.0.0-beta.1', 'latest')
  server.commit('echo', { 'index.js': 'throw 3' }, 'v1.9.0')
  // A branch of the tag's name is something else.
  server.git('echo', 'branch', 'v1.10.0')

  const record = await open.install(server.url('echo'), { kind: 'git', id: 'echo' })
  expect(record).toMatchObject({
    sourceType: 'git',
    installedVersion: '1.10.0',
    desiredVersion: null,
    packageMeta: { name: 'from-git' },
  })
  expect(record.packageFolder).toBe(join(open.paths.packages, record.key, '1.10.0'))
  expect((await readdir(record.packageFolder)).sort()).toEqual(['index.js', 'lib', 'package.json'])
  expect(await readFile(join(record.packageFolder, 'lib/deep/file.js'), 'utf8')).toBe('x')
  expect(await askApp(open, record.key)).toContain('"method"')
  expect(await readdir(open.paths.staging)).toEqual([])
})

test('a range chooses among the versions', async () => {
  server.commit('echo', { 'index.js': TEST_APP_SOURCES.echo }, 'v1.2.0', '1.2.5')
  server.commit('echo', { 'index.js': '' }, 'v2.0.0')
  const record = await open.install(`${server.url('echo')}#^1`, { kind: 'git' })
  expect(record).toMatchObject({ installedVersion: '1.2.5', desiredVersion: '^1', sourceUrl: server.url('echo') })
  await expect(review(`${server.url('echo')}#^3`)).rejects.toThrow('no version that fits ^3')
})

test('file modes and links inside the repository are kept', async () => {
  server.commit('app', { 'index.js': '', 'run.sh': '#!/bin/sh' })
  symlinkSync('index.js', join(server.folder('app'), 'link.js'))
  server.git('app', 'add', 'link.js')
  server.git('app', 'update-index', '--chmod=+x', 'run.sh')
  server.git('app', 'commit', '-q', '-m', 'mode')
  server.git('app', 'tag', 'v1.0.0')
  const { packageFolder } = await open.install(server.url('app'), { kind: 'git' })
  expect((await stat(join(packageFolder, 'run.sh'))).mode & 0o111).toBe(0o111)
  expect((await lstat(join(packageFolder, 'link.js'))).isSymbolicLink()).toBe(true)
})

describe('an app that has to be built', () => {
  const PACKAGE = {
    name: 'built',
    main: 'dist/app.js',
    scripts: {
      prebuild: 'echo before > before.txt',
      build: 'npm run compile -- "a b" && npm run --silent missing --if-present',
      compile: 'make-app dist/app.js',
      postinstall: 'echo installed > installed.txt',
    },
    devDependencies: { 'make-app': '1' },
    dependencies: { kept: '1' },
  }
  const MAKE = `#!/usr/bin/env node
const [, , file, word] = process.argv
require('node:fs').mkdirSync('dist')
require('node:fs').writeFileSync(file, \`
const word = \${JSON.stringify(word)} + require('kept')
require('node:http').createServer((_, res) => res.end(word)).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)\`)`

  let registry: NpmRegistry
  beforeEach(async () => {
    registry = await NpmRegistry.start()
    await registry.publish('make-app', '1.0.0', { 'cli.js': MAKE }, { bin: { 'make-app': 'cli.js' } })
    await registry.publish('kept', '1.0.0', { 'index.js': 'module.exports = "!"' })
    await open.close()
    open = await openApps({ npmRegistry: registry.url })
    server.commit('built', { 'package.json': JSON.stringify(PACKAGE) }, 'v1.0.0')
  })
  afterEach(() => registry.close())

  test('is built with the consent of the person, with what its build needs, which does not stay', async () => {
    const { reviewId, scripts, dependencies } = await review(server.url('built'))
    expect(Object.keys(scripts)).toEqual(['postinstall', 'prebuild', 'build'])
    expect(dependencies).toBe(2)
    const record = await open.apps.reviews.install({
      reviewId,
      id: 'built',
      owner: 'system',
      allowScripts: true,
      actor: 'system',
    })
    expect(await askApp(open, record.key)).toBe('a b!')
    expect((await readdir(record.packageFolder)).sort()).toEqual(
      ['before.txt', 'dist', 'installed.txt', 'node_modules', 'package.json'].sort(),
    )
    expect(await readdir(join(record.packageFolder, 'node_modules'))).toEqual(expect.not.arrayContaining(['make-app']))
    expect(JSON.parse(await readFile(join(record.packageFolder, 'package.json'), 'utf8'))).toEqual(PACKAGE)
  })

  test('A43: is not built without; a sentence says what is missing, and nothing is left behind', async () => {
    const { reviewId, warnings } = await review(server.url('built'))
    expect(warnings).toEqual([
      'Its start file dist/app.js is made by its scripts. Allow them to run; without them it cannot be installed.',
    ])
    const input = { reviewId, id: 'built', owner: 'system', allowScripts: false, actor: 'system' }
    await expect(open.apps.reviews.install(input)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      message: expect.stringContaining('Its scripts make it: allow them to run'),
    })
    expect(registry.requests.some((path) => path.startsWith('make-app/-/'))).toBe(false)
    await nothingLeft()
  })

  test('A43: an update asks again', async () => {
    server.commit('plain', { 'index.js': TEST_APP_SOURCES.echo }, 'v1.0.0')
    const { key } = await open.install(server.url('plain'), { kind: 'git', id: 'plain' })
    server.commit('plain', { 'package.json': JSON.stringify(PACKAGE) }, 'v2.0.0')
    await expect(open.apps.update('system', key, 'ask')).rejects.toMatchObject({
      code: 'SCRIPTS_UNDECIDED',
      details: { scripts: { build: PACKAGE.scripts.build } },
    })
    await expect(open.apps.update('system', key, false)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' })
    expect(open.apps.get(key)?.installedVersion).toBe('1.0.0')
    expect(await askApp(open, key)).toContain('"method"')
    await open.apps.update('system', key, true)
    expect(await askApp(open, key)).toBe('a b!')
  })

  test('A43: another source runs no scripts: nobody was shown them', async () => {
    server.commit('plain', { 'index.js': TEST_APP_SOURCES.echo }, 'v1.0.0')
    const { key } = await open.install(server.url('plain'), { kind: 'git', id: 'plain' })
    const moved = open.apps.configure('system', key, { sourceUrl: server.url('built') })
    await expect(moved).rejects.toMatchObject({ code: 'MANIFEST_INVALID' })
    expect(registry.requests.some((path) => path.startsWith('make-app/-/'))).toBe(false)
    expect(await askApp(open, key)).toContain('"method"')
  })
})

describe('a sentence, and nothing left behind', () => {
  test('a repository without a version', async () => {
    server.commit('app', { 'index.js': '' }, 'release', 'v1')
    await expect(review(server.url('app'))).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('needs a tag such as v1.0.0'),
    })
    await nothingLeft()
  })

  test('no such repository; no repository at all', async () => {
    await expect(review(server.url('gone'))).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('no public git repository'),
    })
    server.instead = (_, response) => response.end('<html>hello</html>')
    await expect(review(server.url('page'))).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('no git repository'),
    })
    server.instead = (_, response) => response.writeHead(503).end()
    await expect(review(server.url('page'))).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    await nothingLeft()
  })

  test('an address that does not answer', async () => {
    const gone = await GitServer.start()
    const address = gone.url('app')
    await gone.close()
    await expect(review(address)).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ does not answer\. Check/),
    })
    await nothingLeft()
  })

  test('a connection that breaks in the middle', async () => {
    server.commit('app', { 'index.js': 'x'.repeat(100_000) }, 'v1.0.0')
    server.instead = (request, response) => {
      if (request.method === 'GET') server.instead = null
      else response.destroy()
      if (request.method === 'GET') response.socket?.destroy()
    }
    await expect(review(server.url('app'))).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    await nothingLeft()
  })

  test('cancelled while the server is silent', async () => {
    const asked = new Promise<void>((resolve) => {
      server.instead = () => resolve()
    })
    const reviewId = randomUUID()
    const waiting = open.apps.reviews.review({ reviewId, source: server.url('app'), kind: 'git', actor: 'system' })
    await asked
    open.apps.reviews.cancel(reviewId, 'somebody-else')
    open.apps.reviews.cancel(reviewId, 'system')
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(open.progress.at(-1)).toMatchObject({ reviewId, state: 'failed' })
    await nothingLeft()
  })

  test('C45: a link out of the repository', async () => {
    server.commit('app', { 'index.js': '' })
    symlinkSync('/etc', join(server.folder('app'), 'etc'))
    server.git('app', 'add', '-A')
    server.git('app', 'commit', '-q', '-m', 'link')
    server.git('app', 'tag', 'v1.0.0')
    await expect(review(server.url('app'))).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('link out of its folder'),
    })
    await nothingLeft()
  })

  test('C45: a tree that would be written through a link of its own, or out of its folder', async () => {
    server.commit('app', { 'index.js': '' })
    const blob = server.git('app', 'rev-parse', 'HEAD:index.js')
    for (const [name, entries] of [
      ['twice', `120000 blob ${blob}\tA\n100644 blob ${blob}\ta`],
      ['up', `040000 tree ${server.git('app', 'rev-parse', 'HEAD^{tree}')}\t..`],
      ['git', `100644 blob ${blob}\t.GIT`],
    ]) {
      const { execFileSync } = await import('node:child_process')
      const tree = execFileSync('git', ['mktree'], {
        cwd: server.folder('app'),
        input: `${entries}\n`,
        encoding: 'utf8',
      }).trim()
      const commit = server.git('app', 'commit-tree', tree, '-m', name ?? '')
      server.git('app', 'tag', '-f', 'v1.0.0', commit)
      await expect(review(server.url('app'))).rejects.toMatchObject({
        code: 'SOURCE_INVALID',
        message: expect.stringContaining('cannot be written safely'),
      })
    }
    await nothingLeft()
  })

  test('a redirect to plain http elsewhere', async () => {
    server.instead = (_, response) => response.writeHead(302, { location: 'http://example.com/x' }).end()
    await expect(review(server.url('app'))).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('not https'),
    })
  })
})

test('which tag is the newest', () => {
  expect(newestTag(['v1.0.0', '1.0.1', 'v1.0.10', 'x', 'v2'], null)).toEqual({ tag: 'v1.0.10', version: '1.0.10' })
  expect(newestTag(['v1.0.0', 'v2.0.0-rc.1'], null)?.tag).toBe('v1.0.0')
  expect(newestTag(['v2.0.0-rc.1', 'v2.0.0-rc.2'], null)?.tag).toBe('v2.0.0-rc.2')
  expect(newestTag(['v1.0.0', 'v1.5.0', 'v2.0.0'], '1.x')?.tag).toBe('v1.5.0')
  expect(newestTag(['main', '--upload-pack=x', 'v1'], null)).toBeNull()
})
