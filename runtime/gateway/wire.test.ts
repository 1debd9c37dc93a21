import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { latin1 } from '../core/latin1.ts'
import { authHeaderLines, CallAccounts } from './auth-headers.ts'
import { parseCall } from './parse-call.ts'
import { providerAnswer } from './provider-answer.ts'

const parse = (text: string | Buffer) => parseCall(Buffer.from(text))
function codeOf(text: string | Buffer): string {
  const parsed = parse(text)
  return 'error' in parsed ? parsed.error.code : 'good'
}

describe('a call as it comes in', () => {
  test('what clients send is taken', () => {
    expect(parse('{"jsonrpc":"2.0","id":1,"method":"get","params":["a",1]}')).toMatchObject({
      id: 1,
      request: { jsonrpc: '2.0', id: 1, method: 'get', params: ['a', 1] },
    })
    expect(parse('{"jsonrpc":"2.0","method":"get"}')).toMatchObject({ id: null, request: { method: 'get' } })
  })

  test('the errors are those of the specification, under the id of the call', () => {
    expect(codeOf('{')).toBe('PARSE_ERROR')
    expect(codeOf('')).toBe('PARSE_ERROR')
    expect(codeOf(Buffer.from([0x22, 0xff, 0x22]))).toBe('PARSE_ERROR')
    expect(codeOf('[]')).toBe('BAD_REQUEST')
    expect(codeOf('null')).toBe('BAD_REQUEST')
    expect(codeOf('{"jsonrpc":"1.0","id":1,"method":"x"}')).toBe('BAD_REQUEST')
    expect(codeOf('{"jsonrpc":"2.0","id":1,"method":5}')).toBe('BAD_REQUEST')
    expect(codeOf('{"jsonrpc":"2.0","id":1,"method":"x","params":"y"}')).toBe('BAD_REQUEST')
    expect(parse('{"jsonrpc":"2.0","id":"mine"}')).toMatchObject({ id: 'mine' })
    expect(parse('{"jsonrpc":"2.0","id":{"a":1}}')).toMatchObject({ id: null })
  })

  test('nothing makes it throw', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseCall(Buffer.from(bytes))))
    fc.assert(fc.property(fc.json(), (json) => void parse(json)))
  })
})

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

test('A45: what is nested too deeply is refused before anything is made of it', () => {
  const call = (params: string) => codeOf(`{"jsonrpc":"2.0","id":1,"params":${params},"method":"m"}`)
  const answer = (result: string) => () =>
    providerAnswer('3', false, 200, `{"jsonrpc":"2.0","id":3,"result":${result}}`)
  // Within the object that the whole is.
  expect(call(nested(LIMITS.rpcDepth - 1))).toBe('good')
  expect(call(nested(LIMITS.rpcDepth))).toBe('PARSE_ERROR')
  expect(answer(nested(LIMITS.rpcDepth - 1))).not.toThrow()
  expect(answer(nested(LIMITS.rpcDepth))).toThrow(/nested too deeply/)
  // Brackets in texts are none.
  expect(call(JSON.stringify(['"[\\'.repeat(LIMITS.rpcDepth)]))).toBe('good')
  const parsed = vi.spyOn(JSON, 'parse')
  call(nested(100_000))
  expect(parsed).not.toHaveBeenCalled()
  parsed.mockRestore()
})

describe("a provider's answer", () => {
  const text = (body: string, status = 200) =>
    Buffer.from(providerAnswer('3', false, status, latin1(body)).bytes, 'latin1').toString('utf8')
  const answer = (json: unknown, status = 200): unknown => JSON.parse(text(JSON.stringify(json), status))

  test('result and error pass, under the id of the caller', () => {
    expect(answer({ jsonrpc: '2.0', id: 9, result: { a: 1 } })).toEqual({ jsonrpc: '2.0', id: 3, result: { a: 1 } })
    const error = { code: -32050, message: 'No.', data: [1] }
    expect(answer({ jsonrpc: '2.0', id: 9, error: { ...error, stack: 'x' } })).toEqual({ jsonrpc: '2.0', id: 3, error })
  })

  test('undefined becomes 0, null stays null', () => {
    expect(answer({ jsonrpc: '2.0', id: 3 })).toMatchObject({ result: 0 })
    expect(answer({ jsonrpc: '2.0', id: 3, result: null })).toMatchObject({ result: null })
  })

  test('what is not UTF-8 in it becomes the mark for that, once and for every caller', () => {
    const broken = Buffer.from('{"jsonrpc":"2.0","result":"a\xffb"}', 'latin1').toString('latin1')
    const { bytes } = providerAnswer('3', false, 200, broken)
    expect(Buffer.from(bytes, 'latin1').toString('utf8')).toBe('{"jsonrpc":"2.0","id":3,"result":"a\u{fffd}b"}')
  })

  test('anything else is the fault of the provider, and said to be', () => {
    const bad = [
      () => answer({ jsonrpc: '2.0', result: 1 }, 500),
      () => answer({ jsonrpc: '2.0', result: 1 }, 302),
      () => answer({ result: 1 }),
      () => answer([]),
      () => answer({ jsonrpc: '2.0', error: 'no' }),
      () => text('<html>'),
      () => text(''),
    ]
    for (const run of bad) {
      expect(run).toThrow(AppError)
      expect(run).toThrow(/The app that provides this API answered with/)
    }
    expect(JSON.parse(providerAnswer('null', true, 204, '').bytes)).toEqual({ jsonrpc: '2.0', id: null, result: 0 })
  })
})

test('A01: the record shows what a caller forged beside what the provider received', () => {
  const auth = { user: 'u', userLabel: 'alice', service: 's', serviceLabel: 'Notes' }
  const caller = { kind: 'app', appKey: 's', ownerKey: 'u' } as const
  const sent = ['ATEK-AUTH-USER', 'admin', 'Atek_Auth_Service', 'x', 'Accept', '*/*', 'atek.auth.user', 'y']
  const lines = authHeaderLines(caller, sent, auth)
  expect(lines.map(({ name, sent, received, action }) => [name, sent, received, action])).toEqual([
    ['Atek-Auth-User', 'admin', 'u', 'replaced'],
    ['Atek-Auth-Service', null, 's', 'injected'],
    ['Authorization', 'Bearer •••', null, 'stripped'],
    ['Atek_Auth_Service', 'x', null, 'stripped'],
    ['atek.auth.user', 'y', null, 'stripped'],
  ])
  expect(lines.map(({ label }) => label)).toEqual(['alice', 'Notes', null, null, null])
  const many = Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? 'Atek-X' : 'v'.repeat(1000)))
  expect(JSON.stringify(authHeaderLines(caller, many, auth)).length).toBeLessThan(20_000)
})

test('one account tells of all calls of a caller to a provider, and names them as they are called now', () => {
  const accounts = new CallAccounts()
  const auth = { user: 'u', userLabel: 'alice', service: 's', serviceLabel: 'Notes' }
  const app = { kind: 'app', appKey: 's', ownerKey: 'u' } as const
  const first = accounts.of(app, auth)
  expect(accounts.of(app, { ...auth })).toBe(first)
  const labels = (account: typeof first) => account.lines([]).map(({ label }) => label)
  expect(labels(accounts.of(app, { ...auth, userLabel: 'alicia' }))).toEqual(['alicia', 'Notes', null])
  expect(labels(accounts.of(app, { ...auth, serviceLabel: 'Diary' }))).toEqual(['alice', 'Diary', null])
  expect(labels(accounts.of({ kind: 'system' }, auth))).toEqual(['alice', 'Notes', null])
  const user = { key: 'u', username: 'alice', role: '', createdAt: 1 } as const
  const lines = (caller: Parameters<typeof accounts.of>[0]) =>
    accounts
      .of(caller, auth)
      .auth([])
      .map(({ name, reason }) => `${name}: ${reason}`)
  expect(lines({ kind: 'user', user, sessionId: 'x' })[2]).toMatch(/^Cookie/)
  expect(lines({ kind: 'user', user, sessionId: 'x', byToken: true })[2]).toMatch(/^Authorization/)
})
