import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RawAnswer } from '../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../testing/start-host.ts'
import type { TestBrowser } from '../testing/test-browser.ts'

let host: TestHost
let browser: TestBrowser
let own: string
let sibling: string

beforeAll(async () => {
  host = await startTestHost()
  await host.user('alice')
  await host.install('echo', 'system', 'notes')
  await host.install('echo', 'system', 'sibling')
  browser = await host.signedIn('alice', 'notes')
  own = host.edge.appAddress('notes')
  sibling = host.edge.appAddress('sibling')
})
afterAll(() => host.close())

const lastRow = () => host.recorder.list({ limit: 1, visible: () => true }).rows[0]
const send = (method: string, headers: string[], url = `${own}/change`): Promise<RawAnswer> =>
  browser.send(method, url, headers, method === 'GET' ? '' : 'x=1')
const count = async () => (JSON.parse((await send('GET', [])).body) as { count: number }).count

const CHANGING = ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']

const FOREIGN = (): [string, string[]][] => [
  ['another site', ['Origin: http://evil.test']],
  ['a sibling app', [`Origin: ${sibling}`]],
  ['the host', [`Origin: ${host.edge.address()}`]],
  ['another port of the same name', ['Origin: http://notes.localhost:1']],
  ['the same name over TLS', [`Origin: ${own.replace('http:', 'https:')}`]],
  ['a sandboxed frame', ['Origin: null']],
  ['a sandboxed frame of another site', ['Origin: null', 'Sec-Fetch-Site: cross-site']],
  ['a frame that says both', ['Origin: null', 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site']],
  ['an empty Origin', ['Origin: ']],
  ['two Origins', [`Origin: ${own}`, `Origin: ${sibling}`]],
  ['another site, by its Referer', ['Referer: http://evil.test/page']],
  ['a sibling, by its Referer', [`Referer: ${sibling}/`]],
  ['a name that begins alike, by its Referer', [`Referer: ${own}.evil.test/`]],
  ['another site, by Sec-Fetch-Site', ['Sec-Fetch-Site: cross-site']],
  ['a sibling, by Sec-Fetch-Site', ['Sec-Fetch-Site: same-site']],
]

test.each(CHANGING)('C25 A22: %s to an app with its cookie, from any page but its own, is refused', async (method) => {
  const before = await count()
  for (const [from, headers] of FOREIGN()) {
    const answer = await send(method, headers)
    expect(answer.status, from).toBe(403)
    expect(answer.json(), from).toMatchObject({ error: true, code: 'FOREIGN_ORIGIN' })
    expect(lastRow(), from).toMatchObject({ method, appId: 'notes', refused: 'FOREIGN_ORIGIN', status: 403 })
  }
  expect(await count()).toBe(before + 1)
})

test.each(CHANGING)(
  'C25: %s from the app’s own page reaches it, and from a client that is no browser',
  async (method) => {
    for (const headers of [
      [`Origin: ${own}`],
      [`Referer: ${own}/form?x=1`],
      ['Sec-Fetch-Site: same-origin'],
      // A form of a page that tells no referrer.
      ['Origin: null', 'Sec-Fetch-Site: same-origin'],
      // A script with a cookie. A browser always says where such a request comes from, so no page can look like this.
      [],
    ]) {
      const answer = await send(method, headers)
      expect(answer.status, headers.join()).toBe(200)
      expect(answer.json()).toMatchObject({ method, body: 'x=1' })
    }
  },
)

test('C25: reading is not asked where it comes from', async () => {
  for (const method of ['GET', 'OPTIONS']) {
    expect((await send(method, ['Origin: http://evil.test', 'Sec-Fetch-Site: cross-site'])).status).toBe(200)
  }
})

test('C25: without a session the answer is 401, whatever the page', async () => {
  const answer = await host.browser().send('POST', `${own}/change`, ['Origin: http://evil.test'], 'x=1')
  expect(answer.status).toBe(401)
})

test('C25: the host’s forms, sign-out and the gateway by cookie want the host’s own origin', async () => {
  const cases: [string, string][] = [
    ['/_atek/login', 'username=alice&password=x'],
    ['/_atek/logout', ''],
    ['/_atek/apps/notes/start', ''],
    ['/_atek/gateway?api=atek.cloud/users-api', '{"jsonrpc":"2.0","id":1,"method":"list"}'],
  ]
  for (const [path, body] of cases) {
    for (const from of [own, 'http://evil.test', 'null', 'http://atek.localhost', 'http://localhost']) {
      const answer = await browser.send('POST', host.edge.address() + path, [`Origin: ${from}`], body || 'x=1')
      expect(answer.status, `${path} from ${from}`).toBe(403)
      expect(lastRow(), path).toMatchObject({ refused: 'FOREIGN_ORIGIN', status: 403 })
    }
    // `null` beside same-origin is for apps with such pages; the host's own pages always tell their origin.
    const odd = ['Origin: null', 'Sec-Fetch-Site: same-origin']
    expect((await browser.send('POST', host.edge.address() + path, odd, body || 'x=1')).status).toBe(403)
  }
  expect((await browser.get(host.edge.address())).status).toBe(200)
})

test('C25: the host has no page that changes something when it is only loaded', async () => {
  for (const path of ['/_atek/logout', '/_atek/gateway?api=atek.cloud/users-api']) {
    expect((await browser.get(host.edge.address() + path)).status).toBe(404)
  }
  expect((await browser.get(host.edge.address())).status).toBe(200)
})

test('A24: an app sets cookies for its own name alone, and says nothing about where its name is served', async () => {
  const setter = await host.install('echo', 'system', 'tosser', {
    files: {
      'index.js': `require('node:http').createServer((req, res) => {
        res.setHeader('Set-Cookie', ['a=1; Domain=localhost; Path=/', 'b=2; domain = .localhost', 'c=3;DOMAIN=tosser.localhost;HttpOnly',
          'd=4; Domain', 'e=domain; Path=/', 'f=6; Path=/domain=x', 'g=7; Domain=a; Domain=b'])
        res.setHeader('Alt-Svc', 'h2="evil.test:443"')
        res.end('ok')
      }).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)`,
    },
  })
  const visitor = await host.signedIn('alice', setter.id)
  const answer = await visitor.send('GET', host.edge.appAddress(setter.id))
  expect(answer.all('set-cookie')).toEqual([
    'a=1; Path=/',
    'b=2',
    'c=3;HttpOnly',
    'd=4',
    'e=domain; Path=/',
    'f=6; Path=/domain=x',
    'g=7',
  ])
  expect(answer.header('alt-svc')).toBeNull()
})
