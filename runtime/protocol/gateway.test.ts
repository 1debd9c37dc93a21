import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tokenClients } from './testing/clients.ts'
import { type OpenHost, startOpenHost } from './testing/open-host.ts'
import { rpcError } from './testing/protocol-host.ts'

const LEDGER = 'example.com/ledger'
const METHOD_NOT_FOUND = -32601

let host: OpenHost
beforeAll(async () => {
  host = await startOpenHost()
  await host.add('api-console', 'console', 'bob')
}, 60_000)
afterAll(() => host.dispose())

test('several providers: the caller’s own first, then the one for everyone, two alike are refused', async () => {
  const bob = host.bob.any(LEDGER)
  const provider = async () => ((await bob('whoami')) as { key: string }).key
  expect(await rpcError(provider())).toMatchObject({ code: METHOD_NOT_FOUND })

  // Another user's would be the only one.
  await host.add('ledger', 'alices', 'alice')
  expect(await rpcError(provider())).toMatchObject({ code: -32036 })
  const [hidden] = await host.calls(LEDGER)
  expect(hidden).toMatchObject({ refused: 'AMBIGUOUS_PROVIDER', reason: 'Only apps of other users provide this API.' })

  const shared = await host.add('ledger', 'shared', 'system')
  expect(await provider()).toBe(shared)
  const own = await host.add('ledger', 'bobs', 'bob')
  expect(await provider()).toBe(own)
  await host.add('ledger', 'bobs-too', 'bob')
  expect(await rpcError(provider())).toEqual({
    code: -32036,
    message: 'Several apps provide this API: bobs, bobs-too. Stop all but one of them and try again.',
  })
  expect((await host.calls(LEDGER))[0]).toMatchObject({ refused: 'AMBIGUOUS_PROVIDER', rpcMethod: 'whoami' })
  await host.system.services.uninstall('bobs-too')
  expect(await provider()).toBe(own)
  // Stopped by its owner it steps back; the one for everyone answers.
  await host.bob.services.stop('bobs')
  expect(await provider()).toBe(shared)
  await host.bob.services.stop('bobs')
  await host.system.services.stop('shared')
  expect(await rpcError(provider())).toMatchObject({ code: -32031 })
  for (const id of ['alices', 'bobs', 'shared']) await host.system.services.uninstall(id)
})

test('app to app: both keys reach the provider, and the record has caller, API, method and provider', async () => {
  const key = await host.add('ledger', 'ledger', 'system')
  const console = await host.console('console', 'bob')
  const { key: caller } = await host.bob.services.get('console')
  expect(await console.any(LEDGER)('whoami')).toEqual({ user: host.keys.bob, service: caller, key })
  // A person directly: the provider's own key. The host itself: system.
  expect(await host.bob.any(LEDGER)('whoami')).toEqual({ user: host.keys.bob, service: key, key })
  expect(await host.system.any(LEDGER)('whoami')).toEqual({ user: 'system', service: 'system', key })
  const callers = (await host.calls(LEDGER)).slice(0, 3).map(({ kind, caller, appId, rpcMethod, status, refused }) => ({
    kind,
    ...caller,
    appId,
    rpcMethod,
    status,
    refused,
  }))
  const call = { kind: 'gateway', appId: 'ledger', rpcMethod: 'whoami', status: 200, refused: null }
  expect(callers).toEqual([
    { ...call, userKey: 'system', username: null, serviceKey: null, serviceId: null },
    { ...call, userKey: host.keys.bob, username: 'bob', serviceKey: null, serviceId: null },
    { ...call, userKey: host.keys.bob, username: 'bob', serviceKey: caller, serviceId: 'console' },
  ])
})

describe('answers', () => {
  test('errors of a provider arrive as they are, undefined as null or 0', async () => {
    const ledger = (await host.console('console', 'bob')).any(LEDGER)
    expect(await rpcError(ledger('fail', 'No.'))).toEqual({ code: -32003, message: 'No.' })
    expect(await rpcError(ledger('measure', 5))).toMatchObject({ code: -32001 })
    expect(await rpcError(ledger('fly'))).toMatchObject({ code: METHOD_NOT_FOUND })
    // Its server answers null; what leaves the result out, and the host's own methods, are 0.
    expect(await ledger('nothing')).toBeNull()
    expect(await ledger('echo', { deep: [1, 'ä', null] })).toEqual({ deep: [1, 'ä', null] })
    const [failed] = (await host.calls(LEDGER)).filter(({ rpcMethod }) => rpcMethod === 'fail')
    expect(failed).toMatchObject({ status: 200, refused: null, reason: 'The app answered with error -32003.' })
  })

  test('an unknown API and an unknown method are -32601, and recorded as refused', async () => {
    expect(await rpcError(host.bob.any('example.com/nothing')('hello'))).toMatchObject({
      code: METHOD_NOT_FOUND,
    })
    expect(await rpcError(host.bob.any('atek.cloud/users-api')('fly'))).toMatchObject({
      code: METHOD_NOT_FOUND,
    })
    for (const api of ['example.com/nothing', 'atek.cloud/users-api']) {
      expect((await host.calls(api))[0]).toMatchObject({
        refused: 'METHOD_NOT_FOUND',
        caller: { username: 'bob' },
        reason: expect.any(String),
      })
    }
  })

  test('no and bad credentials are HTTP 401 with a message, and recorded', async () => {
    const post = (headers: Record<string, string>, body: string) =>
      fetch(`http://localhost:${host.port}/_atek/gateway?api=${LEDGER}`, { method: 'POST', headers, body })
    const bad: Record<string, string>[] = [
      {},
      { Authorization: 'Bearer undefined' },
      { Cookie: 'atek_session=made-up' },
    ]
    for (const headers of bad) {
      const answer = await post(headers, '{"jsonrpc":"2.0","id":1,"method":"whoami"}')
      expect(answer.status).toBe(401)
      expect(await answer.json()).toEqual({
        error: true,
        code: 'NOT_SIGNED_IN',
        message: expect.stringContaining('Sign in'),
      })
      expect((await host.calls(LEDGER))[0]).toMatchObject({ refused: 'NOT_SIGNED_IN', status: 401, caller: null })
    }
    expect(await tokenClients(host.port, 'f'.repeat(64)).any(LEDGER)('whoami')).toBeUndefined()
  })

  test('what is no JSON-RPC is answered so', async () => {
    const { token } = await host.console('console', 'bob')
    const post = async (body: string | Uint8Array<ArrayBuffer>) => {
      const headers = { Authorization: `Bearer ${token}` }
      const url = `http://localhost:${host.port}/_atek/gateway?api=${LEDGER}`
      const answer = await fetch(url, { method: 'POST', headers, body })
      return { status: answer.status, ...((await answer.json()) as { id: unknown; error?: { code: number } }) }
    }
    expect(await post('{')).toMatchObject({ status: 200, id: null, error: { code: -32700 } })
    expect(await post(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({ error: { code: -32700 } })
    expect(await post('[]')).toMatchObject({ error: { code: -32600 } })
    expect(await post('{"id":"mine"}')).toMatchObject({ id: 'mine', error: { code: -32600 } })
  })
})
