import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { manifestSchema } from '../contract/manifest.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { startTestHost, type TestHost } from './start-host.ts'
import type { TestBrowser } from './test-browser.ts'

/** The bundled examples, run as they ship, behind the real listener: what they show has to be true. */
const EXAMPLES = resolve(import.meta.dirname, '../../resources/examples')
const HOSTILE = `<script>alert(1)</script>"'&`

let host: TestHost
let aliceKey: string
let alice: TestBrowser
let bob: TestBrowser
const apps = new Map<string, AppRecord>()

beforeAll(async () => {
  host = await startTestHost()
  aliceKey = (await host.user('alice')).key
  await host.user('bob')
  const names = await readdir(EXAMPLES)
  for (const name of names) {
    const reviewId = crypto.randomUUID()
    await host.apps.reviews.review({ reviewId, source: join(EXAMPLES, name), kind: 'folder', actor: aliceKey })
    const owner = name.startsWith('api-') ? aliceKey : 'system'
    const input = { reviewId, id: name, owner, allowScripts: false, actor: aliceKey }
    apps.set(name, await host.apps.reviews.install(input))
  }
  alice = await host.signedIn('alice', ...names)
  bob = await host.signedIn('bob', 'hello', 'notes', 'chat')
})
afterAll(() => host.close())

const at = (id: string, path = '/') => `${host.edge.appAddress(id)}${path}`
const keyOf = (id: string) => apps.get(id)?.key ?? 'not installed'

test.each(['hello', 'notes', 'api-provider', 'api-caller', 'chat'])('%s: ships whole', async (name) => {
  const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(EXAMPLES, name, file), 'utf8'))
  const manifest = manifestSchema.parse(await read('atek.json'))
  const meta = z.looseObject({ author: z.string(), license: z.string() }).parse(await read('package.json'))
  expect(manifest.title).toBeTruthy()
  expect(manifest.description).toBeTruthy()
  expect(host.apps.icon(keyOf(name))).toMatch(/^data:image\/svg\+xml/)
  // It has to install where there is no network.
  expect(meta.dependencies).toBeUndefined()
  expect(await readFile(join(EXAMPLES, name, 'README.md'), 'utf8')).toContain('# ')
})

test('A29: pages load nothing from elsewhere and run no inline script', async () => {
  for (const name of apps.keys()) {
    const answer = await alice.get(at(name))
    expect(answer.status).toBe(200)
    expect(answer.header('content-security-policy')).toMatch(/default-src 'none'; style-src 'self'; script-src 'self'/)
    expect(answer.body).not.toMatch(/<script(?! src="\/script\.js" defer>)|\son\w+=|\sstyle=|(?:src|href)="https?:/)
  }
})

describe('hello', () => {
  test('shows who one is, what the app got, and no secret', async () => {
    const { body: text } = await alice.get(at('hello'), ['X-Test: <b>hostile</b>'])
    expect(text).toContain('<bdi>alice</bdi>')
    expect(text).toContain(aliceKey)
    expect(text).toContain(keyOf('hello'))
    expect(text).toContain('&lt;b&gt;hostile&lt;/b&gt;')
    expect(text).toContain('ATEK_HOST_BEARER_TOKEN')
    // The token's form: 43 letters of base64url.
    expect(text).not.toMatch(/[>\s][\w-]{43}</)
  })
})

describe('notes', () => {
  test('keeps what people write, each their own, as text', async () => {
    const saved = await alice.post(at('notes', '/save'), { id: '', title: HOSTILE, text: `\nfirst\n${HOSTILE}` })
    expect(saved.status).toBe(303)
    const path = saved.header('location') ?? ''
    const { body: text } = await alice.get(at('notes', path))
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
    expect(text).not.toContain('<script')
    expect(text).toContain('1 note')

    expect((await bob.get(at('notes', path))).status).toBe(404)
    expect((await bob.get(at('notes'))).body).toContain('0 notes')
    const id = new URL(path, 'http://x').searchParams.get('note') ?? ''
    await bob.post(at('notes', '/delete'), { id })
    expect((await alice.get(at('notes'))).body).toContain('1 note')

    await host.apps.restart('system', keyOf('notes'))
    expect((await alice.get(at('notes', path))).status).toBe(200)
    const stored = await readFile(join(host.apps.dataFolder(keyOf('notes')), `${aliceKey}.json`), 'utf8')
    expect(JSON.parse(stored)).toHaveLength(1)
    await alice.post(at('notes', '/delete'), { id })
    expect((await alice.get(at('notes'))).body).toContain('0 notes')
  })

  test('A22: a post from another site saves nothing', async () => {
    const foreign = ['Sec-Fetch-Site: same-site', `Origin: ${host.edge.appAddress('hello')}`]
    expect((await alice.post(at('notes', '/save'), { text: 'not mine' }, foreign)).status).toBe(403)
    expect((await alice.get(at('notes'))).body).toContain('0 notes')
  })
})

test('api-caller reaches api-provider through the gateway, and both show who called for whom', async () => {
  expect((await alice.post(at('api-caller'), { name: HOSTILE })).status).toBe(303)
  const caller = (await alice.get(at('api-caller'))).body
  expect(caller).toMatch(/Good \w+, &lt;script&gt;alert\(1\)&lt;\/script&gt;/)
  expect(caller).toContain(keyOf('api-caller'))
  expect(caller).toContain('alice, who owns this app')
  const provider = (await alice.get(at('api-provider'))).body
  expect(provider).toContain(keyOf('api-caller'))
  expect(provider).toContain('whoCalls()')
  for (const text of [caller, provider]) expect(text).not.toContain('<script')

  await host.apps.stop('system', keyOf('api-provider'))
  await alice.post(at('api-caller'), { name: 'Bob' })
  expect((await alice.get(at('api-caller'))).body).toContain('is stopped')
  await host.apps.start('system', keyOf('api-provider'))
})

describe('chat', () => {
  interface Member {
    socket: WebSocket
    news: { type: string; message?: { name: string; text: string }; people?: { name: string }[] }[]
  }

  async function enter(browser: TestBrowser): Promise<Member> {
    const address = at('chat', '/socket')
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/socket`, {
      headers: {
        Host: new URL(address).host,
        Origin: host.edge.appAddress('chat'),
        Cookie: browser.cookieHeader(new URL(address).hostname),
      },
    })
    const news: Member['news'] = []
    socket.on('message', (data) => news.push(JSON.parse(String(data))))
    await new Promise((open, failed) => socket.once('open', open).once('error', failed))
    await expect.poll(() => news.length).toBeGreaterThan(1)
    return { socket, news }
  }

  test('everybody hears what one says, under the name that the host vouches for', async () => {
    const [one, two] = [await enter(alice), await enter(bob)]
    await expect.poll(() => one.news.at(-1)?.people?.map(({ name }) => name)).toEqual(['alice', 'bob'])
    two.socket.send('not json')
    two.socket.send(JSON.stringify({ text: HOSTILE, user: aliceKey, name: 'alice' }))
    for (const { news } of [one, two]) {
      await expect.poll(() => news.at(-1)?.message).toMatchObject({ name: 'bob', text: HOSTILE })
    }
    two.socket.terminate()
    await expect.poll(() => one.news.at(-1)?.people?.map(({ name }) => name)).toEqual(['alice'])
    one.socket.close()
  })

  test('a client that breaks the protocol, or writes too much, is let go', async () => {
    for (const [message, code] of [
      ['x'.repeat(20_000), 1009],
      ['x'.repeat(100_000), 1009],
      [Buffer.from([1, 2]), 1003],
    ] as const) {
      const { socket } = await enter(alice)
      const closed = new Promise((done) => socket.once('close', done))
      socket.send(message)
      expect(await closed).toBe(code)
    }
    const { socket, news } = await enter(alice)
    const inPieces = JSON.stringify({ text: 'in two pieces' })
    socket.send(inPieces.slice(0, 5), { fin: false })
    socket.ping()
    socket.send(inPieces.slice(5), { fin: true })
    await expect.poll(() => news.at(-1)?.message?.text).toBe('in two pieces')
    for (let i = 0; i < 15; i++) socket.send(JSON.stringify({ text: 'again' }))
    await expect.poll(() => news.some(({ type }) => type === 'slow-down')).toBe(true)
    socket.close()
  })
})
