import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { TEST_APP_SOURCES } from '../testing/test-apps.ts'
import { NpmRegistry } from './testing/npm-registry.ts'
import { askApp, type OpenApps, openApps, until } from './testing/open-apps.ts'
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
  test('C09: an app is not installed for an account that was deleted meanwhile', async () => {
    const { reviewId } = await review(await open.sources.make('echo'), 'folder')
    const owner = 'a'.repeat(32)
    await expect(
      open.apps.reviews.install({ reviewId, id: 'echo', owner, allowScripts: false, actor: 'system' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('owner') })
    await nothingLeft()
    expect(open.apps.list()).toEqual([])
  })

  test('A40: a bad or taken ID is told before anything is done, and can be corrected', async () => {
    await open.install(await open.sources.make('echo'), { id: 'taken' })
    const { reviewId } = await review(await open.sources.make('echo', { name: 'b' }), 'folder')
    for (const id of ['../x', 'UPPER', 'con', 'a'.repeat(64)]) {
      await expect(install(reviewId, id)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    }
    await expect(install(reviewId, 'taken')).rejects.toMatchObject({ code: 'ID_TAKEN' })
    expect((await install(reviewId, 'free')).id).toBe('free')
    await until(async () => (await readdir(open.paths.staging)).length === 0)
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
    const noise = Array.from({ length: 300_000 }, () => Math.random().toString(36)).join('')
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
