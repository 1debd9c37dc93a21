import { createRequire } from 'node:module'
import { isIPv4, isIPv6 } from 'node:net'
import { gzipSync } from 'node:zlib'
import Ajv from 'ajv'
import * as draft6 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' }
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TrafficRow } from '../contract/models.ts'
import { startTestRuntime, type TestRuntime } from '../testing/start-runtime.ts'
import { TestApps } from '../testing/test-apps.ts'
import { TestBrowser } from '../testing/test-browser.ts'
import type { Actor } from './actor.ts'

const harSchema: Record<string, object> = createRequire(import.meta.url)('har-schema')

/** Asks the gateway for example.com/echo at each request; /copy hands the request's id on, /forge another one. */
const MIDDLE = `'use strict'
const http = require('node:http')
http.createServer((req, res) => {
  if (req.method === 'HEAD') return res.end()
  const headers = { authorization: 'Bearer ' + process.env.ATEK_HOST_BEARER_TOKEN, 'content-type': 'application/json' }
  if (req.url.startsWith('/copy')) headers['atek-request-id'] = req.headers['atek-request-id']
  if (req.url.startsWith('/forge')) headers['atek-request-id'] = req.url.slice('/forge?'.length)
  const call = http.request(
    { host: '127.0.0.1', port: process.env.ATEK_HOST_PORT, method: 'POST', path: '/_atek/gateway?api=example.com/echo',
      headers: { ...headers, host: 'localhost:' + process.env.ATEK_HOST_PORT } },
    (answer) => { answer.resume(); answer.on('end', () => res.end('done')) })
  call.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'hello', params: ['secret-in-body'] }))
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
`

/** Answers JSON-RPC, and everything else with what it got. */
const ECHO = `'use strict'
const http = require('node:http')
http.createServer((req, res) => {
  const chunks = []
  req.on('data', (chunk) => chunks.push(chunk))
  req.on('end', () => {
    res.setHeader('content-type', 'application/json')
    if (req.url === '/rpc') return res.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: 'hello' }))
    if (req.url === '/gzip') {
      res.setHeader('content-encoding', 'gzip')
      return res.end(require('node:zlib').gzipSync('packed'))
    }
    res.setHeader('set-cookie', ['app=app-secret; HttpOnly', 'other=1'])
    res.end(JSON.stringify({ rawHeaders: req.rawHeaders, body: Buffer.concat(chunks).toString() }))
  })
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
`

let host: TestRuntime
let apps: TestApps
let alice: Actor
let bob: Actor
let echo: string
let bobsEcho: string
let port: number
const browsers = new Map<string, TestBrowser>()

beforeAll(async () => {
  host = await startTestRuntime()
  apps = await TestApps.create()
  const { actor } = await host.admin()
  alice = actor
  const password = 'a long password'
  const { key } = await host.call(alice, 'users.create', { username: 'bob', password, role: '' })
  const { token } = await host.runtime.panel.signIn({ username: 'bob', password })
  bob = host.runtime.panel.actor(token) ?? alice
  const manifest = { exports: [{ api: 'example.com/echo', path: '/rpc' }] }
  const folder = (name: string, source: string, exported?: unknown) =>
    apps.make('echo', { name, files: { 'index.js': source }, ...(exported !== undefined && { manifest: exported }) })
  echo = await host.install(alice, { folder: await folder('echo', ECHO, manifest) }, 'echo')
  await host.install(alice, { folder: await folder('middle', MIDDLE) }, 'middle')
  bobsEcho = await host.install(alice, { folder: await folder('bobs', ECHO) }, 'bobs', key)
  port = host.runtime.status().port
  for (const [name, secret] of [
    ['alice', 'correct horse battery'],
    ['bob', password],
  ] as const) {
    const browser = new TestBrowser(port)
    await browser.signIn(`http://atek.localhost:${port}`, name, secret)
    for (const id of name === 'bob' ? ['echo', 'middle', 'bobs'] : ['echo', 'middle']) {
      await browser.follow(`http://${id}.localhost:${port}/`)
    }
    browsers.set(name, browser)
  }
}, 60_000)

afterAll(async () => {
  await host?.dispose()
  await apps?.dispose()
})

function send(name: 'alice' | 'bob', method: string, url: string, headers: string[] = [], body = '') {
  const origin = `http://${url.split('/', 1)[0]}.localhost:${port}`
  const own = method === 'GET' ? [] : [`Origin: ${origin}`]
  const browser = browsers.get(name) ?? new TestBrowser(port)
  return browser.send(method, `${origin}/${url.split('/').slice(1).join('/')}`, [...own, ...headers], body)
}

/** The row of the newest finished request that a filter lets through. */
async function row(filter: string, actor = alice): Promise<TrafficRow> {
  let found: TrafficRow | undefined
  await expect
    .poll(async () => {
      found = (await host.call(actor, 'traffic.search', { filter })).rows.at(-1)
      return found?.state
    })
    .toBe('done')
  if (found === undefined) throw new Error(`No request for ${filter}.`)
  return found
}

const audited = async (action: string) =>
  (await host.call(alice, 'audit.list', { limit: 500 })).filter((entry) => entry.action === action)

describe('searching', () => {
  test('filters, pages, and tells what it cannot read', async () => {
    for (let i = 0; i < 5; i++) await send('alice', 'GET', `echo/page-${i}`)
    await row('page-4')
    const first = await host.call(alice, 'traffic.search', { filter: 'app:echo path~^/page-', limit: 3 })
    expect(first.rows.map(({ path }) => path)).toEqual(['/page-2', '/page-3', '/page-4'])
    const rest = await host.call(alice, 'traffic.search', {
      filter: 'app:echo path~^/page-',
      before: first.next ?? undefined,
    })
    expect(rest.rows.map(({ path }) => path)).toEqual(['/page-0', '/page-1'])
    expect(first.total.count).toBe(5)
    await expect(host.call(alice, 'traffic.search', { filter: 'path~(' })).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  test('a person finds what is theirs to see, whatever the filter says', async () => {
    await send('alice', 'GET', 'echo/of-alice')
    await send('bob', 'GET', 'echo/of-bob')
    await send('bob', 'GET', 'bobs/of-bob')
    await row('app:bobs of-bob')
    const paths = async (actor: Actor, filter: string) =>
      (await host.call(actor, 'traffic.search', { filter })).rows.map(({ appId, path }) => `${appId}${path}`)
    expect(await paths(alice, '/of-')).toEqual(['echo/of-alice', 'echo/of-bob', 'bobs/of-bob'])
    expect(await paths(bob, '/of-')).toEqual(['echo/of-bob', 'bobs/of-bob'])
    expect(await paths(bob, 'of-alice or user:alice')).toEqual([])
    const { seq } = await row('of-alice')
    for (const method of [
      'traffic.get',
      'traffic.chain',
      'traffic.reveal',
      'traffic.curl',
      'traffic.replay',
    ] as const) {
      await expect(host.call(bob, method, { seq }), method).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    await expect(host.call(bob, 'traffic.body', { seq, side: 'request' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await host.call(bob, 'traffic.exportHar', { seqs: [seq] })).entries).toBe(0)
  })

  test('charts of an app are for who may see each request to it', async () => {
    await row('of-bob')
    const of = async (actor: Actor) =>
      (await host.call(actor, 'traffic.stats', { range: 'minutes' })).apps.map((app) => app.appId).sort()
    await expect.poll(() => of(alice)).toEqual(['bobs', 'echo', 'middle'])
    expect(await of(bob)).toEqual(['bobs'])
    const edges = async () =>
      (await host.call(bob, 'traffic.graph', { range: 'minutes' })).edges.map(({ from, to }) => [from, to])
    await expect.poll(edges).toEqual([['people', bobsEcho]])
    const counts = await host.call(bob, 'traffic.counts', {})
    expect(counts.made).toBe(counts.open + counts.waiting + counts.stored + counts.lost)
  })
})

describe('the chain of a request', () => {
  test('an app that hands the id of its request on', async () => {
    await send('alice', 'GET', 'middle/copy')
    const page = await row('middle /copy')
    await expect
      .poll(async () => (await host.call(alice, 'traffic.chain', { seq: page.seq })).rows.map((one) => one.cause))
      .toEqual([null, { seq: page.seq, sure: true }])
    const { rows } = await host.call(alice, 'traffic.chain', { seq: page.seq })
    expect(rows[1]).toMatchObject({ appId: 'echo', rpcApi: 'example.com/echo', caller: { serviceId: 'middle' } })
  })

  test('an app that does not, at work on one request: probably that', async () => {
    await send('alice', 'GET', 'middle/plain')
    const page = await row('middle /plain')
    const { rows } = await host.call(alice, 'traffic.chain', { seq: page.seq })
    expect(rows.map((one) => one.cause)).toEqual([null, { seq: page.seq, sure: false }])
  })

  test('C20: an id that a caller made up reaches no app, and one of another app’s request proves nothing', async () => {
    const answer = await send('alice', 'GET', 'echo/ids', ['Atek-Request-Id: 0123456789ab', 'atek_request_id: x'])
    const { rawHeaders } = JSON.parse(answer.body) as { rawHeaders: string[] }
    const ids = rawHeaders.flatMap((name, at) => (/request.id/i.test(name) && at % 2 === 0 ? [rawHeaders[at + 1]] : []))
    expect(ids).toHaveLength(1)
    expect(ids[0]).toMatch(/^[0-9a-f]{12}$/)
    expect(ids[0]).not.toBe('0123456789ab')
    for (const id of [ids[0], '0123456789ab', 'nonsense']) {
      await send('alice', 'GET', `middle/forge?${id}`)
      const page = await row(`middle /forge?${id}`)
      const { rows } = await host.call(alice, 'traffic.chain', { seq: page.seq })
      expect(rows.map((one) => one.cause)).toEqual([null, { seq: page.seq, sure: false }])
    }
  })
})

describe('bodies', () => {
  test('are kept for the apps that somebody chose, and no others', async () => {
    await send('alice', 'POST', 'echo/before', [], 'not-kept')
    const before = await row('/before')
    expect(await host.call(alice, 'traffic.get', { seq: before.seq })).toMatchObject({
      bodies: { request: false, response: false },
    })
    await expect(host.call(bob, 'traffic.setCapture', { appKey: echo, bodies: true })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    expect(await host.call(alice, 'traffic.setCapture', { appKey: echo, bodies: true })).toMatchObject({ apps: [echo] })
    await send('alice', 'POST', 'echo/after', ['Content-Type: text/plain; charset=utf-8'], 'kept')
    const { seq } = await row('/after')
    expect(await host.call(alice, 'traffic.body', { seq, side: 'request' })).toMatchObject({
      type: 'text/plain',
      text: 'kept',
      bytes: 4,
      truncated: false,
    })
    expect(await host.call(alice, 'traffic.body', { seq, side: 'response' })).toMatchObject({
      type: 'application/json',
      text: expect.stringMatching(/"body":"kept"/),
    })
    await send('alice', 'GET', 'echo/gzip')
    const packed = await row('/gzip')
    expect(await host.call(alice, 'traffic.body', { seq: packed.seq, side: 'response' })).toMatchObject({
      encoding: 'gzip',
      text: 'packed',
      bytes: gzipSync('packed').length,
    })
    expect(await audited('traffic.capture')).toHaveLength(1)
  })

  test('no more of one than chosen', async () => {
    await host.call(alice, 'traffic.setCaptureLimit', { bytes: 1024 })
    await send('alice', 'POST', 'echo/long', ['Content-Type: text/plain'], 'x'.repeat(5000))
    const { seq } = await row('/long')
    expect(await host.call(alice, 'traffic.body', { seq, side: 'request' })).toMatchObject({
      bytes: 5000,
      shownBytes: 1024,
      truncated: true,
    })
    await host.call(alice, 'traffic.setCaptureLimit', { bytes: 64 * 1024 })
  })
})

describe('C51: secrets', () => {
  const secrets = ['Cookie: mine=cookie-secret', 'Authorization: Bearer bearer-secret', 'X-Api-Key: key-secret']
  const hidden = /cookie-secret|bearer-secret|key-secret|query-secret|app-secret/

  test('are masked until asked for, by who sent them or an administrator; audited', async () => {
    const browser = browsers.get('bob') ?? new TestBrowser(port)
    const session = browser.cookies('echo.localhost').get('atek_app') ?? ''
    expect(session).not.toBe('')
    browser.cookies('echo.localhost').set('mine', 'cookie-secret')
    await send('bob', 'GET', 'echo/secrets?token=query-secret', secrets.slice(1))
    const { seq } = await row('/secrets')
    for (const shown of [
      await host.call(bob, 'traffic.get', { seq }),
      await host.call(bob, 'traffic.curl', { seq }),
      await host.call(bob, 'traffic.exportHar', { seqs: [seq] }),
      await host.call(bob, 'traffic.search', { filter: '/secrets' }),
    ]) {
      expect(JSON.stringify(shown)).not.toMatch(hidden)
      expect(JSON.stringify(shown)).not.toContain(session)
    }
    for (const actor of [bob, alice]) {
      const revealed = JSON.stringify(await host.call(actor, 'traffic.reveal', { seq }))
      for (const secret of ['cookie-secret', 'bearer-secret', 'key-secret', 'query-secret', 'app-secret']) {
        expect(revealed).toContain(secret)
      }
      // What opens the host itself is nobody's to see.
      expect(revealed).not.toContain(session)
    }
    expect(await host.call(bob, 'traffic.curl', { seq, masked: false })).toMatch(/bearer-secret/)
    expect(await audited('traffic.reveal')).toHaveLength(3)
    await expect(host.call(bob, 'traffic.exportHar', { seqs: [seq], masked: false })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    expect((await host.call(alice, 'traffic.exportHar', { seqs: [seq], masked: false })).text).toMatch(/bearer-secret/)
  })

  test('of others are not for the owner of the app', async () => {
    await host.call(alice, 'traffic.setCapture', { appKey: bobsEcho, bodies: false })
    await send('bob', 'GET', 'bobs/own')
    const own = await row('app:bobs /own')
    await host.call(bob, 'traffic.reveal', { seq: own.seq })
    const refused = await browsers.get('alice')?.send('GET', `http://bobs.localhost:${port}/peek`, ['Accept: */*'])
    expect(refused?.status).toBe(401)
    const peek = await row('app:bobs /peek')
    expect(await host.call(bob, 'traffic.get', { seq: peek.seq })).toMatchObject({ refused: 'NOT_SIGNED_IN' })
    await expect(host.call(bob, 'traffic.reveal', { seq: peek.seq })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('tokens of the host are not told in any header', async () => {
    await send('alice', 'GET', 'middle/copy')
    const { seq } = await row('from:middle')
    const told = JSON.stringify(await host.call(alice, 'traffic.reveal', { seq }))
    expect(told).toMatch(/Bearer •••/)
  })
})

describe('HAR', () => {
  test('is what the format says, for whatever is recorded', async () => {
    const nobody = new TestBrowser(port)
    await nobody.get(`http://echo.localhost:${port}/page?a=1&b=ü`)
    await nobody.send('GET', `http://nowhere.localhost:${port}/`)
    await send('alice', 'POST', 'echo/har', ['Content-Type: text/plain', 'Cookie: a=b; c'], 'x')
    await row('/har')
    // Of its formats only those decide which of two schemas holds.
    const formats = { ipv4: isIPv4, ipv6: isIPv6, 'date-time': true, uri: true } as const
    const ajv = new Ajv({ strict: false, formats, allErrors: true })
    ajv.addMetaSchema(draft6.default)
    for (const schema of Object.values(harSchema)) ajv.addSchema(schema)
    const valid = ajv.getSchema('har.json#')
    for (const masked of [true, false]) {
      const { text, entries, truncated } = await host.call(alice, 'traffic.exportHar', { filter: '', masked })
      const har = JSON.parse(text)
      expect(entries).toBeGreaterThan(20)
      expect(truncated).toBe(false)
      expect(har.log.entries).toHaveLength(entries)
      expect(valid?.(har), JSON.stringify(valid?.errors)).toBe(true)
      const times = har.log.entries.map((entry: { startedDateTime: string }) => entry.startedDateTime)
      expect(times).toEqual([...times].sort())
    }
    expect((await audited('traffic.export')).map((entry) => entry.sentence)).toContain(
      'alice exported recorded requests with their secrets',
    )
  })
})

describe('making a request again', () => {
  const again = async (actor: Actor, input: Parameters<typeof host.call<'traffic.replay'>>[2]) => {
    const { seq, status } = await host.call(actor, 'traffic.replay', input)
    await expect.poll(async () => (await host.call(alice, 'traffic.get', { seq })).state).toBe('done')
    return { status, details: await host.call(alice, 'traffic.get', { seq }) }
  }

  test('as oneself: the same, marked, audited, and through the same door', async () => {
    await send('bob', 'GET', 'echo/again?a=1', ['X-Mine: 1'])
    const { seq } = await row('/again')
    const { status, details } = await again(bob, { seq })
    expect(status).toBe(200)
    expect(details).toMatchObject({ replayOf: seq, path: '/again?a=1', caller: { username: 'bob' } })
    expect(details.requestHeaders).toContainEqual(['X-Mine', '1'])
    const answered = JSON.parse(
      (await host.call(alice, 'traffic.body', { seq: details.seq, side: 'response' })).text ?? '',
    )
    expect(answered.rawHeaders.filter((name: string) => /replay/i.test(name))).toEqual([])
    // The ticket is in no place where it could be read.
    expect(JSON.stringify(details)).toMatch(/atek-replay-token","•••"/)
    expect((await host.call(alice, 'traffic.search', { filter: 'is:replay' })).rows.map((one) => one.seq)).toContain(
      details.seq,
    )
    expect((await audited('traffic.replay'))[0]?.sentence).toBe('bob made a GET request to echo again')
  })

  test('what changes something is confirmed first, and goes with its body', async () => {
    await send('bob', 'POST', 'echo/change', ['Content-Type: text/plain'], 'the-body')
    const { seq } = await row('/change')
    await expect(host.call(bob, 'traffic.replay', { seq })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    const { details } = await again(bob, { seq, confirm: true })
    const answered = await host.call(bob, 'traffic.body', { seq: details.seq, side: 'response' })
    expect(JSON.parse(answered.text ?? '').body).toBe('the-body')
  })

  test('without its whole body it is another request, and is not made', async () => {
    await send('bob', 'POST', 'bobs/no-body', [], 'the-body')
    const { seq } = await row('/no-body')
    await expect(host.call(bob, 'traffic.replay', { seq, confirm: true })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('as somebody else: administrators only, and only with what is not the other’s secret', async () => {
    browsers.get('alice')?.cookies('echo.localhost').set('hers', 'cookie-of-alice')
    await send('alice', 'GET', 'echo/as-bob', ['Authorization: Bearer of-alice'])
    const { seq } = await row('/as-bob')
    const key = bob.kind === 'user' ? bob.user.key : ''
    await expect(host.call(bob, 'traffic.replay', { seq, as: { user: key } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    const { details } = await again(alice, { seq, as: { user: key } })
    expect(details.caller).toMatchObject({ username: 'bob' })
    const { text } = await host.call(alice, 'traffic.body', { seq: details.seq, side: 'response' })
    expect(text).not.toMatch(/of-alice/)
    expect(text).toContain(key)
    expect((await audited('traffic.replay'))[0]?.sentence).toBe('alice made a GET request to echo again as bob')
    const own = await again(alice, { seq })
    expect((await host.call(alice, 'traffic.body', { seq: own.details.seq, side: 'response' })).text).toMatch(
      /cookie-of-alice.*of-alice|of-alice.*cookie-of-alice/,
    )
    await expect(
      host.call(bob, 'traffic.replay', { seq: (await row('/again', bob)).seq, as: { user: key } }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('A07: access is checked as ever', async () => {
    await send('bob', 'GET', 'bobs/mine')
    const { seq } = await row('app:bobs /mine')
    const { status, details } = await again(alice, { seq })
    expect([status, details.refused]).toEqual([403, 'FORBIDDEN'])
  })

  test('a call of the gateway as the app that made it', async () => {
    await send('alice', 'GET', 'middle/copy')
    const call = await row('from:middle')
    const middle = (await host.call(alice, 'apps.list', {})).find((app) => app.id === 'middle')?.key ?? ''
    const { status, details } = await again(alice, { seq: call.seq, as: { app: middle }, confirm: true })
    expect(status).toBe(200)
    expect(details).toMatchObject({
      replayOf: call.seq,
      appId: 'echo',
      rpcMethod: 'hello',
      refused: null,
      caller: { serviceId: 'middle' },
    })
    const page = await row('middle /copy')
    await expect(host.call(alice, 'traffic.replay', { seq: page.seq, as: { app: middle } })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
  })

  test('a ticket that was not given out opens nothing', async () => {
    const answer = await new TestBrowser(port).send('GET', `http://echo.localhost:${port}/`, [
      `Atek-Replay-Token: ${'A'.repeat(43)}`,
    ])
    expect(answer.status).toBe(401)
  })
})

describe('saved filters', () => {
  test('are each person’s own', async () => {
    await host.call(alice, 'traffic.saveFilter', { name: 'Slow', filter: 'took:>1s' })
    await host.call(bob, 'traffic.saveFilter', { name: 'Mine', filter: 'user:bob' })
    expect(await host.call(alice, 'traffic.saveFilter', { name: 'Slow', filter: 'took:>2s' })).toEqual([
      { name: 'Slow', filter: 'took:>2s' },
    ])
    expect(await host.call(bob, 'traffic.filters', {})).toEqual([{ name: 'Mine', filter: 'user:bob' }])
    expect(await host.call(bob, 'traffic.deleteFilter', { name: 'Slow' })).toHaveLength(1)
    expect(await host.call(bob, 'traffic.deleteFilter', { name: 'Mine' })).toEqual([])
  })
})
