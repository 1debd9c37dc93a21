import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import type { User } from '../contract/models.ts'
import { systemClock } from '../core/clock.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { PASSWORD, startTestHost, type TestHost } from '../testing/start-host.ts'

let skew = 0
const clock = { ...systemClock, now: () => Date.now() + skew }
let host: TestHost
let alice: User
let notes: AppRecord

beforeAll(async () => {
  host = await startTestHost({ clock })
  alice = await host.user('alice')
  await host.user('bob')
  notes = await host.install('echo', 'system', 'notes')
  await host.install('echo', 'system', 'chat')
})
afterAll(() => host.close())

const at = (id: string, path = '/') => host.edge.appAddress(id) + path

/** Goes on until the address with the bind token, and does not open that. */
async function bindAddress(browser: ReturnType<TestHost['browser']>, url: string): Promise<string> {
  const begun = await browser.get(url)
  const bind = await browser.get(begun.header('location') ?? '')
  return bind.header('location') ?? ''
}

test('C08: a browser without a session signs in and lands on the path that it asked for', async () => {
  const browser = host.browser()
  const { answer, urls } = await browser.follow(at('notes', '/list?a=1&b=%2F+x'))
  expect(answer.status).toBe(200)
  expect(answer.body).toContain('"page":"sign-in"')
  expect(urls.at(-1)).toMatch(/\/_atek\/login\?redirect=/)
  const target = new URL(urls.at(-1) ?? '').searchParams.get('redirect') ?? ''

  const signedIn = await browser.post(`${host.edge.address()}/_atek/login`, {
    username: 'alice',
    password: PASSWORD,
    redirect: target,
  })
  expect(signedIn.status).toBe(303)
  const landed = await browser.follow(signedIn.header('location') ?? '')
  expect(landed.answer.status).toBe(200)
  expect(landed.answer.json()).toMatchObject({ method: 'GET', url: '/list?a=1&b=%2F+x' })
  // The one-time token was on the way, and is not where the person ends up.
  expect(landed.urls.some((url) => url.includes('bst='))).toBe(true)
  expect(landed.urls.at(-1)).toBe(at('notes', '/list?a=1&b=%2F+x'))
})

test('C08: every step that carries a token is neither kept nor told to the next page', async () => {
  const browser = await host.signedIn('alice')
  let url = at('notes', '/')
  for (let step = 0; step < 3; step++) {
    const answer = await browser.get(url)
    expect(answer.status).toBe(303)
    expect(answer.header('cache-control')).toBe('no-store')
    expect(answer.header('referrer-policy')).toBe('no-referrer')
    url = answer.header('location') ?? ''
  }
  expect(url).toBe(at('notes', '/'))
})

test('C08: the app cookie is not the host session: the host and other apps take it for nothing', async () => {
  const browser = await host.signedIn('alice', 'notes')
  const appToken = browser.cookies('notes.localhost').get('atek_app') ?? ''
  const sessionToken = browser.cookies('atek.localhost').get('atek_session') ?? ''
  expect(appToken).toHaveLength(43)
  expect(appToken).not.toBe(sessionToken)

  const thief = host.browser()
  thief.cookies('atek.localhost').set('atek_session', appToken)
  expect((await thief.get(`${host.edge.address()}/`)).header('location')).toContain('/_atek/login')
  thief.cookies('chat.localhost').set('atek_app', appToken)
  expect((await thief.send('GET', at('chat'))).status).toBe(401)
  thief.cookies('notes.localhost').set('atek_app', sessionToken)
  expect((await thief.send('GET', at('notes'))).status).toBe(401)
})

test('A28: a bind token that was used does not work again, not even in the same browser', async () => {
  const browser = await host.signedIn('alice')
  const url = await bindAddress(browser, at('notes'))
  const nonce = browser.cookies('notes.localhost').get('atek_bind') ?? ''
  expect((await browser.get(url)).all('set-cookie').join()).toContain('atek_app=')

  browser.cookies('notes.localhost').clear()
  browser.cookies('notes.localhost').set('atek_bind', nonce)
  const again = await browser.get(url)
  expect(again.all('set-cookie').join()).not.toContain('atek_app=')
})

test('A28: a bind token does not work in another browser, and is burnt by the try', async () => {
  const browser = await host.signedIn('alice')
  const url = await bindAddress(browser, at('notes'))
  const other = host.browser()
  const captured = await other.get(url)
  expect(captured.status).toBe(401)
  expect(captured.body).toContain('cannot be used again')
  expect(captured.all('set-cookie')).toEqual([])
  // Nor with a nonce of its own.
  const second = await bindAddress(browser, at('notes'))
  await other.get(at('notes'))
  expect(other.cookies('notes.localhost').get('atek_bind')).toHaveLength(43)
  expect((await other.get(second)).all('set-cookie').join()).not.toContain('atek_app=')
  // The person whose token it was begins anew without noticing.
  const { answer } = await browser.follow(second)
  expect(answer.json()).toMatchObject({ url: '/' })
})

test('A28: a bind token for one app does not work at another', async () => {
  const browser = await host.signedIn('alice')
  const token = new URL(await bindAddress(browser, at('notes'))).searchParams.get('bst') ?? ''
  await browser.get(at('chat'))
  // With the same nonce on both names, so that only the app is what differs.
  const nonce = browser.cookies('notes.localhost').get('atek_bind') ?? ''
  browser.cookies('chat.localhost').set('atek_bind', nonce)
  const answer = await browser.get(at('chat', `/?bst=${token}`))
  expect(answer.all('set-cookie').join()).not.toContain('atek_app=')
})

test('A28: a bind token is worth nothing after 30 seconds', async () => {
  const browser = await host.signedIn('alice')
  const url = await bindAddress(browser, at('notes'))
  skew += LIMITS.ticketLife
  expect((await browser.get(url)).all('set-cookie').join()).not.toContain('atek_app=')
})

test('A28: bind-session without a nonce goes to the app to begin properly', async () => {
  const browser = await host.signedIn('alice')
  const answer = await browser.get(`${host.edge.address()}/_atek/bind-session?service=notes&path=%2Fx`)
  expect(answer.status).toBe(303)
  expect(answer.header('location')).toBe(at('notes', '/x'))
})

test('A28: an app that was opened in two tabs at once is open in both', async () => {
  const browser = await host.signedIn('alice')
  const first = await bindAddress(browser, at('notes', '/1'))
  const second = await bindAddress(browser, at('notes', '/2'))
  expect((await browser.follow(first)).answer.json()).toMatchObject({ url: '/1' })
  expect((await browser.follow(second)).answer.json()).toMatchObject({ url: '/2' })
})

test('A28: a foreign page cannot sign a browser in', async () => {
  const login = `${host.edge.address()}/_atek/login`
  const fields = { username: 'bob', password: PASSWORD, redirect: '/' }
  for (const origin of ['http://evil.test', 'null', at('notes').slice(0, -1), `http://localhost:${host.port}`]) {
    const answer = await host.browser().post(login, fields, [`Origin: ${origin}`])
    expect(answer.status).toBe(403)
    expect(answer.all('set-cookie')).toEqual([])
  }
})

test('A28: signing in as somebody else ends what the browser had open before', async () => {
  const browser = await host.signedIn('alice', 'notes')
  await browser.signIn(host.edge.address(), 'bob', PASSWORD)
  const { answer } = await browser.follow(at('notes'))
  const { rawHeaders } = answer.json() as { rawHeaders: string[] }
  expect(rawHeaders).toContain('Atek-Auth-User')
  expect(rawHeaders).not.toContain(alice.key)
})

test('C15: the panel’s address signs in once, leads to the path, and leaves no ticket behind', async () => {
  const url = host.edge.openAddress(alice.key, notes.key, '/list?x=1')
  const browser = host.browser()
  const { answer, urls } = await browser.follow(url, ['Sec-Fetch-Site: none'])
  expect(answer.json()).toMatchObject({ url: '/list?x=1' })
  expect(urls.at(-1)).toBe(at('notes', '/list?x=1'))
  expect(urls.slice(1).some((address) => address.includes('ticket='))).toBe(false)

  const other = host.browser()
  expect((await other.follow(url)).answer.body).toContain('"page":"sign-in"')
})

test('C15: an expired ticket signs nobody in', async () => {
  const url = host.edge.openAddress(alice.key, notes.key, '/')
  skew += LIMITS.ticketLife
  expect((await host.browser().follow(url)).answer.body).toContain('"page":"sign-in"')
})

test('C15: a browser that is signed in as the same person keeps its session', async () => {
  const browser = await host.signedIn('alice', 'chat')
  const before = browser.cookies('atek.localhost').get('atek_session')
  await browser.follow(host.edge.openAddress(alice.key, notes.key, '/'))
  expect(browser.cookies('atek.localhost').get('atek_session')).toBe(before)
  expect((await browser.get(at('chat'))).status).toBe(200)
})

test('C15 A28: a page that leads a browser to somebody’s ticket does not sign it in', async () => {
  const browser = host.browser()
  const url = host.edge.openAddress(alice.key, notes.key, '/')
  for (const site of ['cross-site', 'same-site', 'same-origin']) {
    const answer = await browser.get(url, [`Sec-Fetch-Site: ${site}`])
    expect(answer.all('set-cookie')).toEqual([])
  }
})

test('C29: cookies are HttpOnly, Lax, host-only, and not Secure over plain HTTP', async () => {
  const browser = host.browser()
  const lines = [
    ...(await browser.signIn(host.edge.address(), 'alice', PASSWORD)).all('set-cookie'),
    ...(await browser.get(at('notes'))).all('set-cookie'),
    ...(await browser.get(await bindAddress(browser, at('notes')))).all('set-cookie'),
  ]
  const names = lines.map((line) => line.split('=')[0])
  expect(names).toEqual(['atek_session', 'atek_known', 'atek_bind', 'atek_app', 'atek_bind'])
  for (const line of lines) {
    expect(line).toContain('; Path=/; HttpOnly; SameSite=Lax')
    expect(line).not.toMatch(/Domain|Secure/i)
  }
})

test('C51: no token of the way into an app is in the record', async () => {
  const browser = await host.signedIn('alice')
  const url = await bindAddress(browser, at('notes', '/in?token=app-secret'))
  await browser.follow(url)
  const secrets = [
    'app-secret',
    new URL(url).searchParams.get('bst') ?? '',
    browser.cookies('notes.localhost').get('atek_app') ?? '',
    browser.cookies('atek.localhost').get('atek_session') ?? '',
  ]
  const { rows } = host.recorder.list({ limit: 1000, visible: () => true })
  const record = JSON.stringify(rows.map((row) => host.recorder.get(row.seq)))
  expect(rows.length).toBeGreaterThan(10)
  for (const secret of secrets) {
    expect(secret).not.toBe('')
    expect(record).not.toContain(secret)
  }
})
