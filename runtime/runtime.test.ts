import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { CONTROL } from './contract/control.ts'
import type { RuntimeEvent } from './contract/events.ts'
import { ADMIN, SYSTEM, startTestRuntime, type TestRuntime } from './testing/start-runtime.ts'

const hosts: TestRuntime[] = []
async function started(...args: Parameters<typeof startTestRuntime>): Promise<TestRuntime> {
  const host = await startTestRuntime(...args)
  hosts.push(host)
  return host
}
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.dispose()
})

describe('control API', () => {
  test('has a handler for each method of the contract and no other', async () => {
    const { runtime } = await started()
    expect(runtime.control.methods.sort()).toEqual(Object.keys(CONTROL).sort())
  })

  test('refuses whoever is not signed in, before it looks at the input', async () => {
    const { runtime } = await started()
    for (const method of Object.keys(CONTROL)) {
      await expect(runtime.control.callUntyped(null, method, { wrong: 1 }), method).rejects.toMatchObject({
        code: 'NOT_SIGNED_IN',
      })
    }
  })

  test('C07: refuses people what is for administrators', async () => {
    const host = await started()
    const { actor } = await host.admin()
    await host.call(actor, 'users.create', { username: 'bob', password: 'a long password', role: '' })
    const { token } = await host.runtime.panel.signIn({ username: 'bob', password: 'a long password' })
    const bob = host.runtime.panel.actor(token)
    for (const [method, { permission }] of Object.entries(CONTROL)) {
      if (permission !== 'admin') continue
      await expect(host.runtime.control.callUntyped(bob, method, {}), method).rejects.toMatchObject({
        code: 'FORBIDDEN',
      })
    }
  })

  test.each(['constructor', '__proto__', 'toString', 'apps.nothing'])('A60: %s is no method', async (method) => {
    const { runtime } = await started()
    await expect(runtime.control.callUntyped(SYSTEM, method, {})).rejects.toMatchObject({ code: 'METHOD_NOT_FOUND' })
  })

  test('A41: only administrators name folders of this computer', async () => {
    const host = await started()
    const { actor } = await host.admin()
    await host.call(actor, 'users.create', { username: 'bob', password: 'a long password', role: '' })
    const { token } = await host.runtime.panel.signIn({ username: 'bob', password: 'a long password' })
    const bob = host.runtime.panel.actor(token)
    await expect(
      host.call(bob, 'apps.review', { reviewId: crypto.randomUUID(), source: '/tmp', kind: 'folder' }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('a person chooses her main app among those that she may open (A07)', async () => {
    const host = await started()
    const { actor } = await host.admin()
    const bob = await host.call(actor, 'users.create', { username: 'bob', password: 'a long password', role: '' })
    const shared = await host.install(actor, { example: 'hello' }, 'shared')
    const bobs = await host.install(actor, { example: 'hello' }, 'bobs', bob.key)
    expect(await host.call(actor, 'me.mainApp', {})).toEqual({ key: null })
    await host.call(actor, 'me.setMainApp', { key: shared })
    for (const key of [bobs, 'f'.repeat(32)]) {
      await expect(host.call(actor, 'me.setMainApp', { key })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(await host.call(actor, 'me.mainApp', {})).toEqual({ key: shared })
    await host.call(actor, 'me.setMainApp', { key: null })
    expect(await host.call(actor, 'me.mainApp', {})).toEqual({ key: null })
  })

  test('C51: the last words of everybody’s app are for administrators', async () => {
    const host = await started()
    const { actor } = await host.admin()
    await host.call(actor, 'users.create', { username: 'bob', password: 'a long password', role: '' })
    const { token } = await host.runtime.panel.signIn({ username: 'bob', password: 'a long password' })
    const folder = await mkdtemp(join(tmpdir(), 'atek-app-'))
    try {
      await writeFile(join(folder, 'index.js'), `console.error('no such user: carol'); process.exit(3)`)
      const key = await host.install(actor, { folder }, 'broken')
      const seenBy = async (who: typeof actor | null) => (await host.call(who, 'apps.get', { key })).crash
      expect(await seenBy(actor)).toMatchObject({ exitCode: 3, lastLines: ['no such user: carol'] })
      expect(await seenBy(host.runtime.panel.actor(token))).toMatchObject({ exitCode: 3, lastLines: [] })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('from nothing to a running app', () => {
  test('install, see it run, hear of it, read its log, restart the host, uninstall', async () => {
    const host = await started()
    const { actor } = await host.admin()
    const events: RuntimeEvent[] = []
    host.runtime.events.on((event) => events.push(event))

    const key = await host.install(actor, { example: 'hello' }, 'hello')
    const [app] = await host.call(actor, 'apps.list', {})
    expect(app).toMatchObject({
      key,
      id: 'hello',
      state: 'running',
      owner: 'system',
      may: { open: true, manage: true },
    })
    expect(events.map((event) => event.type)).toContain('install-progress')
    const sentences = (await host.call(actor, 'audit.list', {})).map((row) => row.sentence)
    expect(sentences.join('\n')).toMatch(/alice installed .* for everyone/)

    await host.stop()
    const again = await started({ folder: host.folder })
    const { actor: later } = await signedIn(again)
    const details = await again.call(later, 'apps.get', { key })
    expect(details).toMatchObject({ key, id: 'hello', sourceType: 'example' })

    await expect(
      again.call(later, 'apps.uninstall', { key, deleteData: true, confirmId: 'other' }),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await again.call(later, 'apps.uninstall', { key, deleteData: true, confirmId: 'hello' })
    expect(await again.call(later, 'apps.list', {})).toEqual([])
  })

  test('a user’s apps go with the user, and the last administrator stays with hers', async () => {
    const host = await started()
    const { actor, session } = await host.admin()
    const bob = await host.call(actor, 'users.create', { username: 'bob', password: 'a long password', role: '' })
    await host.install(actor, { example: 'hello' }, 'bobs', bob.key)
    const mine = await host.install(actor, { example: 'hello' }, 'mine', session.me.user.key)

    await host.call(actor, 'users.delete', { key: bob.key, confirmUsername: 'bob' })
    expect((await host.call(actor, 'apps.list', {})).map((app) => app.id)).toEqual(['mine'])

    await expect(
      host.call(actor, 'users.delete', { key: session.me.user.key, confirmUsername: ADMIN.username }),
    ).rejects.toMatchObject({ code: 'LAST_ADMIN' })
    expect(await host.call(actor, 'apps.get', { key: mine })).toMatchObject({ state: 'running' })
  })
})

test.skipIf(process.platform === 'win32')(
  'the config folder is for this user alone, also one that was there',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atek-open-'))
    await chmod(folder, 0o755)
    await started({ folder })
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  },
)

describe('bad beginnings', () => {
  let taken: Server | undefined
  afterEach(() => taken?.close())

  test('a taken port: the next free one, and the status says so', async () => {
    taken = createServer()
    await new Promise<void>((done) => taken?.listen(0, '127.0.0.1', done))
    const port = (taken.address() as { port: number }).port
    const { runtime } = await started({ config: { port } })
    expect(runtime.status().portTaken).toBe(port)
    expect(runtime.status().port).toBeGreaterThan(port)
  })

  test('a second host on the same folder is refused, and the first goes on', async () => {
    const first = await started()
    await expect(startTestRuntime({ folder: first.folder })).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })
    expect(await first.call(SYSTEM, 'apps.list', {})).toEqual([])
  })

  test('a damaged database or configuration: a clear error, the file as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atek-damaged-'))
    try {
      const database = join(folder, 'atek.db')
      await writeFile(database, 'not a database at all, but long enough to be looked at as one\n'.repeat(100))
      const before = await readFile(database)
      await expect(startTestRuntime({ folder })).rejects.toMatchObject({
        code: 'DATABASE_DAMAGED',
        message: expect.stringContaining(database),
      })
      expect((await readFile(database)).equals(before)).toBe(true)

      await rm(database)
      await writeFile(join(folder, 'config.json'), '{ nonsense')
      await expect(startTestRuntime({ folder })).rejects.toMatchObject({ code: 'CONFIG_DAMAGED' })
      expect(await readFile(join(folder, 'config.json'), 'utf8')).toBe('{ nonsense')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

async function signedIn(host: TestRuntime) {
  const session = await host.runtime.panel.signIn(ADMIN)
  const actor = host.runtime.panel.actor(session.token)
  if (actor === null) throw new Error('no session')
  return { actor, session }
}
