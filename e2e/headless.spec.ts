import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { appProcesses, expect, type Home, rawRequest, test } from './fixtures.ts'

const CLI = resolve(import.meta.dirname, '../out/runtime/cli.js')
const TOKEN = 'ab'.repeat(32)

/** The host as it is built, under plain Node; resolves once it has printed its address. */
async function run(home: Home): Promise<{ child: ChildProcess; port: number; ended: Promise<number | null> }> {
  await mkdir(home.configFolder, { recursive: true })
  await writeFile(join(home.configFolder, 'config.json'), JSON.stringify({ port: 0, systemAuthTokens: [TOKEN] }))
  const child = spawn(process.execPath, [CLI, 'run', '--configDir', home.configFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  const port = await new Promise<number>((done, fail) => {
    let text = ''
    child.stdout?.on('data', (piece) => {
      text += piece
      const found = /running at http:\/\/atek\.localhost:(\d+)/.exec(text)
      if (found) done(Number(found[1]))
    })
    void ended.then((code) => fail(new Error(`The host ended with ${code} before it said its address: ${text}`)))
  })
  return { child, port, ended }
}

async function rpc(port: number, api: string, method: string, ...params: unknown[]): Promise<unknown> {
  const { body } = await rawRequest(port, {
    method: 'POST',
    host: `localhost:${port}`,
    path: `/_atek/gateway?api=${encodeURIComponent(api)}`,
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return (JSON.parse(body) as { result: unknown }).result
}

test('the headless host prints its address, answers, and stops on SIGTERM', async ({ home }) => {
  const { child, port, ended } = await run(home)
  try {
    const page = await rawRequest(port, { host: `atek.localhost:${port}`, path: '/', headers: { Accept: 'text/html' } })
    expect(page.status).toBe(303)
    expect(await rpc(port, 'atek.cloud/inspect-api', 'isReady')).toBe(true)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(await appProcesses(home.configFolder)).toEqual([])
  } finally {
    child.kill('SIGKILL')
  }
})

test('kill -9 during writes: every user that was answered for is there at the next start', async ({ home }) => {
  const first = await run(home)
  const answered: string[] = []
  const writing = (async () => {
    for (let n = 0; ; n++) {
      await rpc(first.port, 'atek.cloud/users-api', 'create', { username: `user-${n}`, password: 'a long password' })
      answered.push(`user-${n}`)
    }
  })().catch(() => {})
  await expect.poll(() => answered.length).toBeGreaterThan(3)
  first.child.kill('SIGKILL')
  await writing

  const second = await run(home)
  try {
    const { users } = (await rpc(second.port, 'atek.cloud/users-api', 'list')) as { users: { username: string }[] }
    expect(users.map((user) => user.username)).toEqual(expect.arrayContaining(answered))
  } finally {
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
  }
})

/** Exit code, and what was written to standard output and to standard error. */
function atek(args: string[], input = ''): Promise<{ code: number | null; printed: string; text: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    let printed = ''
    let text = ''
    child.stdout.on('data', (piece) => {
      printed += piece
    })
    child.stderr.on('data', (piece) => {
      text += piece
    })
    child.on('close', (code) => done({ code, printed, text }))
    child.stdin.end(input)
  })
}

test('subcommands find the running host by its folder; after kill -9 they say that there is none', async ({ home }) => {
  const { child, port, ended } = await run(home)
  const folder = ['--configDir', home.configFolder]
  try {
    const made = await atek(['mkuser', 'alice', '--admin', '--json', ...folder], 'a long password\n')
    expect(made).toMatchObject({ code: 0, text: '' })
    expect(JSON.parse(made.printed)).toMatchObject({ username: 'alice', role: 'admin' })
    expect(await rpc(port, 'atek.cloud/users-api', 'list')).toMatchObject({ users: [{ username: 'alice' }] })
    expect(await atek(['ls', ...folder])).toEqual({ code: 0, printed: 'No app is installed.\n', text: '' })
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  expect(await atek(['ls', ...folder])).toMatchObject({ code: 1, text: expect.stringContaining('No host is running') })
})

test('wrong arguments and a taken folder: a sentence, and an exit code that says so', async ({ home }) => {
  const outcome = (...args: string[]) => atek(args)
  expect(await outcome('walk')).toMatchObject({ code: 2, text: expect.stringContaining('Unknown command') })
  expect(await outcome('run', '--prot', '1')).toMatchObject({ code: 2 })
  expect(await outcome('run', '--port', 'eighty')).toMatchObject({ code: 2, text: expect.stringContaining('--port') })

  const first = await run(home)
  const second = await outcome('run', '--configDir', home.configFolder)
  expect(second).toMatchObject({ code: 1, text: expect.stringContaining('already running') })
  first.child.kill('SIGTERM')
  expect(await first.ended).toBe(0)
})
