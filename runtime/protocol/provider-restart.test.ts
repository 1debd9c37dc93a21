import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type OpenHost, startOpenHost } from './testing/open-host.ts'
import { rpcError } from './testing/protocol-host.ts'

const LEDGER = 'example.com/ledger'

let host: OpenHost
beforeAll(async () => {
  host = await startOpenHost()
  await host.add('api-console', 'console', 'bob')
  await host.add('ledger', 'ledger', 'system')
}, 60_000)
afterAll(() => host.dispose())

test('a provider that restarts during calls: each is answered once or fails clearly, and is never done twice', async () => {
  const ledger = (await host.console('console', 'bob')).any(LEDGER)
  let calls = 0
  let restarting = true
  const outcomes = new Map<string, unknown>()
  const caller = async () => {
    while (restarting || calls < 20) {
      const line = `line ${++calls}`
      const outcome = await ledger('add', line, 20).catch((error: { code: number }) => error.code)
      outcomes.set(line, outcome)
    }
  }
  const callers = Promise.all([caller(), caller(), caller(), caller()])
  for (let n = 0; n < 3; n++) await host.system.services.restart('ledger')
  restarting = false
  await callers

  const lines = (await ledger('lines')) as string[]
  expect(new Set(lines).size).toBe(lines.length)
  for (const [line, outcome] of outcomes) {
    // -32033: it went down while it had the call, which may have been done and is not done again. -32034: cut off.
    expect([line, -32033, -32034]).toContain(outcome)
    if (outcome === line) expect(lines).toContain(line)
  }
  expect([...outcomes.values()].filter((outcome) => typeof outcome === 'string').length).toBeGreaterThan(5)
})

test('a provider that crashes during a call: the caller gets an error at once, and later calls are answered again', async () => {
  const ledger = (await host.console('console', 'bob')).any(LEDGER)
  const waiting = rpcError(ledger('add', 'long', 60_000))
  await vi.waitFor(async () => expect(await ledger('lines')).toContain('long'))
  const crash = await rpcError(ledger('crash'))
  expect(crash).toMatchObject({ code: -32033, message: expect.stringContaining('cannot be reached') })
  expect(await waiting).toMatchObject({ code: -32033 })
  const [recorded] = (await host.calls(LEDGER)).filter(({ rpcMethod }) => rpcMethod === 'crash')
  expect(recorded).toMatchObject({ refused: 'APP_UNREACHABLE', appId: 'ledger', state: 'done' })
  await vi.waitFor(async () => expect(await ledger('echo', 'again')).toBe('again'), 15_000)
  expect(((await ledger('lines')) as string[]).filter((line) => line === 'long')).toHaveLength(1)
})
