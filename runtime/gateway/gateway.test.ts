import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../contract/errors.ts'
import type { TrafficDetails } from '../contract/models.ts'
import { errorOf, type GatewayHost, gatewayHost, resultOf } from './testing/gateway-host.ts'

interface Seen {
  url: string
  rawHeaders: string[]
  rpc: unknown
  app: string
}

let host: GatewayHost

beforeAll(async () => {
  const api = (name: string, more = {}) => [{ api: `test/${name}`, ...more }]
  host = await gatewayHost(({ alice, bob }) => [
    { id: 'shared', owner: 'system', title: 'Shared', exports: [...api('common'), ...api('twice')] },
    { id: 'lazy', owner: 'system', exports: api('lazy') },
    { id: 'shared2', owner: 'system', exports: api('twice') },
    {
      id: 'mine',
      owner: alice,
      title: 'Mine',
      exports: [
        { api: 'test/common', path: '/own/rpc?v=1' },
        { api: 'test/live', path: '/ws', transport: 'proxy' },
        { api: 'atek.cloud/users-api' },
      ],
    },
    { id: 'bobs', owner: bob, title: "Bob's", exports: api('private') },
    { id: 'asleep', owner: 'system', autostart: 'never', exports: api('asleep') },
    { id: 'halted', owner: 'system', enabled: false, exports: api('halted') },
  ])
})
afterAll(() => host.dispose())

/** Values of a header as the provider got it, in raw lines. */
function received({ rawHeaders }: Seen, name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name)
}

async function refusal(work: Promise<unknown>): Promise<{ code: string; recorded: TrafficDetails }> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof AppError)) throw new Error('It was not refused.')
  return error as AppError & { recorded: TrafficDetails }
}

describe('what a provider receives', () => {
  test('C20: from an app, its owner and its key, each exactly once, and nothing that the caller sent', async () => {
    const forged = [
      'Atek-Auth-User',
      'system',
      'atek_auth_service',
      'x',
      'Authorization',
      'Bearer abc',
      'Cookie',
      'a=b',
    ]
    const called = await host.call(host.asApp('bobs'), 'test/common', 'hello', ['you', { a: 1 }], forged)
    const seen = resultOf<Seen>(called)
    expect(seen.app).toBe(host.app('shared').key)
    expect(seen.url).toBe('/api')
    expect(received(seen, 'atek-auth-user')).toEqual([host.bob.key])
    expect(received(seen, 'atek-auth-service')).toEqual([host.app('bobs').key])
    expect(received(seen, 'authorization')).toEqual([])
    expect(received(seen, 'cookie')).toEqual([])
    expect(received(seen, 'host')).toEqual(['shared.localhost:8420'])
    expect(seen.rpc).toEqual({ jsonrpc: '2.0', id: 7, method: 'hello', params: ['you', { a: 1 }] })
    expect(called.response).toMatchObject({ jsonrpc: '2.0', id: 7 })
    expect(called.details).toMatchObject({
      appKey: host.app('shared').key,
      appId: 'shared',
      rpcApi: 'test/common',
      rpcMethod: 'hello',
      refused: null,
      authHeaders: [
        { name: 'Atek-Auth-User', sent: 'system', received: host.bob.key, action: 'replaced', label: 'bob' },
        { name: 'Atek-Auth-Service', sent: null, received: host.app('bobs').key, label: "Bob's" },
        { name: 'Authorization', received: null, action: 'stripped' },
        { name: 'atek_auth_service', sent: 'x', received: null, action: 'stripped' },
      ],
    })
    expect(called.details.timing.forwardedMs).not.toBeNull()
  })

  test("from a person, their key and the provider's own", async () => {
    const seen = resultOf<Seen>(await host.call(await host.asUser('bob'), 'test/common', 'x'))
    expect(received(seen, 'atek-auth-user')).toEqual([host.bob.key])
    expect(received(seen, 'atek-auth-service')).toEqual([host.app('shared').key])
  })

  test('from a token of the host itself, system twice', async () => {
    const seen = resultOf<Seen>(await host.call({ kind: 'system' }, 'test/common', 'x'))
    expect(received(seen, 'atek-auth-user')).toEqual(['system'])
    expect(received(seen, 'atek-auth-service')).toEqual(['system'])
  })

  test('the path of the manifest, query included', async () => {
    const seen = resultOf<Seen>(await host.call(await host.asUser('alice'), 'test/common', 'x'))
    expect(seen).toMatchObject({ url: '/own/rpc?v=1', app: host.app('mine').key })
  })
})

describe('what comes back', () => {
  const answers: [method: string, expected: unknown][] = [
    ['nothing', { id: 7, result: 0 }],
    ['fail', { id: 7, error: { code: -32050, message: 'No.', data: { a: 1 } } }],
    ['wrong-id', { id: 7, result: 1 }],
    ['status', { id: 7, error: { code: -32034 } }],
    ['html', { id: 7, error: { code: -32034 } }],
    ['other', { id: 7, error: { code: -32034 } }],
    ['silent', { id: 7, error: { code: -32034 } }],
  ]
  test.each(answers)('%s', async (method, expected) => {
    const { response } = await host.call(host.asApp('bobs'), 'test/common', method)
    expect(response).toMatchObject({ jsonrpc: '2.0', ...(expected as object) })
  })

  test('an app that breaks off is an error of its own, and the next call works', async () => {
    const called = await host.call(host.asApp('bobs'), 'test/common', 'break')
    expect([-32033, -32034]).toContain(errorOf(called))
    expect(called.details.refused).not.toBeNull()
    resultOf(await host.call(host.asApp('bobs'), 'test/common', 'x'))
  })

  test('a call that is no call is answered so, to those who may call at all', async () => {
    expect(errorOf(await host.raw(host.asApp('bobs'), 'test/common', '{'))).toBe(-32700)
    expect(errorOf(await host.raw(host.asApp('bobs'), 'test/common', '[]'))).toBe(-32600)
    expect((await refusal(host.raw({ kind: 'none' }, 'test/common', '{'))).code).toBe('NOT_SIGNED_IN')
  })
})

describe('who may call whom', () => {
  test("A07: another user's app is not asked and not named, and the record says why", async () => {
    const foreign = await host.call(await host.asUser('alice'), 'test/private', 'x')
    expect(errorOf(foreign)).toBe(-32036)
    expect(JSON.stringify(foreign.response)).not.toContain('bobs')
    expect(foreign.details).toMatchObject({ refused: 'AMBIGUOUS_PROVIDER', appKey: null })
    expect(foreign.details.reason).toBe('Only apps of other users provide this API.')
    expect(errorOf(await host.call({ kind: 'system' }, 'test/private', 'x'))).toBe(-32036)
    expect(errorOf(await host.call(await host.asUser('alice'), 'test/nobody', 'x'))).toBe(-32601)
    expect(host.apps.state(host.app('bobs').key).state).toBe('stopped')
  })

  test('C21: without credentials nothing reaches an app, and nothing is learnt', async () => {
    for (const api of ['test/common', 'test/nobody', 'atek.cloud/users-api', 'atek.cloud/user-sessions-api']) {
      const { code, recorded } = await refusal(host.call({ kind: 'none' }, api, 'anything'))
      expect(code).toBe('NOT_SIGNED_IN')
      expect(recorded).toMatchObject({ refused: 'NOT_SIGNED_IN', appKey: null, rpcApi: api })
      expect(recorded.timing.forwardedMs).toBeNull()
    }
  })

  test('several that fit equally well are named', async () => {
    const { response } = await host.call(host.asApp('bobs'), 'test/twice', 'x')
    expect(response).toMatchObject({ error: { code: -32036, message: expect.stringContaining('shared, shared2') } })
  })

  test("an app cannot stand in for one of the host's own APIs", async () => {
    const called = await host.call(host.asApp('mine'), 'atek.cloud/users-api', 'get', [host.bob.key])
    expect(resultOf(called)).toEqual({ key: host.bob.key, username: 'bob', role: '' })
    expect(called.details.appKey).toBeNull()
  })
})

describe('a provider that does not run', () => {
  test('is started by the call when it may be', async () => {
    const { key } = host.app('lazy')
    expect(host.apps.state(key).state).toBe('stopped')
    const [first, second] = await Promise.all([
      host.call(host.asApp('bobs'), 'test/lazy', 'x'),
      host.call(host.asApp('mine'), 'test/lazy', 'x'),
    ])
    expect([resultOf<Seen>(first).app, resultOf<Seen>(second).app]).toEqual([key, key])
    expect(host.apps.state(key).state).toBe('running')
  })

  test.each(['asleep', 'halted'])('%s: is named when it may not', async (id) => {
    const called = await host.call(host.asApp('bobs'), `test/${id}`, 'x')
    expect(called.response).toMatchObject({ error: { code: -32031, message: expect.stringContaining(id) } })
    expect(called.details).toMatchObject({ refused: 'APP_STOPPED', appKey: host.app(id).key })
  })
})

describe('the proxy transport', () => {
  test('leads to the path of the manifest, with the two headers', async () => {
    const { route, details } = await host.route(host.asApp('mine'), 'test/live')
    const { key } = host.app('mine')
    expect(route).toEqual({ appKey: key, path: '/ws', authUser: host.alice.key, authService: key })
    expect(details).toMatchObject({ appKey: key, rpcApi: 'test/live', refused: null })
    expect(details.authHeaders).toHaveLength(3)
  })

  test('is refused like a call', async () => {
    expect((await refusal(host.route({ kind: 'none' }, 'test/live'))).code).toBe('NOT_SIGNED_IN')
    expect((await refusal(host.route(host.asApp('bobs'), 'test/live'))).code).toBe('AMBIGUOUS_PROVIDER')
    expect((await refusal(host.route(host.asApp('mine'), 'test/common'))).code).toBe('METHOD_NOT_FOUND')
    expect((await refusal(host.route(host.asApp('mine'), 'atek.cloud/users-api'))).code).toBe('METHOD_NOT_FOUND')
  })
})
