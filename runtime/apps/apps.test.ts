import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { askApp, lives, type OpenApps, openApps, until } from './testing/open-apps.ts'

let open: OpenApps
beforeEach(async () => {
  open = await openApps()
})
afterEach(() => open.close())

const actions = () => open.audit.list({ limit: 100 }, () => null).map((row) => row.action)

describe('a life', () => {
  test('is installed, runs, stops, starts again', async () => {
    const { apps } = open
    const record = await open.install(await open.sources.make('echo', { manifest: { title: 'Echo' } }))
    expect(apps.state(record.key)).toMatchObject({ state: 'running', crash: null, restarts: 0 })
    expect(JSON.parse(await askApp(open, record.key, '/hello?x=1'))).toMatchObject({ method: 'GET', url: '/hello?x=1' })
    const pid = apps.state(record.key).process?.pid ?? 0

    await apps.stop('system', record.key)
    expect(apps.state(record.key)).toMatchObject({ state: 'stopped', process: null, socketPath: null })
    expect(lives(pid)).toBe(false)
    expect(apps.get(record.key)?.enabled).toBe(false)
    expect(readdirSync(open.paths.sockets)).toEqual([])

    await apps.start('system', record.key)
    expect(await askApp(open, record.key)).toContain('"method":"GET"')
    expect(apps.get(record.key)?.enabled).toBe(true)

    const second = apps.state(record.key).process?.pid
    await apps.restart('system', record.key)
    expect(apps.state(record.key).process?.pid).not.toBe(second)
    expect(actions()).toEqual(['app.restart', 'app.start', 'app.stop', 'app.start', 'app.install'])
  })

  test('its token works while it runs, and is another one at each start', async () => {
    const { apps, serviceTokens } = open
    const record = await open.install(await open.sources.make('environment'))
    const token = async () => JSON.parse(await askApp(open, record.key)).ATEK_HOST_BEARER_TOKEN as string
    const first = await token()
    expect(serviceTokens.verify(first)).toBe(record.key)
    await apps.restart('system', record.key)
    const second = await token()
    expect(second).not.toBe(first)
    expect(serviceTokens.verify(first)).toBeNull()
    await apps.stop('system', record.key)
    expect(serviceTokens.verify(second)).toBeNull()
  })

  test('starts that come together are one start; a stop during a start wins', async () => {
    const { apps } = open
    const record = await open.install(await open.sources.make('listens-late'))
    await apps.stop('system', record.key)
    await Promise.all([
      apps.start('system', record.key),
      apps.start('system', record.key),
      apps.ensureRunning(record.key),
    ])
    expect(actions().filter((action) => action === 'app.start')).toHaveLength(2)

    await apps.stop('system', record.key)
    const start = apps.start('system', record.key)
    await apps.stop('system', record.key)
    await expect(start).rejects.toMatchObject({ code: 'APP_STOPPED' })
    expect(apps.state(record.key).state).toBe('stopped')
  })

  test('of a start, a stop and a start the last one counts', async () => {
    const { apps } = open
    const record = await open.install(await open.sources.make('listens-late'))
    await apps.stop('system', record.key)
    const first = apps.start('system', record.key)
    await until(() => apps.state(record.key).process !== null)
    const stop = apps.stop('system', record.key)
    const last = apps.start('system', record.key)
    await expect(first).rejects.toMatchObject({ code: 'APP_STOPPED' })
    await Promise.all([stop, last])
    expect(apps.state(record.key).state).toBe('running')
    expect(apps.get(record.key)?.enabled).toBe(true)
  })

  test('a start during a stop comes after it', async () => {
    const { apps } = open
    const record = await open.install(await open.sources.make('echo'))
    const pid = apps.state(record.key).process?.pid
    const stop = apps.stop('system', record.key)
    await apps.start('system', record.key)
    await stop
    expect(apps.state(record.key).state).toBe('running')
    expect(apps.state(record.key).process?.pid).not.toBe(pid)
  })

  test('A45: what an app has forked ends with it, in a session of its own or not', async () => {
    const record = await open.install(await open.sources.make('forks-a-child'))
    const pids: number[] = JSON.parse(await askApp(open, record.key))
    expect(pids.map(lives)).toEqual([true, true])
    await open.apps.stop('system', record.key)
    expect(pids.map(lives)).toEqual([false, false])
  })

  test('A45: what an app has forked ends when the app crashes', async () => {
    const record = await open.install(await open.sources.make('forks-a-child'))
    const pids: number[] = JSON.parse(await askApp(open, record.key))
    process.kill(open.apps.state(record.key).process?.pid ?? 0, 'SIGKILL')
    await until(() => open.apps.state(record.key).state === 'crashed')
    expect(pids.map(lives)).toEqual([false, false])
    expect(open.apps.state(record.key).crash).toMatchObject({ signal: 'SIGKILL', exitCode: null })
  })

  test('stopping the host stops all of them', async () => {
    const { apps } = open
    const records = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => open.install(await open.sources.make('forks-a-child', { name }))),
    )
    const pids = records.map(({ key }) => apps.state(key).process?.pid ?? 0)
    const children: number[] = (await Promise.all(records.map(({ key }) => askApp(open, key)))).flatMap((text) =>
      JSON.parse(text),
    )
    await apps.dispose()
    expect([...pids, ...children].some(lives)).toBe(false)
    expect(records.every(({ key }) => apps.get(key)?.enabled)).toBe(true)
  })

  test('memory and CPU of the whole group are known while it runs', async () => {
    const record = await open.install(await open.sources.make('forks-a-child'))
    await until(() => (open.apps.state(record.key).process?.memoryBytes ?? 0) > 0)
    const { memoryBytes, startedAt } = open.apps.state(record.key).process ?? {}
    expect(memoryBytes).toBeGreaterThan(20 * 1024 * 1024)
    expect(startedAt).toBeGreaterThan(Date.now() - 60_000)
  })
})

describe('requests', () => {
  test('start an app that waits for them, and not one that a person stopped or that never starts so', async () => {
    const { apps } = open
    const record = await open.install(await open.sources.make('echo'))
    expect(record.autostart).toBe('on-request')
    await apps.stop('system', record.key)
    await expect(apps.ensureRunning(record.key)).rejects.toMatchObject({ code: 'APP_STOPPED' })
    await expect(apps.ensureRunning('f'.repeat(32))).rejects.toMatchObject({ code: 'APP_NOT_INSTALLED' })
  })

  test('wait for the start; their end does not end it', async () => {
    const folder = await open.sources.make('listens-late')
    const record = await open.install(folder)
    // A new host on the same folder: enabled, and not running.
    await open.apps.dispose()
    const again = await open.again()
    try {
      expect(again.state(record.key).state).toBe('stopped')
      const gone = new AbortController()
      const waiting = again.ensureRunning(record.key, gone.signal)
      gone.abort()
      await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
      await again.ensureRunning(record.key)
      expect(again.state(record.key).state).toBe('running')
      await again.configure('system', record.key, { autostart: 'never' })
      await again.restart('system', record.key)
      await again.ensureRunning(record.key)
    } finally {
      await again.dispose()
    }
  })

  test('autostart: always starts with the host, never does not', async () => {
    const always = await open.install(await open.sources.make('echo', { name: 'a', manifest: { autostart: 'always' } }))
    const never = await open.install(await open.sources.make('echo', { name: 'n', manifest: { autostart: 'never' } }))
    const stopped = await open.install(
      await open.sources.make('echo', { name: 's', manifest: { autostart: 'always' } }),
    )
    expect(open.apps.state(never.key).state).toBe('running')
    await open.apps.stop('system', stopped.key)
    await open.apps.dispose()
    const again = await open.again()
    try {
      again.startEnabled()
      await until(() => again.state(always.key).state === 'running')
      expect(again.state(never.key).state).toBe('stopped')
      expect(again.state(stopped.key).state).toBe('stopped')
      await expect(again.ensureRunning(never.key)).rejects.toMatchObject({ code: 'APP_STOPPED' })
    } finally {
      await again.dispose()
    }
  })
})

describe('settings', () => {
  test('A40: app IDs that are no host names, or reserved', async () => {
    const { apps } = open
    const record = await open.install(await open.sources.make('echo'), { id: 'echo' })
    const other = await open.install(await open.sources.make('echo', { name: 'other' }), { id: 'other' })
    for (const id of [
      '../x',
      'Upper',
      'a'.repeat(64),
      'con',
      'com1',
      'lpt9',
      'nul',
      'atek',
      'www',
      'localhost',
      '1a',
      'a.b',
      '',
      '-a',
      'ä',
    ]) {
      await expect(apps.configure('system', record.key, { id })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    }
    await expect(apps.configure('system', record.key, { id: 'other' })).rejects.toMatchObject({ code: 'ID_TAKEN' })
    expect(apps.get(record.key)?.id).toBe('echo')

    await apps.configure('system', record.key, { id: 'renamed' })
    expect(apps.byId('echo')).toBeNull()
    expect(apps.byId('renamed')?.key).toBe(record.key)
    await apps.configure('system', other.key, { id: 'echo' })
    expect(apps.byId('echo')?.key).toBe(other.key)
    expect(apps.state(record.key).state).toBe('running')
  })

  test('A44: config keys that belong to the host', async () => {
    const { apps } = open
    const record = await open.install(await open.sources.make('echo'))
    for (const key of [
      'NODE_OPTIONS',
      'node_options',
      'PATH',
      'Path',
      'LD_PRELOAD',
      'DYLD_INSERT_LIBRARIES',
      'ATEK_HOST_PORT',
      'ATEK_X',
      'ELECTRON_RUN_AS_NODE',
      'A-B',
      'A=B',
      '',
    ]) {
      const configured = apps.configure('system', record.key, { config: { [key]: 'x' } })
      await expect(configured).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining(key) })
    }
    await expect(apps.configure('system', record.key, { config: { key: '1', KEY: '2' } })).rejects.toThrow(
      'same variable',
    )
    await expect(apps.configure('system', record.key, { config: { KEY: 'a\0b' } })).rejects.toThrow('zero byte')
    expect(apps.get(record.key)?.config).toEqual({})
  })

  test('A44: the process has what PROTOCOL lists and nothing else of the host', async () => {
    process.env.HOST_SECRET = 'not for apps'
    process.env.NODE_OPTIONS = '--no-warnings'
    try {
      const record = await open.install(await open.sources.make('environment'))
      await open.apps.configure('system', record.key, { config: { greeting: 'hello', Other_1: 'x' } })
      expect(open.apps.restartNeeded(record.key)).toBe(true)
      await open.apps.restart('system', record.key)
      expect(open.apps.restartNeeded(record.key)).toBe(false)
      // The environment as the kernel has it, not as the program tells it.
      const pid = open.apps.state(record.key).process?.pid
      const text = await readFile(`/proc/${pid}/environ`, 'utf8')
      const environment = Object.fromEntries(
        text
          .split('\0')
          .filter(Boolean)
          .map((entry) => entry.split(/=(.*)/s).slice(0, 2)),
      )
      const { LANG: _lang, TZ: _tz, ATEK_HOST_BEARER_TOKEN: token, ...rest } = environment
      expect(token).toMatch(/^[\w-]{43}$/)
      expect(rest).toEqual({
        PATH: '/usr/local/bin:/usr/bin:/bin',
        ATEK_ASSIGNED_SOCKET_FILE: open.apps.state(record.key).socketPath,
        ATEK_ASSIGNED_SERVICE_KEY: record.key,
        ATEK_HOST_PORT: '8420',
        ATEK_APP_DATA_DIR: open.apps.dataFolder(record.key),
        GREETING: 'hello',
        OTHER_1: 'x',
      })
      expect(statSync(open.apps.dataFolder(record.key)).mode & 0o777).toBe(0o700)
    } finally {
      delete process.env.HOST_SECRET
      delete process.env.NODE_OPTIONS
    }
  })

  test('C51: values of config are in no audit row', async () => {
    const record = await open.install(await open.sources.make('echo'))
    await open.apps.configure('system', record.key, { config: { PASSWORD_OF_MAIL: 'hunter2hunter2' } })
    const rows = JSON.stringify(open.audit.list({ limit: 100 }, () => null))
    expect(rows).toContain('PASSWORD_OF_MAIL')
    expect(rows).not.toContain('hunter2')
  })

  test('a change in the folder of an app takes effect at its next start', async () => {
    const folder = await open.sources.make('echo', { manifest: { title: 'Before' } })
    const record = await open.install(folder)
    expect(open.apps.exportsOf('example.com/x')).toEqual([])
    await writeFile(join(folder, 'atek.json'), '{"title":"After","exports":[{"api":"example.com/x"}]}')
    await open.apps.restart('system', record.key)
    expect(open.apps.get(record.key)?.manifest.title).toBe('After')
    expect(open.apps.exportsOf('example.com/x')).toMatchObject([
      { app: { key: record.key }, export: { path: '/', transport: 'rpc' } },
    ])

    await writeFile(join(folder, 'atek.json'), '{"title":')
    await expect(open.apps.restart('system', record.key)).rejects.toMatchObject({ code: 'APP_START_FAILED' })
    const { crash } = open.apps.state(record.key)
    expect(crash?.reason).toBe('atek.json is not valid JSON at line 1. Correct it there.')
    expect(crash?.nextTryAt).toBeNull()
  })
})

test.runIf(process.platform !== 'win32')('C22: no app is started while others can reach the sockets', async () => {
  const { apps, paths } = open
  const record = await open.install(await open.sources.make('echo'))
  await apps.stop('system', record.key)
  chmodSync(paths.sockets, 0o755)
  await expect(apps.start('system', record.key)).rejects.toMatchObject({
    code: 'APP_START_FAILED',
    message: expect.stringContaining('open to other users'),
  })
  expect(readdirSync(paths.sockets)).toEqual([])
})

describe('uninstalling', () => {
  test('C40: twice at once is once, and one row', async () => {
    const record = await open.install(await open.sources.make('echo'))
    const both = [true, true].map((deleteData) => open.apps.uninstall('system', record.key, { deleteData }))
    const outcomes = (await Promise.allSettled(both)).map((one) => (one.status === 'rejected' ? one.reason.code : 'ok'))
    expect(outcomes.sort()).toEqual(['NOT_FOUND', 'ok'])
    expect(actions().filter((action) => action === 'app.uninstall')).toHaveLength(1)
  })

  test('removes code and logs, and data only when told', async () => {
    const { apps, paths } = open
    await open.sources.make('echo', { name: 'one' })
    const kept = await open.install('one', { kind: 'example', id: 'kept' })
    const gone = await open.install('one', { kind: 'example', id: 'gone' })
    for (const { key } of [kept, gone]) await writeFile(join(apps.dataFolder(key), 'notes.txt'), 'x')
    const pid = apps.state(kept.key).process?.pid ?? 0

    await apps.uninstall('system', kept.key, { deleteData: false })
    await apps.uninstall('system', gone.key, { deleteData: true })
    expect(lives(pid)).toBe(false)
    expect(apps.list()).toEqual([])
    expect(existsSync(join(apps.dataFolder(kept.key), 'notes.txt'))).toBe(true)
    expect(existsSync(apps.dataFolder(gone.key))).toBe(false)
    for (const folder of [paths.packages, paths.logs, paths.staging, paths.sockets])
      expect(await readdir(folder)).toEqual([])
    await expect(apps.start('system', kept.key)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(apps.state(kept.key).state).toBe('stopped')
  })

  test('leaves a folder that was run in place', async () => {
    const folder = await open.sources.make('echo')
    const record = await open.install(folder)
    await open.apps.uninstall('system', record.key, { deleteData: true })
    expect((await readdir(folder)).sort()).toEqual(['index.js', 'package.json'])
  })
})

describe('logs', () => {
  test('C51: a token that an app prints is masked in its file, its events and its crash', async () => {
    const seen: string[] = []
    open.apps.logged.on(({ lines }) => seen.push(...lines.map((line) => line.text)))
    const record = await open.install(await open.sources.make('prints-token'))
    const file = join(open.paths.logs, record.key, 'app.log')
    await until(async () => (await readFile(file, 'utf8').catch(() => '')).includes('in two pieces'))
    const environment = (await readFile(`/proc/${open.apps.state(record.key).process?.pid}/environ`, 'utf8')).split(
      '\0',
    )
    const token = environment.find((entry) => entry.startsWith('ATEK_HOST_BEARER_TOKEN='))?.split('=')[1] ?? ''
    expect(token).toHaveLength(43)

    const text = await readFile(file, 'utf8')
    for (const place of [text, seen.join('\n'), JSON.stringify(await open.apps.logs(record.key, { limit: 100 }))]) {
      expect(place).toContain('my token is •••')
      expect(place).toContain('Bearer •••')
      expect(place).not.toContain(token)
      // Nor any greater part of it, however lines were cut.
      expect(place).not.toContain(token.slice(0, 20))
      expect(place).not.toContain(token.slice(20))
    }
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('say what the host did', async () => {
    const record = await open.install(await open.sources.make('prints-lines'))
    await open.apps.stop('system', record.key)
    const lines = await open.apps.logs(record.key, { limit: 2000 })
    expect(lines.filter((line) => line.stream === 'stdout')).toHaveLength(1000)
    expect(lines.filter((line) => line.stream === 'host').map((line) => line.text)).toEqual([
      expect.stringMatching(/^Started \(process \d+\)\.$/),
      'Stopped.',
    ])
    const page = await open.apps.logs(record.key, { limit: 3, before: lines[500]?.seq ?? 0 })
    expect(page).toEqual(lines.slice(497, 500))
  })
})
