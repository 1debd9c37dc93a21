import { afterAll, beforeAll, expect, test } from 'vitest'
import type { User } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { type RawAnswer, rawRequest } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import { TestBrowser } from '../testing/test-browser.ts'
import { UNSAFE_TARGETS } from './redirect-corpus.ts'

const OUTSIDE = 'https://wiki.example.org'
const FORWARDED = ['X-Forwarded-Proto: https', 'X-Forwarded-Host: wiki.example.org', 'X-Forwarded-Method: GET']

let host: TestHost
let alice: User
let bob: User
let wiki: AppRecord
let browser: TestBrowser

beforeAll(async () => {
  host = await startTestHost()
  alice = await host.user('alice')
  bob = await host.user('bob')
  wiki = await host.install('echo', alice.key, 'wiki')
  await host.apps.configure('system', wiki.key, {
    externalOrigins: [OUTSIDE],
    identityHeaders: [
      { name: 'X-User-Email', fact: 'email', domain: 'example.org' },
      { name: 'remote-user', fact: 'user-key' },
    ],
  })
  browser = await host.signedIn('alice', 'wiki')
})
afterAll(() => host.close())

function validate(lines: string[] = [], query = '?service=wiki', name = 'atek.localhost'): Promise<RawAnswer> {
  return rawRequest(host.port, [`GET /_atek/auth/validate${query} HTTP/1.1`, `Host: ${name}:${host.port}`, ...lines])
}

const appCookie = (from = browser) => `Cookie: ${from.cookieHeader('wiki.localhost')}`
const hostCookie = (from = browser) => `Cookie: ${from.cookieHeader('atek.localhost')}`
const rows = () => host.recorder.list({ limit: 1000, visible: () => true }).rows

test('C24: the app’s cookie and the host’s are answered with identity headers, the app’s own choice among them', async () => {
  for (const cookie of [appCookie(), hostCookie()]) {
    for (const name of ['atek.localhost', 'localhost']) {
      const answer = await validate([`${cookie}; theme=dark`, ...FORWARDED], '?service=wiki', name)
      expect(answer.status).toBe(200)
      expect(answer.all('atek-auth-user')).toEqual([alice.key])
      expect(answer.all('atek-auth-service')).toEqual([wiki.key])
      expect(answer.all('x-user-email')).toEqual(['alice@example.org'])
      expect(answer.all('remote-user')).toEqual([alice.key])
      expect(answer.all('remote-name')).toEqual(['alice'])
      expect(answer.all('remote-groups')).toEqual(['admin'])
      expect(answer.all('cookie')).toEqual(['theme=dark'])
      expect(answer.header('cache-control')).toBe('no-store')
    }
  }
  const whoever = await validate([hostCookie()], '')
  expect(whoever.status).toBe(200)
  expect(whoever.header('remote-user')).toBe('alice')
  expect(whoever.header('atek-auth-service')).toBeNull()
  expect((await validate([appCookie()], '')).status).toBe(401)
})

test('C24: without credentials, or with those of another app, it is 401; without access it is 403', async () => {
  await host.install('echo', alice.key, 'other')
  const elsewhere = await host.signedIn('alice', 'other')
  const others = elsewhere.cookieHeader('other.localhost')
  for (const lines of [
    [],
    [`Cookie: ${others}`],
    ['Cookie: atek_app=x'],
    ['Atek-Auth-User: x', 'Remote-User: alice'],
  ]) {
    const answer = await validate(lines)
    expect(answer.status).toBe(401)
    expect(answer.header('remote-user')).toBeNull()
    expect(answer.header('cache-control')).toBe('no-store')
  }
  const bobs = await host.signedIn('bob')
  expect((await validate([hostCookie(bobs)])).status).toBe(403)
  expect((await validate([hostCookie()], '?service=nothing')).status).toBe(403)
  expect((await validate([`${appCookie()}; atek_app=${'x'.repeat(43)}`])).status).toBe(403)
})

test('C24 C06: a person’s access token is taken; an app’s and every other one is not', async () => {
  const { apiTokens } = host.identity
  const { token } = apiTokens.create(alice.key, 'a script', 'panel')
  const { access: accessToken } = await apiTokens.accessFor(token)
  const answer = await validate([`Authorization: Bearer ${accessToken}`, 'Origin: https://evil.test'])
  expect(answer.status).toBe(200)
  expect(answer.header('atek-auth-user')).toBe(alice.key)
  const service = host.identity.serviceTokens.issue(wiki.key)
  expect((await validate([`Authorization: Bearer ${service}`, hostCookie()])).status).toBe(403)
})

test('C24 A21: with a cookie, what comes from a page of another origin is refused', async () => {
  for (const origin of ['https://evil.test', 'null', 'http://wiki.example.org', `http://atek.localhost:${host.port}`]) {
    expect((await validate([appCookie(), ...FORWARDED, `Origin: ${origin}`])).status, origin).toBe(403)
  }
  expect((await validate([appCookie(), ...FORWARDED, `Origin: ${OUTSIDE}`])).status).toBe(200)
  const post = ['X-Forwarded-Method: POST', 'Referer: https://evil.test/']
  expect((await validate([appCookie(), ...post])).status).toBe(403)
  expect((await validate([hostCookie(), 'Origin: http://atek.localhost:9000'], '')).status).toBe(200)
  expect((await validate([hostCookie(), 'Origin: http://wiki.localhost:9000'], '')).status).toBe(403)
})

test('C24 A27: signing in leads to listed addresses only, and to a path there', async () => {
  const page = ['Accept: text/html', 'X-Forwarded-Method: GET']
  const begin = async (lines: string[], query = '?service=wiki&sign-in=redirect') =>
    validate([...page, ...lines], query)
  const good = await begin([...FORWARDED, 'X-Forwarded-Uri: /a?b=c'])
  expect(good.status).toBe(303)
  expect(good.header('location')).toBe(
    `${OUTSIDE}/_atek/auth/begin?service=wiki&at=https%3A%2F%2Fwiki.example.org&to=%2Fa%3Fb%3Dc`,
  )
  for (const name of [
    'evil.test',
    'wiki.example.org.evil.test',
    'wiki.example.org:81',
    'wiki.example.org@evil.test',
    'x/y',
  ]) {
    const answer = await begin(['X-Forwarded-Proto: https', `X-Forwarded-Host: ${name}`])
    expect(answer.status, name).toBe(401)
    expect(answer.header('atek-sign-in')).toBeNull()
  }
  for (const at of [
    'https://evil.test',
    `${OUTSIDE}.evil.test`,
    `${OUTSIDE}/`,
    'http://wiki.example.org',
    '//evil.test',
    '',
  ]) {
    const query = new URLSearchParams({ service: 'wiki', at, to: '/', path: '/', nonce: 'a'.repeat(64), bst: 'x' })
    for (const path of ['auth/begin', 'auth/complete', 'bind-session']) {
      const answer = await browser.get(`${host.edge.address()}/_atek/${path}?${query}`)
      expect(answer.status, `${path} ${at}`).toBe(400)
    }
  }
  for (const to of UNSAFE_TARGETS) {
    const query = new URLSearchParams({ service: 'wiki', at: OUTSIDE, to, bst: 'x' })
    const visitor = new TestBrowser(host.port)
    await visitor.get(`${host.edge.address()}/_atek/auth/begin?${query}`)
    const answer = await visitor.get(`${host.edge.address()}/_atek/auth/complete?${query}`)
    expect(answer.status).toBe(303)
    expect(new URL(answer.header('location') ?? '', OUTSIDE).origin, to).toBe(OUTSIDE)
  }
})

test('C24 A28: the token works once, in the browser that began, and sets a cookie for that address alone', async () => {
  const start = `${host.edge.address()}/_atek/auth/begin?${new URLSearchParams({ service: 'wiki', at: OUTSIDE, to: '/x' })}`
  const begun = await browser.get(start)
  expect(begun.header('set-cookie')).toMatch(/^atek_bind=.*HttpOnly; SameSite=Lax.*Secure$/)
  const granted = await browser.get(begun.header('location') ?? '')
  const back = new URL(granted.header('location') ?? '')
  expect(back.origin).toBe(OUTSIDE)
  const here = `${host.edge.address()}${back.pathname}${back.search}`
  expect((await new TestBrowser(host.port).get(here)).status).toBe(401)
  // That burnt it: the first one to come with it had one try.
  const late = await browser.get(here)
  expect(late.status).toBe(303)
  expect(late.all('set-cookie').join()).not.toContain('atek_app=')

  const again = await browser.get((await browser.get(start)).header('location') ?? '')
  const to = new URL(again.header('location') ?? '')
  const done = await browser.get(`${host.edge.address()}${to.pathname}${to.search}`)
  expect(done.header('location')).toBe('/x')
  const cookie = done.all('set-cookie').find((line) => line.startsWith('atek_app='))
  expect(cookie).toMatch(/^atek_app=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/)
  expect((await validate([`Cookie: ${cookie?.split(';')[0]}`])).status).toBe(200)
  const bobs = await host.signedIn('bob')
  const refused = await bobs.get((await bobs.get(start)).header('location') ?? '')
  expect(refused.status).toBe(403)
  expect(bob.key).not.toBe(alice.key)
})

test('C24: equal answers are recorded once, and another answer at once', async () => {
  const path = `/recorded-${crypto.randomUUID()}`
  const lines = [...FORWARDED, `X-Forwarded-Uri: ${path}`]
  const visitor = await host.signedIn('bob')
  await host.install('echo', bob.key, 'bobs')
  for (let i = 0; i < 5; i++) await validate([hostCookie(visitor), ...lines], '?service=bobs')
  for (let i = 0; i < 5; i++) await validate(lines, '?service=bobs')
  const found = rows().filter((row) => row.path === path)
  expect(found.map((row) => [row.status, row.caller?.username ?? null]).sort()).toEqual([
    [200, 'bob'],
    [401, null],
  ])
  const details = host.recorder.get(found.find((row) => row.status === 200)?.seq ?? 0)
  expect(details?.authHeaders).toContainEqual(expect.objectContaining({ name: 'Atek-Auth-User', received: bob.key }))
})
