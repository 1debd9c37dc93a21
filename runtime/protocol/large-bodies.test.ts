import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { type OpenHost, startOpenHost } from './testing/open-host.ts'

const LEDGER = 'example.com/ledger'
/** As much as fits beside the rest of a call. */
const MOST = LIMITS.rpcBodyBytes - 200

let host: OpenHost
beforeAll(async () => {
  host = await startOpenHost()
  await host.add('ledger', 'ledger', 'system')
}, 60_000)
afterAll(() => host.dispose())

test('10 MB go to a provider and come back from one, through the published client', async () => {
  const ledger = host.bob.any(LEDGER)
  expect(await ledger('measure', 'x'.repeat(MOST))).toBe(MOST)
  expect(String(await ledger('make', MOST)).length).toBe(MOST)
  const [made, measured] = await host.calls(LEDGER)
  expect(measured).toMatchObject({ rpcMethod: 'measure', status: 200, state: 'done', refused: null })
  expect(measured?.bytesIn).toBeGreaterThan(MOST)
  expect(made).toMatchObject({ rpcMethod: 'make', status: 200, refused: null })
  expect(made?.bytesOut).toBeGreaterThan(MOST)
})

test('more than 10 MB are refused, and recorded', async () => {
  const post = await fetch(`http://localhost:${host.port}/_atek/gateway?api=${LEDGER}`, {
    method: 'POST',
    headers: { Cookie: host.bob.keeper.header },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'measure', params: ['x'.repeat(LIMITS.rpcBodyBytes)] }),
  })
  expect(post.status).toBe(413)
  expect(await post.json()).toMatchObject({ error: true, code: 'TOO_LARGE' })
})
