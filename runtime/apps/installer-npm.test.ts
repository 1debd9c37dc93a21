import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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
    await until(async () => (await readdir(open.paths.staging)).length === 0)
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
    const { writeNodeShim } = await import('./shims.ts')
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
