import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TEST_APP_SOURCES, TestApps } from '../testing/test-apps.ts'
import { ProcessFiles } from './process/processes-file.ts'
import { markedProcesses } from './process/sweeper.ts'
import { NpmRegistry } from './testing/npm-registry.ts'
import { askApp, lives, type OpenApps, openApps, until } from './testing/open-apps.ts'

let root: string
let folder: string
let registry: NpmRegistry
let sources: TestApps
let host: ChildProcessByStdio<null, Readable, null> | null
let said = ''
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'atek-killed-')))
  folder = join(root, 'host')
  await mkdir(join(root, 'tmp'))
  registry = await NpmRegistry.start()
  sources = await TestApps.create()
  host = null
  said = ''
})
afterEach(async () => {
  host?.kill('SIGKILL')
  await registry.close()
  await sources.dispose()
  await rm(root, { recursive: true, force: true })
})

function startHost(command: string, ...rest: string[]): void {
  const script = fileURLToPath(new URL('testing/host-process.mjs', import.meta.url))
  const child = spawn(process.execPath, [script, folder, registry.url, command, ...rest], {
    env: { ...process.env, TMPDIR: join(root, 'tmp') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  host = child
}

/** What `kill -9` does, waited for. */
async function killHost(): Promise<void> {
  const dead = new Promise((resolve) => host?.once('exit', resolve))
  host?.kill('SIGKILL')
  await dead
}

/** Processes that belong to this host by what they were started with. */
const belonging = () => markedProcesses((entry) => entry.includes(`=${folder}/`))

async function nextStart(check: (open: OpenApps) => Promise<void> | void): Promise<void> {
  const open = await openApps({ folder, npmRegistry: registry.url })
  try {
    expect(await belonging()).toEqual([])
    await until(async () => (await readdir(open.paths.staging)).length === 0)
    expect(await readdir(open.paths.sockets)).toEqual([])
    expect((await readdir(open.paths.packages)).sort()).toEqual(
      open.apps
        .list()
        .filter(({ sourceType }) => sourceType !== 'file')
        .map(({ key }) => key)
        .sort(),
    )
    await check(open)
  } finally {
    await open.close()
  }
}

describe('kill -9 of the host', { timeout: 60_000 }, () => {
  test('while a package is fetched', async () => {
    let asked = false
    registry.instead = () => {
      asked = true
      return true
    }
    startHost('install', 'app')
    await until(() => asked)
    await killHost()
    expect(await readdir(join(folder, 'config/staging'))).toHaveLength(1)
    await nextStart(({ apps }) => expect(apps.list()).toEqual([]))
  })

  test('while an installation script runs', async () => {
    const pids = join(root, 'pids')
    const postinstall = `sleep 1000 & echo $! >> ${pids}; setsid sleep 1000 & echo $! >> ${pids}; wait`
    await registry.publish('app', '1.0.0', { 'index.js': '' }, { scripts: { postinstall } })
    startHost('install', 'app')
    const running = async () =>
      (await readFile(pids, 'utf8').catch(() => '')).trim().split('\n').filter(Boolean).map(Number)
    await until(async () => (await running()).length === 2)
    await killHost()
    expect((await running()).map(lives)).toEqual([true, true])
    await nextStart(async ({ apps }) => {
      expect(apps.list()).toEqual([])
      expect((await running()).map(lives)).toEqual([false, false])
    })
  })

  test('while an app starts', async () => {
    startHost('run', await sources.make('never-listens'))
    await until(() => /^starting \d+$/m.test(said))
    const pid = Number(/^starting (\d+)$/m.exec(said)?.[1])
    await killHost()
    expect(lives(pid)).toBe(true)
    await nextStart(({ apps }) => {
      expect(lives(pid)).toBe(false)
      expect(apps.list()).toMatchObject([{ id: 'app-0', enabled: true }])
      expect(apps.state(apps.list()[0]?.key ?? '')).toMatchObject({ state: 'stopped', crash: null })
    })
  })

  test('while apps run, one that ignores SIGTERM and one with children of its own', async () => {
    startHost('run', await sources.make('forks-a-child'), await sources.make('ignores-sigterm'))
    await until(() => said.includes('done'))
    const before = await belonging()
    expect(before).toHaveLength(4)
    await killHost()
    await nextStart(async (open) => {
      expect(before.filter(lives)).toEqual([])
      const [app] = open.apps.list()
      await open.apps.ensureRunning(app?.key ?? '')
      expect(await askApp(open, app?.key ?? '')).toContain('[')
      expect((await open.apps.logs(app?.key ?? '', { limit: 100 })).map((line) => line.seq)).toEqual([1, 2])
    })
  })

  test.each([
    ['is fetched', () => registry.requests.some((path) => path.endsWith('1.1.0.tgz'))],
    ['is tried out', () => said.includes('update starting')],
  ])('while a new version of an app %s: the old one is the app, whole and alone', async (_, reached) => {
    await registry.publish('app', '1.0.0', { 'index.js': TEST_APP_SOURCES.echo })
    await registry.publish('app', '1.1.0', { 'index.js': TEST_APP_SOURCES['never-listens'] })
    startHost('update', 'app')
    await until(reached)
    await killHost()
    await nextStart(async (open) => {
      const [app] = open.apps.list()
      expect(app).toMatchObject({ installedVersion: '1.0.0', enabled: true })
      const key = app?.key ?? ''
      expect(await readdir(join(open.paths.packages, key))).toEqual(['1.0.0'])
      expect(open.audit.list({ limit: 100 }, () => null).map(({ action }) => action)).not.toContain('app.update')
      await open.apps.ensureRunning(key)
      expect(await askApp(open, key)).toContain('"method"')
    })
  })

  test('while it writes: what it said is there, and each change with its audit row', async () => {
    const first = await openApps({ folder })
    const record = await first.install(await sources.make('echo'))
    await first.apps.dispose()
    first.storage.close()
    await first.sources.dispose()
    startHost('write')
    await until(() => said.split('\n').length > 20)
    await killHost()
    const committed = Number(said.trimEnd().split('\n').at(-1))
    await nextStart(({ apps, audit }) => {
      const count = Number(apps.get(record.key)?.config.COUNT)
      expect(count).toBeGreaterThanOrEqual(committed)
      expect(count).toBeLessThanOrEqual(committed + 1)
      const rows = audit.list({ limit: 2000 }, () => null).filter(({ action }) => action === 'app.configure')
      expect(rows).toHaveLength(count)
    })
  })
})

test('what was left between two steps is finished at the next start', async () => {
  const first = await openApps({ folder })
  await first.sources.make('echo', { name: 'one' })
  const record = await first.install('one', { kind: 'example', id: 'one' })
  const gone = 'a'.repeat(32)
  const { paths } = first
  // A package that was put in place and never got its row; logs of an app that is gone; data that was to go with it.
  for (const path of [paths.packages, paths.logs, paths.data]) await mkdir(join(path, gone, 'x'), { recursive: true })
  await writeFile(join(paths.staging, `delete-data-${gone}`), '')
  // The marker of an uninstallation that never happened.
  await writeFile(join(paths.staging, `delete-data-${record.key}`), '')
  await mkdir(join(paths.data, 'b'.repeat(32)))
  await first.apps.dispose()
  first.storage.close()
  await first.sources.dispose()
  await nextStart(async ({ apps }) => {
    expect(apps.get(record.key)?.id).toBe('one')
    expect((await readdir(paths.data)).sort()).toEqual([record.key, 'b'.repeat(32)].sort())
    expect(await readdir(paths.logs)).toEqual([record.key])
    await apps.ensureRunning(record.key)
  })
})

test('where processes do not tell their environment, files do: only the very same process is ended', async () => {
  const processes = new ProcessFiles(root)
  const make = () => spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  const [ours, other] = [make(), make()]
  try {
    await processes.add(ours.pid ?? 0)
    await writeFile(join(root, String(other.pid)), 'Thu Jan  1 00:00:00 1970')
    await writeFile(join(root, '999999999'), 'Thu Jan  1 00:00:00 1970')
    await rm(join(root, 'tmp'), { recursive: true })
    expect(await processes.endAll()).toEqual([ours.pid])
    await until(() => !lives(ours.pid ?? 0))
    expect(lives(other.pid ?? 0)).toBe(true)
    expect(await readdir(root)).toEqual([])
  } finally {
    other.kill('SIGKILL')
    ours.kill('SIGKILL')
  }
})
