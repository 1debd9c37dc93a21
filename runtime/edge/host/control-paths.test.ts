import { afterAll, beforeAll, expect, test } from 'vitest'
import { CONTROL } from '../../contract/control.ts'
import { rawExchange } from '../../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../../testing/start-host.ts'

let host: TestHost
let cookies: string[]

const MANY = { signedIn: 1_000_000, others: 1_000_000 }

beforeAll(async () => {
  host = await startTestHost({ rateLimits: { app: MANY, gateway: MANY, page: MANY } })
  await host.user('alice')
  await host.install('echo', 'system', 'notes')
  // An administrator's session: even with it there is nothing to reach.
  const browser = await host.signedIn('alice', 'notes')
  cookies = [browser.cookieHeader('atek.localhost'), browser.cookieHeader('notes.localhost')]
})
afterAll(() => host.close())

const hosts = () => [
  `atek.localhost:${host.port}`,
  `localhost:${host.port}`,
  `127.0.0.1:${host.port}`,
  `[::1]:${host.port}`,
  `control.localhost:${host.port}`,
  'app',
  'localhost',
  `atek.localhost:${host.port}@evil.test`,
  `atek.localhost.evil.test:${host.port}`,
]

const paths = (method: string) => [
  `/${method}`,
  `/control/${method}`,
  `/_atek/${method}`,
  `/_atek/control/${method}`,
  `/_atek/${method.replace('.', '/')}`,
  `/_atek/control?method=${method}`,
  `/_atek/rpc/${method}`,
]

test('A62: no method of the control API has an address, whatever the Host says', async () => {
  for (const method of Object.keys(CONTROL)) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [{}] })
    await Promise.all(
      hosts().map(async (name) => {
        const head = [`Host: ${name}`, `Cookie: ${cookies.join('; ')}`, `Origin: http://${name}`]
        const post = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
        const requests = paths(method).flatMap((path) => [
          `GET ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`,
          `POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n${post}`,
        ])
        for (const request of requests) {
          const [answer] = await rawExchange(host.port, request)
          expect([400, 401, 404, 421], `${name} ${request.split('\r\n', 1)[0]}`).toContain(answer?.status)
        }
      }),
    )
  }
}, 120_000)

test('A62: the gateway does not lead there either', async () => {
  const head = [`Host: atek.localhost:${host.port}`, `Cookie: ${cookies[0]}`, `Origin: ${host.edge.address()}`]
  for (const method of Object.keys(CONTROL)) {
    for (const api of ['control', 'atek.cloud/control', 'atek.cloud/control-api', method, '']) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [{}] })
      const [answer] = await rawExchange(
        host.port,
        `POST /_atek/gateway?api=${encodeURIComponent(api)} HTTP/1.1\r\n${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
      expect(answer?.json()).toMatchObject({ error: { code: expect.any(Number) } })
    }
  }
}, 60_000)
