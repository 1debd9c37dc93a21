import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM_TOKEN } from './testing/headless-host.ts'
import { CALLERS, type ProtocolHost, rpcError, startProtocolHost } from './testing/protocol-host.ts'

let host: ProtocolHost
beforeAll(async () => {
  host = await startProtocolHost()
}, 60_000)
afterAll(() => host.dispose())

describe.each(CALLERS)('%s', (caller) => {
  test('inspect-api: isReady', async () => {
    expect(await host.as(caller, 'alice').inspect.isReady()).toBe(true)
    expect(await rpcError(host.as(caller, 'bob').inspect.isReady())).toMatchObject({ code: -32003 })
  })

  test('inspect-api: getConfig, without secrets', async () => {
    const config = await host.as(caller, 'alice').inspect.getConfig()
    expect(config).toMatchObject({ domain: 'localhost', port: host.port, configDir: host.folder })
    expect(JSON.stringify(config)).not.toContain(SYSTEM_TOKEN)
    expect(await rpcError(host.as(caller, 'bob').inspect.getConfig())).toMatchObject({ code: -32003 })
  })
})
