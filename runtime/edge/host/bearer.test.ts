import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { User } from '../../contract/models.ts'
import { type TokenType, tokenTypeSchema } from '../../contract/schemas.ts'
import { newKey, systemRandom } from '../../core/ids.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import { type RawAnswer, rawRequest } from '../../testing/raw-http.ts'
import { startTestHost, type TestHost } from '../../testing/start-host.ts'
import { acceptBearer, BEARERS_TAKEN, type Endpoint, presentedBearer } from './bearer.ts'

const SYSTEM_TOKEN = '5e'.repeat(32)
let host: TestHost
let alice: User
let notes: AppRecord

beforeAll(async () => {
  host = await startTestHost({ systemAuthTokens: [SYSTEM_TOKEN] })
  alice = await host.user('alice')
  notes = await host.install('echo', alice.key, 'notes', {
    manifest: { exports: [{ api: 'test.org/live', path: '/ws', transport: 'proxy' }] },
  })
})
afterAll(() => host.close())

/** A good token of each type. Devices and agents have them once they are paired; here they are put in place. */
async function tokenOf(type: TokenType): Promise<string> {
  switch (type) {
    case 'app':
      return host.identity.serviceTokens.issue(notes.key)
    case 'system':
      return SYSTEM_TOKEN
    case 'user':
    case 'device':
    case 'agent': {
      const { token } = host.identity.apiTokens.create(alice.key, type, 'panel')
      if (type === 'user') return (await host.identity.apiTokens.accessFor(token)).access
      const stored = { ...token, id: newKey(systemRandom), tokenType: type, refreshHash: '' }
      host.storage.apiTokens.insert(stored, `series of ${stored.id}`)
      return (await host.identity.apiTokens.accessFor(stored)).access
    }
  }
}

const post = (path: string, body: string, lines: string[]) =>
  rawRequest(
    host.port,
    [
      `POST ${path} HTTP/1.1`,
      `Host: localhost:${host.port}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      ...lines,
    ],
    body,
  )

/** How each endpoint is asked, and what its answer is when the token counts. */
const ASK: Record<Endpoint, { ask(auth: string): Promise<RawAnswer>; taken: number }> = {
  gateway: {
    ask: (auth) =>
      post('/_atek/gateway?api=atek.cloud/services-api', '{"jsonrpc":"2.0","id":1,"method":"list"}', [auth]),
    taken: 200,
  },
  'gateway-websocket': {
    ask: (auth) =>
      rawRequest(host.port, [
        'GET /_atek/gateway?api=test.org/nobody HTTP/1.1',
        `Host: localhost:${host.port}`,
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        auth,
        'Connection: Upgrade',
      ]),
    // Let in, and then nobody provides this.
    taken: 404,
  },
  token: { ask: (auth) => post('/_atek/token', '{}', [auth]), taken: 400 },
  'token-revoke': { ask: (auth) => post('/_atek/token/revoke', '{"token":"x"}', [auth]), taken: 200 },
  validate: {
    ask: (auth) =>
      rawRequest(host.port, [
        'GET /_atek/auth/validate?service=notes HTTP/1.1',
        `Host: atek.localhost:${host.port}`,
        auth,
      ]),
    taken: 200,
  },
  app: {
    ask: (auth) => rawRequest(host.port, ['GET / HTTP/1.1', `Host: notes.localhost:${host.port}`, auth]),
    taken: 200,
  },
  page: {
    ask: (auth) => rawRequest(host.port, ['GET / HTTP/1.1', `Host: atek.localhost:${host.port}`, auth]),
    taken: 200,
  },
}

/** Without a bearer that counts: the gateway asks for one, pages lead to the sign-in page, apps are closed. */
const REFUSED: Record<Endpoint, number> = {
  gateway: 403,
  'gateway-websocket': 403,
  token: 403,
  'token-revoke': 403,
  validate: 403,
  app: 401,
  page: 303,
}

describe.each(Object.keys(ASK) as Endpoint[])('C06: %s', (endpoint) => {
  const taken: readonly TokenType[] = BEARERS_TAKEN[endpoint]
  test.each(tokenTypeSchema.options)(`C06: ${endpoint} and a token of the type %s`, async (type) => {
    const answer = await ASK[endpoint].ask(`Authorization: Bearer ${await tokenOf(type)}`)
    expect(answer.status).toBe(taken.includes(type) ? ASK[endpoint].taken : REFUSED[endpoint])
  })
})

test.each(Object.keys(BEARERS_TAKEN) as Endpoint[])('C06: %s: what is not in its row is refused', async (endpoint) => {
  const { bearers } = host.gateway
  const taken: readonly TokenType[] = BEARERS_TAKEN[endpoint]
  for (const type of tokenTypeSchema.options) {
    const presented = await presentedBearer(bearers, ['Authorization', `Bearer ${await tokenOf(type)}`])
    const accept = () => acceptBearer(bearers, endpoint, presented)
    if (taken.includes(type)) expect(accept()?.type).toBe(type)
    else expect(accept).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }))
  }
})

test('C06: a refused type is recorded in exact words, and a cookie beside it does not count instead', async () => {
  const cookie = `Cookie: ${(await host.signedIn('alice')).cookieHeader('atek.localhost')}`
  const answer = await post('/_atek/gateway?api=atek.cloud/services-api', '{}', [
    cookie,
    `Authorization: Bearer ${await tokenOf('device')}`,
  ])
  expect(answer.status).toBe(403)
  expect(answer.body).not.toContain('device')
  const { seq = 0 } = host.recorder.list({ limit: 1, visible: () => true }).rows[0] ?? {}
  expect(host.recorder.get(seq)).toMatchObject({
    refused: 'FORBIDDEN',
    reason: 'A token of the type "device" is not taken at "gateway".',
  })
})

test('C06: session and refresh tokens are no bearer anywhere', async () => {
  const session = host.identity.sessions.issue(alice.key, 'browser', 'Firefox').token
  const { refreshToken } = host.identity.apiTokens.create(alice.key, 'x', 'panel')
  for (const token of [session, refreshToken]) {
    const auth = `Authorization: Bearer ${token}`
    expect((await ASK.gateway.ask(auth)).status).toBe(401)
    expect((await ASK['gateway-websocket'].ask(auth)).status).toBe(401)
    expect((await ASK.app.ask(auth)).status).toBe(401)
    expect((await ASK.page.ask(auth)).status).toBe(303)
  }
})

test('A06: no token of the host’s, of whatever type, reaches an app; a foreign one does', async () => {
  const cookie = `Cookie: ${(await host.signedIn('alice', 'notes')).cookieHeader('notes.localhost')}`
  const seen = async (value: string) => {
    const answer = await rawRequest(host.port, [
      'GET / HTTP/1.1',
      `Host: notes.localhost:${host.port}`,
      cookie,
      `Authorization: ${value}`,
    ])
    expect(answer.status).toBe(200)
    return answer.body
  }
  const { refreshToken } = host.identity.apiTokens.create(alice.key, 'x', 'panel')
  const session = host.identity.sessions.issue(alice.key, 'browser', 'Firefox').token
  const tokens = [refreshToken, session]
  for (const type of tokenTypeSchema.options) tokens.push(await tokenOf(type))
  for (const token of tokens) {
    for (const value of [`Bearer ${token}`, `Token token="${token}"`, token]) {
      expect(await seen(value)).not.toContain(token)
      const { seq = 0 } = host.recorder.list({ limit: 1, visible: () => true }).rows[0] ?? {}
      expect(JSON.stringify(host.recorder.get(seq))).not.toContain(token)
    }
  }
  const foreign = `${Buffer.from('{"alg":"HS256","typ":"at+jwt"}').toString('base64url')}.e30.x`
  expect(await seen(`Bearer ${foreign}`)).toContain(foreign)
})
