import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { GitServer } from '../apps/testing/git-server.ts'
import { hostPaths } from '../core/host-paths.ts'
import { SYSTEM, startTestRuntime, type TestRuntime } from '../testing/start-runtime.ts'
import { TEST_APP_SOURCES, TestApps } from '../testing/test-apps.ts'
import { table } from './io.ts'
import { runCli } from './testing/run-cli.ts'

const PASSWORD = 'a long password'

let host: TestRuntime
let apps: TestApps

beforeAll(async () => {
  host = await startTestRuntime()
  apps = await TestApps.create()
})

afterAll(async () => {
  await host.dispose()
  await apps.dispose()
})

const atek = (argv: string[], input?: string) => runCli([...argv, '--configDir', host.folder], input)
const json = async (argv: string[], input?: string) => {
  const { code, stdout, stderr } = await atek([...argv, '--json'], input)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

const COMMANDS = [
  'ls',
  'get',
  'install',
  'uninstall',
  'update',
  'cfg',
  'start',
  'stop',
  'restart',
  'mkuser',
  'moduser',
  'deluser',
]

test('help: of all, and of each', async () => {
  const all = await runCli(['--help'])
  expect(all.code).toBe(0)
  for (const name of [...COMMANDS, 'run']) {
    expect(all.stdout).toContain(`  ${name}`.replace('  run', 'cli.js run'))
    const own = await runCli([name, '--help'])
    expect(own).toMatchObject({ code: 0, stdout: expect.stringContaining(`node cli.js ${name}`), stderr: '' })
    expect(own.stdout).toContain('--configDir')
  }
})

test('written wrong: exit code 2, what was wrong and where to read how it is written', async () => {
  for (const [argv, words] of [
    [['walk'], 'Unknown command "walk"'],
    [['start'], 'start needs <id>'],
    [['start', 'a', 'b'], '"b"'],
    [['ls', '--jsno'], '--jsno'],
    [['run', '--port', 'eighty'], '--port'],
    [['moduser', 'bob'], 'Say what to change'],
    [['moduser', 'bob', '--admin', '--noAdmin'], 'not both'],
    [['install', 'no-such-folder'], 'There is no folder'],
  ] as const) {
    const { code, stdout, stderr } = await runCli([...argv, ...(argv[0] === 'run' ? [] : ['--configDir', host.folder])])
    expect({ argv, code, stdout }).toEqual({ argv, code: 2, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr).toMatch(/node cli\.js .*--help/)
  }
})

test('users: made, changed, removed; the first is an administrator', async () => {
  expect(await atek(['mkuser', 'alice'], `${PASSWORD}\n`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--admin'),
  })
  expect(await json(['mkuser', 'alice', '--admin'], `${PASSWORD}\n`)).toMatchObject({
    username: 'alice',
    role: 'admin',
  })
  expect(await atek(['mkuser', 'bob'], `${PASSWORD}\n`)).toEqual({ code: 0, stdout: 'Added bob.\n', stderr: '' })
  await expect(host.runtime.panel.signIn({ username: 'bob', password: PASSWORD })).resolves.toBeDefined()

  expect(await atek(['mkuser', 'carol'])).toMatchObject({ code: 2, stderr: expect.stringContaining('standard input') })
  expect(await atek(['mkuser', 'carol'], 'short\n')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('10 characters'),
  })
  expect(await atek(['mkuser', 'BOB'], PASSWORD)).toMatchObject({ code: 1, stderr: expect.stringContaining('already') })

  expect(await json(['moduser', 'Bob', '--username', 'robert', '--admin'])).toMatchObject({
    username: 'robert',
    role: 'admin',
  })
  expect(await json(['moduser', 'robert', '--noAdmin', '--password'], 'another long one\n')).toMatchObject({ role: '' })
  await expect(host.runtime.panel.signIn({ username: 'robert', password: 'another long one' })).resolves.toBeDefined()

  expect(await atek(['deluser', 'alice'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('only administrator'),
  })
  expect(await atek(['deluser', 'robert'])).toMatchObject({ code: 0, stdout: 'Removed robert.\n' })
  expect(await atek(['deluser', 'robert'])).toMatchObject({ code: 1, stderr: 'There is no user named "robert".\n' })

  const rows = await host.call(SYSTEM, 'audit.list', {})
  expect(rows.filter((row) => row.action === 'user.delete')).toMatchObject([{ actor: 'system' }])
})

test('apps: listed, shown, stopped, started, restarted', async () => {
  expect((await atek(['ls'])).stdout).toBe('No app is installed.\n')
  const folder = await apps.make('echo', { manifest: { title: 'Echo\u001b[31m' } })
  const key = await host.install(SYSTEM, { folder }, 'echo')
  expect(await json(['ls'])).toMatchObject([{ status: 'active', key, settings: { id: 'echo' } }])
  const { stdout } = await atek(['ls'])
  expect(stdout).toMatch(
    /^ID +STATUS +VERSION +ADDRESS +SOURCE\necho +active +1\.0\.0 +http:\/\/echo\.localhost:\d+ +file:/,
  )
  // A29: what an app says of itself moves no cursor.
  expect((await atek(['get', 'echo'])).stdout).toContain('Echo\ufffd[31m')

  expect(await atek(['stop', 'echo'])).toEqual({ code: 0, stdout: 'Stopped echo.\n', stderr: '' })
  expect(await json(['get', 'echo'])).toMatchObject({ status: 'inactive' })
  expect((await atek(['start', 'echo'])).stdout).toBe('Started echo.\n')
  expect((await atek(['restart', 'echo'])).stdout).toBe('Restarted echo.\n')
  expect(await json(['get', 'echo'])).toMatchObject({ status: 'active' })
  expect(await atek(['start', 'nothing'])).toMatchObject({
    code: 1,
    stderr: 'There is no app with the ID "nothing".\n',
  })
})

test('apps: installed for everyone or somebody, configured, updated, uninstalled', async () => {
  const git = await GitServer.start()
  const packageJson = (version: string) => JSON.stringify({ name: 'from-git', version })
  try {
    const folder = await apps.make('echo', { name: 'plain' })
    const installed = await json(['install', folder, '--id', 'plain', '--config', 'A=1', '--config', 'B=x=y'])
    expect(installed).toMatchObject({
      status: 'active',
      settings: { id: 'plain', owningUserKey: 'system', config: { A: '1', B: 'x=y' } },
    })
    expect((await atek(['cfg', 'plain'])).stdout).toBe('A=1\nB=x=y\n')
    expect((await atek(['cfg', 'plain', 'A=', 'C=3'])).stdout).toBe(
      'Changed. A running app gets it with: restart plain\n',
    )
    expect(await json(['cfg', 'plain'])).toEqual({ B: 'x=y', C: '3' })
    expect((await atek(['cfg', 'plain', '--id', 'other'])).stdout).toBe('Changed.\n')
    expect(await json(['cfg', 'other'])).toEqual({ B: 'x=y', C: '3' })
    expect(await atek(['cfg', 'other', 'PATH=/tmp'])).toMatchObject({ code: 1 })
    expect(await atek(['cfg', 'other', 'nothing'])).toMatchObject({ code: 2 })

    await json(['mkuser', 'dora', '--admin'], PASSWORD)
    git.commit('app', { 'index.js': TEST_APP_SOURCES.echo, 'package.json': packageJson('1.0.0') }, '1.0.0')
    const source = git.url('app')
    const { stdout } = await atek([
      'install',
      source,
      '--id',
      'from-git',
      '--user',
      'dora',
      '--desiredVersion',
      '^1',
      '--allowScripts',
    ])
    expect(stdout).toMatch(/^Installed from-git: http:\/\/from-git\.localhost:\d+\.\n$/)
    expect((await atek(['update', 'from-git', '--check'])).stdout).toBe('from-git 1.0.0 is up to date.\n')
    git.commit('app', { 'package.json': packageJson('1.1.0') }, '1.1.0')
    git.commit('app', { 'package.json': packageJson('2.0.0') }, '2.0.0')
    expect((await atek(['update', 'from-git', '--check'])).stdout).toBe('from-git 1.0.0 can be updated to 1.1.0.\n')
    expect((await atek(['update', 'from-git'])).stdout).toBe('Updated from-git from 1.0.0 to 1.1.0.\n')
    expect((await atek(['update', 'from-git'])).stdout).toBe('from-git 1.1.0 is up to date.\n')
    const shown = await json(['get', 'from-git'])
    expect(shown.settings).toMatchObject({
      sourceUrl: source,
      desiredVersion: '^1',
      package: { installedVersion: '1.1.0' },
    })

    expect(await atek(['install', folder, '--id', 'other'])).toMatchObject({ code: 1, stdout: '' })
    expect(await atek(['install', folder, '--user', 'nobody'])).toMatchObject({ code: 1 })
    expect((await atek(['uninstall', 'other'])).stdout).toBe('Uninstalled other.\n')
    expect(await atek(['get', 'other'])).toMatchObject({ code: 1, stderr: expect.stringContaining('no app') })
  } finally {
    await git.close()
  }
})

test('C51: the file for the command line is for this account alone, of this run alone, and gone at the end', async () => {
  const file = (folder: string) => hostPaths(folder).hostFile
  const own = await startTestRuntime()
  try {
    expect((await stat(file(own.folder))).mode & 0o777).toBe(0o600)
    const first = JSON.parse(await readFile(file(own.folder), 'utf8'))
    expect(await runCli(['ls', '--configDir', own.folder])).toMatchObject({ code: 0 })
    expect(await whoami(first.port, first.token)).toEqual({ isActive: true, username: 'system' })
    expect(own.logged.join('\n')).not.toContain(first.token)

    await own.stop()
    await expect(stat(file(own.folder))).rejects.toMatchObject({ code: 'ENOENT' })
    const again = await startTestRuntime({ folder: own.folder })
    try {
      const second = JSON.parse(await readFile(file(own.folder), 'utf8'))
      expect(second.token).not.toBe(first.token)
      expect(await whoami(second.port, first.token)).toEqual({ isActive: false })
    } finally {
      await again.dispose()
    }
  } finally {
    await own.dispose()
  }
})

test('no host: says so, also where a killed one left its file, and sends nothing to who has its port now', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atek-cli-'))
  try {
    const gone = { code: 1, stdout: '', stderr: expect.stringMatching(/^No host is running on .* "run"/) }
    expect(await runCli(['ls', '--configDir', folder])).toEqual(gone)
    // As kill -9 leaves it: the file, its port another program's by now, and a lock that nobody holds.
    await writeFile(hostPaths(folder).hostFile, await readFile(hostPaths(host.folder).hostFile))
    await writeFile(hostPaths(folder).lock, '')
    expect(await runCli(['ls', '--configDir', folder])).toEqual(gone)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('ATEK_CONFIG_DIR names the folder for the command line as for the desktop app', async () => {
  vi.stubEnv('ATEK_CONFIG_DIR', host.folder)
  expect(await runCli(['ls'])).toMatchObject({ code: 0, stderr: '' })
  expect((await runCli(['ls', '--help'])).stdout).toContain(host.folder)
})

test('a damaged file for the command line is a sentence', async () => {
  const own = await startTestRuntime()
  try {
    await writeFile(hostPaths(own.folder).hostFile, '{"port": "x"')
    const { code, stderr } = await runCli(['ls', '--configDir', own.folder])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is damaged. Stop the host') })
  } finally {
    await own.dispose()
  }
})

test('A29: a table shows direction and control marks as marks', () => {
  expect(table(['A', 'B'], [['x\u202ey', '\u001b[2J']])).toBe('A    B\nx\ufffdy  \ufffd[2J\n')
})

async function whoami(port: number, token: string): Promise<unknown> {
  const text = await new Promise<string>((done, fail) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/_atek/gateway?api=atek.cloud/user-sessions-api',
        headers: { Host: `localhost:${port}`, Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      },
      (answer) => {
        let body = ''
        answer.on('data', (piece) => {
          body += piece
        })
        answer.on('end', () => done(body))
      },
    )
    call.on('error', fail)
    call.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'whoami', params: [] }))
  })
  return (JSON.parse(text) as { result: unknown }).result
}
