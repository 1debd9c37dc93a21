import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { TEST_APP_SOURCES } from '../testing/test-apps.ts'
import { NpmRegistry } from './testing/npm-registry.ts'
import { askApp, lives, type OpenApps, openApps, until } from './testing/open-apps.ts'
import type { ReviewInput, SourceKind } from './types.ts'

let open: OpenApps
let registry: NpmRegistry
beforeEach(async () => {
  registry = await NpmRegistry.start()
  open = await openApps({ npmRegistry: registry.url })
})
afterEach(async () => {
  await open.close()
  await registry.close()
})

function review(source: string, kind: SourceKind, more: Partial<ReviewInput> = {}) {
  return open.apps.reviews.review({ reviewId: randomUUID(), source, kind, actor: 'system', ...more })
}

function install(reviewId: string, id: string, more: { allowScripts?: boolean; actor?: string } = {}) {
  return open.apps.reviews.install({ reviewId, id, owner: 'system', allowScripts: false, actor: 'system', ...more })
}

async function nothingLeft(): Promise<void> {
  await until(async () => (await readdir(open.paths.staging)).length === 0)
  expect(await readdir(open.paths.packages)).toEqual([])
  expect(open.apps.list()).toEqual([])
}

const INDEX = { 'index.js': TEST_APP_SOURCES.echo }

describe('reviewing', () => {
  test('a folder: what it is, and that it runs in place', async () => {
    const folder = await open.sources.make('echo', {
      name: 'My Notes!',
      packageJson: {
        author: 'Ann <ann@example.com>',
        license: 'MIT',
        dependencies: { ws: '1' },
        scripts: { install: 'x' },
      },
      manifest: { title: 'Notes', description: 'Keeps notes', exports: [{ api: 'example.com/notes', path: '/rpc' }] },
    })
    expect(await review(folder, 'folder')).toEqual({
      reviewId: expect.any(String),
      sourceUrl: `file://${folder.replaceAll(' ', '%20')}`,
      sourceType: 'file',
      packageName: 'My Notes!',
      title: 'Notes',
      description: 'Keeps notes',
      version: '1.0.0',
      author: 'Ann <ann@example.com>',
      license: 'MIT',
      exports: [{ api: 'example.com/notes', path: '/rpc', transport: 'rpc' }],
      scripts: {},
      dependencies: 1,
      suggestedId: 'my-notes',
      warnings: [expect.stringContaining('runs from its folder'), expect.stringContaining('npm install')],
    })
  })

  test.each([
    [
      'a folder without package.json or index.js',
      async () => mkdir(join(open.sources.root, 'empty')),
      'empty',
      'SOURCE_INVALID',
      'no package.json and no index.js',
    ],
    ['no folder', async () => {}, 'gone', 'SOURCE_INVALID', 'There is no folder'],
    [
      'a file',
      async () => writeFile(join(open.sources.root, 'file'), ''),
      'file',
      'SOURCE_INVALID',
      'There is no folder',
    ],
    [
      'a broken manifest',
      async () => open.sources.make('echo', { name: 'b', files: { 'atek.json': '{' } }),
      'b',
      'MANIFEST_INVALID',
      'atek.json is not valid JSON at line 1',
    ],
  ])('%s is one sentence', async (_, prepare, name, code, message) => {
    await prepare()
    const failing = review(join(open.sources.root, name), 'folder')
    await expect(failing).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    expect(open.progress.at(-1)).toMatchObject({ state: 'failed', message: expect.stringContaining(message) })
    await nothingLeft()
  })

  test('suggested IDs are free and allowed', async () => {
    await open.install(await open.sources.make('echo'), { id: 'echo' })
    const ids = await Promise.all(
      ['echo', '@scope/echo', 'API', '123', 'Ünïcode', 'x'.repeat(100), 'con', '***'].map(async (name, index) => {
        const folder = await open.sources.make('echo', { name: `n${index}`, packageJson: { name } })
        return (await review(folder, 'folder')).suggestedId
      }),
    )
    expect(ids).toEqual(['echo-2', 'echo-2', 'api-app', 'app', 'unicode', 'x'.repeat(59), 'con-app', 'app'])
  })

  test('is kept for ten minutes, for who asked, and eight at most', async () => {
    const clock = new ManualClock()
    const timed = await openApps({ clock })
    try {
      const folder = await timed.sources.make('echo')
      const make = async (actor = 'system') => {
        const reviewId = randomUUID()
        await timed.apps.reviews.review({ reviewId, source: folder, kind: 'folder', actor })
        return reviewId
      }
      const put = (reviewId: string, actor = 'system') =>
        timed.apps.reviews.install({ reviewId, id: 'a', owner: 'system', allowScripts: false, actor })
      const first = await make()
      await expect(put(first, 'b'.repeat(32))).rejects.toMatchObject({ code: 'NOT_FOUND' })
      clock.advance(LIMITS.reviewLife)
      await expect(put(first)).rejects.toMatchObject({ code: 'NOT_FOUND' })

      const oldest = await make()
      for (let more = 0; more < LIMITS.reviewsOutstanding; more++) await make()
      await expect(put(oldest)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await until(async () => (await readdir(timed.paths.staging)).length === LIMITS.reviewsOutstanding)
    } finally {
      await timed.close()
    }
  })

  test('the same review ID twice is a conflict', async () => {
    const reviewId = randomUUID()
    const folder = await open.sources.make('echo')
    await review(folder, 'folder', { reviewId })
    await expect(review(folder, 'folder', { reviewId })).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})

describe('installing', () => {
  test('A40: a bad or taken ID is told before anything is done, and can be corrected', async () => {
    await open.install(await open.sources.make('echo'), { id: 'taken' })
    const { reviewId } = await review(await open.sources.make('echo', { name: 'b' }), 'folder')
    for (const id of ['../x', 'UPPER', 'con', 'a'.repeat(64)]) {
      await expect(install(reviewId, id)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    }
    await expect(install(reviewId, 'taken')).rejects.toMatchObject({ code: 'ID_TAKEN' })
    expect((await install(reviewId, 'free')).id).toBe('free')
    expect(await readdir(open.paths.staging)).toEqual([])
  })

  test('an app whose first start fails is installed, and crashed', async () => {
    const record = await open.install(await open.sources.make('exits-at-once'))
    expect(open.apps.state(record.key)).toMatchObject({ state: 'crashed', crash: { exitCode: 3 } })
    expect(open.progress.at(-1)).toMatchObject({ step: 'ready', state: 'done' })
    await open.apps.stop('system', record.key)
  })

  test('an example is copied, with what it brings along, and without the network', async () => {
    await open.sources.make('echo', {
      name: 'chat',
      packageJson: { dependencies: { ws: '^8' } },
      files: { 'node_modules/ws/package.json': '{"version":"8.1.0"}' },
      manifest: { title: 'Chat', icon: 'icon.svg' },
    })
    await writeFile(join(open.sources.root, 'chat', 'icon.svg'), '<svg/>')
    await mkdir(join(open.sources.root, 'no-app'))
    expect(await open.apps.examples()).toEqual([
      { name: 'chat', title: 'Chat', description: '', icon: null, sourceUrl: 'example:chat' },
    ])
    const record = await open.install('example:chat', { kind: 'example' })
    expect(record).toMatchObject({ sourceUrl: 'example:chat', sourceType: 'example', installedVersion: '1.0.0' })
    expect((await readdir(record.packageFolder)).sort()).toEqual([
      'atek.json',
      'icon.svg',
      'index.js',
      'node_modules',
      'package.json',
    ])
    expect(registry.requests).toEqual([])
    expect(await askApp(open, record.key)).toContain('"method"')
  })

  test('the audit log says who installed what for whom, without a secret', async () => {
    const record = await open.install(await open.sources.make('echo', { manifest: { title: 'Echo' } }), { id: 'e' })
    const row = open.audit.list({ limit: 10 }, () => null).find(({ action }) => action === 'app.install')
    expect(row).toMatchObject({
      actor: 'system',
      subject: record.key,
      details: { id: 'e', title: 'Echo', owner: 'system', version: '1.0.0' },
    })
  })
})

describe('npm', () => {
  test('a package with dependencies of dependencies', async () => {
    await registry.publish('deep', '2.0.0', { 'index.js': 'module.exports = "deep"' })
    await registry.publish(
      'middle',
      '1.0.0',
      { 'index.js': 'module.exports = require("deep")' },
      { dependencies: { deep: '^2' } },
    )
    await registry.publish('@x/app', '1.0.0', { 'index.js': 'throw 1' })
    await registry.publish(
      '@x/app',
      '1.1.0',
      {
        'index.js': `require('http').createServer((_, res) => res.end(require('middle'))).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`,
      },
      { dependencies: { middle: '1' }, devDependencies: { 'not-there': '1', 'git-thing': 'github:x/y' } },
    )

    const found = await review('npm:@x/app', 'npm')
    expect(found).toMatchObject({
      packageName: '@x/app',
      version: '1.1.0',
      dependencies: 2,
      scripts: {},
      suggestedId: 'app',
    })
    const record = await install(found.reviewId, 'app')
    expect(record).toMatchObject({ sourceUrl: 'npm:@x/app', installedVersion: '1.1.0', desiredVersion: null })
    expect(await askApp(open, record.key)).toBe('deep')
    expect(JSON.parse(await readFile(join(record.packageFolder, 'package.json'), 'utf8'))).toHaveProperty(
      'devDependencies',
    )
    expect(registry.requests.some((path) => path.startsWith('not-there'))).toBe(false)
    expect(open.progress.filter(({ state }) => state === 'done').map(({ step }) => step)).toEqual([
      ...['fetch', 'check', 'dependencies', 'dependencies', 'check', 'register', 'ready'],
    ])
    expect(await readdir(open.paths.staging)).toEqual([])
  })

  test('a name, a version, a dependency that does not exist', async () => {
    await registry.publish('app', '1.0.0', INDEX)
    await registry.publish('needy', '1.0.0', INDEX, { dependencies: { 'not-there': '1' } })
    await expect(review('npm:gone', 'npm')).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: 'There is no npm package named gone. Check its name.',
    })
    await expect(review('npm:app@^2', 'npm')).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('no version ^2'),
    })
    await expect(review('npm:needy', 'npm')).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('depends on a package that'),
    })
    await nothingLeft()
  })

  test('a registry that does not answer', async () => {
    await registry.close()
    await expect(review('npm:app', 'npm')).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('The npm registry does not answer'),
    })
    await nothingLeft()
    registry = await NpmRegistry.start()
  })

  test('what the registry sends must be what it promised', async () => {
    await registry.publish('app', '1.0.0', INDEX)
    registry.instead = (request, response) => {
      if (!request.url?.endsWith('.tgz')) return false
      response.end('something else')
      return true
    }
    await expect(review('npm:app', 'npm')).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('damaged or was changed'),
    })
    await nothingLeft()
  })

  test('A43: dependencies that are no registry packages are refused, deep down too', async () => {
    await registry.publish('sly', '1.0.0', INDEX, { dependencies: { evil: 'git+https://127.0.0.1:1/evil.git' } })
    for (const [name, spec] of Object.entries({
      git: 'git+https://127.0.0.1:1/x.git',
      hosted: 'github:x/y',
      file: 'file:../../../../etc',
      link: 'link:/etc',
      url: `${registry.url}x.tgz`,
      deep: '1',
    })) {
      const dependencies = name === 'deep' ? { sly: spec } : { evil: spec }
      await registry.publish(`app-${name}`, '1.0.0', INDEX, { dependencies })
      await expect(review(`npm:app-${name}`, 'npm'), name).rejects.toMatchObject({
        code: 'SOURCE_INVALID',
        message: expect.stringContaining('not from the npm registry'),
      })
    }
    await nothingLeft()
  })

  test('cancelled while the registry is silent, in review and in installation', async () => {
    await registry.publish('dep', '1.0.0', {})
    await registry.publish('app', '1.0.0', INDEX, { dependencies: { dep: '1' } })
    for (const silent of ['app', 'dep/-/1.0.0.tgz']) {
      let asked = false
      registry.instead = (request) => {
        if (request.url !== `/${silent}`) return false
        asked = true
        return true
      }
      const reviewId = randomUUID()
      const work = (async () => {
        await review('npm:app', 'npm', { reviewId })
        await install(reviewId, 'app')
      })()
      const outcome = expect(work).rejects.toMatchObject({
        code: 'CANCELLED',
        message: expect.stringContaining('Nothing was installed'),
      })
      await until(() => asked)
      open.apps.reviews.cancel(reviewId, 'system')
      await outcome
      await nothingLeft()
    }
  })
})

describe('lifecycle scripts', () => {
  const scripted = async () => {
    const write = (name: string) => `node -e "require('fs').writeFileSync('${name}', JSON.stringify(process.env))"`
    await registry.publish('dep', '1.0.0', { 'index.js': '' }, { scripts: { postinstall: write('ran-dep') } })
    await registry.publish('app', '1.0.0', INDEX, {
      dependencies: { dep: '1' },
      scripts: { preinstall: write('ran-pre'), install: 'echo hello', test: 'exit 1', prepare: 'exit 1' },
    })
    return review('npm:app', 'npm')
  }

  test('are shown before anything is installed', async () => {
    expect((await scripted()).scripts).toEqual({
      preinstall: expect.stringContaining('ran-pre'),
      install: 'echo hello',
      'dep@1.0.0': 'its own installation script',
    })
  })

  test('A43: do not run without the consent of the person', async () => {
    const { reviewId } = await scripted()
    const { packageFolder } = await install(reviewId, 'app')
    expect((await readdir(packageFolder)).sort()).toEqual(['index.js', 'node_modules', 'package.json'])
    expect((await readdir(join(packageFolder, 'node_modules/dep'))).sort()).toEqual(['index.js', 'package.json'])
  })

  test('run with consent, on the Node of the host, with none of its environment', async () => {
    process.env.HOST_SECRET = 'not for scripts'
    const { reviewId } = await scripted()
    const { packageFolder } = await install(reviewId, 'app', { allowScripts: true })
    delete process.env.HOST_SECRET
    for (const file of ['ran-pre', 'node_modules/dep/ran-dep']) {
      const environment = JSON.parse(await readFile(join(packageFolder, file), 'utf8'))
      expect(
        Object.keys(environment)
          .sort()
          .filter((name) => !['LANG', 'TZ', '_', 'PWD', 'SHLVL', 'OLDPWD'].includes(name)),
      ).toEqual([
        'ATEK_INSTALL_FOLDER',
        'HOME',
        'INIT_CWD',
        'PATH',
        'npm_lifecycle_event',
        'npm_lifecycle_script',
        'npm_node_execpath',
        'npm_package_name',
        'npm_package_version',
      ])
      expect(environment.PATH).toMatch(/\/bin:\/usr\/local\/bin:\/usr\/bin:\/bin$/)
    }
    const row = open.audit.list({ limit: 10 }, () => null).find(({ action }) => action === 'app.install')
    expect(row?.details).toMatchObject({ scriptsRan: true })
  })

  test('use the Node that the host brings, where the computer has none', async () => {
    const { writeNodeShim } = await import('./scripts.ts')
    const folder = join(open.sources.root, "a folder's bin")
    await writeNodeShim(folder, { execPath: process.execPath, env: { ELECTRON_RUN_AS_NODE: "1 'x'" } })
    const said = execFileSync('/bin/sh', ['-c', 'node -p "process.env.ELECTRON_RUN_AS_NODE + process.argv[1]" "a b"'], {
      env: { PATH: folder },
      encoding: 'utf8',
    })
    expect(said).toBe("1 'x'a b\n")
  })

  test('that fail are a sentence with their last words, and nothing is installed', async () => {
    await registry.publish('app', '1.0.0', INDEX, { scripts: { postinstall: 'echo no compiler >&2; exit 4' } })
    const { reviewId } = await review('npm:app', 'npm')
    await expect(install(reviewId, 'app', { allowScripts: true })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('The script postinstall of app failed'),
      details: { lastLines: ['no compiler'] },
    })
    await nothingLeft()
  })

  test('end when the installation is cancelled, with what they started', async () => {
    const pids = join(open.sources.root, 'pids')
    await registry.publish('app', '1.0.0', INDEX, {
      scripts: { postinstall: `setsid sleep 1000 & echo $! >> ${pids}; echo $$ >> ${pids}; sleep 1000` },
    })
    const { reviewId } = await review('npm:app', 'npm')
    const work = install(reviewId, 'app', { allowScripts: true })
    const outcome = expect(work).rejects.toMatchObject({ code: 'CANCELLED' })
    const running = async () =>
      (await readFile(pids, 'utf8').catch(() => '')).trim().split('\n').filter(Boolean).map(Number)
    await until(async () => (await running()).length === 2)
    open.apps.reviews.cancel(reviewId, 'system')
    await outcome
    await nothingLeft()
    for (const pid of await running()) await until(() => !lives(pid))
  })
})

describe('C45: a package is looked through before it is installed', () => {
  test('C45: a script that leaves a link out of the package', async () => {
    await registry.publish('app', '1.0.0', INDEX, { scripts: { postinstall: 'ln -s /etc etc' } })
    const { reviewId } = await review('npm:app', 'npm')
    await expect(install(reviewId, 'app', { allowScripts: true })).rejects.toThrow(
      '"etc" in it is a link out of its folder',
    )
    await nothingLeft()
  })

  test('C45: links, pipes and sizes', async () => {
    const { checkPackage } = await import('./package-check.ts')
    const signal = new AbortController().signal
    const folder = await open.sources.make('echo')
    await mkdir(join(folder, 'lib'))
    await symlink('../index.js', join(folder, 'lib/fine.js'))
    expect(await checkPackage(folder, signal)).toMatchObject({ files: 4 })
    for (const [name, target] of [
      ['absolute', join(folder, 'index.js')],
      ['up', '../..'],
      ['dangling', '../../not-there'],
      ['through', '../lib/../../x'],
    ]) {
      await symlink(target ?? '', join(folder, 'lib', name ?? ''))
      await expect(checkPackage(folder, signal)).rejects.toThrow('link out of its folder')
      await rm(join(folder, 'lib', name ?? ''))
    }
    execFileSync('mkfifo', [join(folder, 'pipe')])
    await expect(checkPackage(folder, signal)).rejects.toThrow('"pipe" in it is a device or a pipe')
    await rm(join(folder, 'pipe'))
    execFileSync('truncate', ['-s', '2G', join(folder, 'big')])
    await expect(checkPackage(folder, signal)).rejects.toMatchObject({ code: 'TOO_LARGE' })
  })
})

const canMount = process.getuid?.() === 0 && process.platform === 'linux'

test.runIf(canMount)('a disk that is full: a sentence, and nothing left behind', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'atek-small-')))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'none', folder])
  try {
    const small = await openApps({ folder, npmRegistry: registry.url })
    const refused = (source: string, kind: SourceKind) =>
      expect(
        small.apps.reviews.review({ reviewId: randomUUID(), source, kind, actor: 'system' }),
      ).rejects.toMatchObject({
        code: 'DISK_FULL',
        message: 'The disk is full. Nothing was installed. Make room and try again.',
      })
    const noise = Array.from({ length: 200_000 }, () => Math.random().toString(36)).join('')
    await registry.publish('app', '1.0.0', { ...INDEX, 'big.txt': noise })
    await small.sources.make('echo', { name: 'big', files: { 'big.txt': noise } })
    await refused('npm:app', 'npm')
    await refused('big', 'example')

    // And later: the dependencies do not fit any more.
    await registry.publish('dep', '1.0.0', { 'big.txt': noise })
    await registry.publish('needy', '1.0.0', INDEX, { dependencies: { dep: '1' } })
    const reviewId = randomUUID()
    await small.apps.reviews.review({ reviewId, source: 'npm:needy', kind: 'npm', actor: 'system' })
    const installing = small.apps.reviews.install({
      reviewId,
      id: 'x',
      owner: 'system',
      allowScripts: false,
      actor: 'system',
    })
    await expect(installing).rejects.toMatchObject({ code: 'DISK_FULL' })

    await until(async () => (await readdir(small.paths.staging)).length === 0)
    expect(await readdir(small.paths.packages)).toEqual([])
    expect(small.apps.list()).toEqual([])
    await small.apps.dispose()
    small.storage.close()
    await small.sources.dispose()
  } finally {
    execFileSync('umount', ['-l', folder])
    await rm(folder, { recursive: true, force: true })
  }
})

test('a full disk is told from what a library made of it', async () => {
  const { fetchFailed } = await import('./fetch-error.ts')
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' })
  expect(fetchFailed(new Error('wrapped', { cause: full })).code).toBe('DISK_FULL')
  expect(fetchFailed(new AggregateError([new Error('x'), full])).code).toBe('DISK_FULL')
  expect(fetchFailed(Object.assign(new Error('x'), { code: 'EDQUOT' })).code).toBe('DISK_FULL')
  expect(fetchFailed(new Error('/secret/path')).message).not.toContain('secret')
})

test('stopping the host ends an installation and leaves nothing', async () => {
  await registry.publish('app', '1.0.0', INDEX)
  let asked = false
  registry.instead = () => {
    asked = true
    return true
  }
  const work = expect(review('npm:app', 'npm')).rejects.toMatchObject({ code: 'CANCELLED' })
  await until(() => asked)
  await open.apps.dispose()
  await work
  expect(await readdir(open.paths.staging)).toEqual([])
  expect((await stat(open.paths.staging)).isDirectory()).toBe(true)
})
