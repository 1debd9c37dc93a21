import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LIMITS } from '../contract/limits.ts'
import { type ParsedCall, parseCall, ReadCall } from './parse-call.ts'
import { readCallBody } from './streaming/call-body.ts'
import { errorOf, type GatewayHost, gatewayHost, resultOf } from './testing/gateway-host.ts'
import { topMembers } from './top-members.ts'

let host: GatewayHost
beforeAll(async () => {
  host = await gatewayHost(() => [{ id: 'shared', owner: 'system', exports: [{ api: 'test/exact' }] }])
})
afterAll(() => host.dispose())

/** A call's text as its provider gets it. */
async function arrived(body: string): Promise<string> {
  return resultOf<{ text: string }>(await host.raw(host.asApp('shared'), 'test/exact', body)).text
}
/** The text of an answer that the provider gives word for word. */
async function answered(text: string): Promise<string> {
  const called = await host.call(host.asApp('shared'), 'test/exact', 'exact', [text])
  return called.text
}
function read(parsed: ParsedCall): ReadCall {
  if (!(parsed instanceof ReadCall)) throw parsed.error
  return parsed
}
const forwarded = (text: string) =>
  read(parseCall(Buffer.from(text)))
    .forProvider()
    .toString('utf8')

describe('a call', () => {
  test.each([
    ['numbers beyond 2^53', '{"jsonrpc":"2.0","id":1,"method":"m","params":[9007199254740993,1e400,0.10,-0]}'],
    ['keys that are there twice', '{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"a":2,"__proto__":{"b":3}}}'],
    ['blanks, order and escapes', ' {"params" : [ "\\u00e4\\/" ],\n"method":"m", "id":"\\u0031" ,"jsonrpc":"2.0"}\r\n'],
    ['more than ASCII', '{"jsonrpc":"2.0","id":"ä","method":"grüße","params":["😀","\\ud83d"]}'],
    [
      'names of its own inside of the parameters',
      '{"jsonrpc":"2.0","method":"m","params":{"method":"x","id":[{"id":1}]}}',
    ],
  ])('reaches its provider as the very bytes that were checked: %s', async (_what, text) => {
    expect(await arrived(text)).toBe(text)
  })

  test('an id that is too long for a number comes back as it was', async () => {
    const text = '{"jsonrpc":"2.0","id":12345678901234567890,"method":"nothing"}'
    const called = await host.raw(host.asApp('shared'), 'test/exact', text)
    expect(called.text).toBe('{"jsonrpc":"2.0","id":12345678901234567890,"result":0}')
  })

  test('the id of a long call, too, is passed on and told as it was', async () => {
    const id = '12345678901234567890'
    const params = `["${'x'.repeat(2 * LIMITS.rpcWholeBytes)}"]`
    const text = `{"jsonrpc":"2.0","method":"m","params":${params},"id":${id}}`
    // Within the parameters, so that it is begun before it is whole; and within the id.
    const pieces = [text.slice(0, -100), text.slice(-100, -10), text.slice(-10)].map((piece) => Buffer.from(piece))
    const begun = await readCallBody(Readable.from(pieces), { whole: false, hold: () => {} })
    if ('whole' in begun) throw new Error('It was held.')
    const passed = Buffer.concat(await begun.forProvider.toArray()).toString()
    expect(passed).toBe(text)
    expect(await begun.finished).toMatchObject({ idText: id, notification: false })
  })

  test.each(['jsonrpc', 'id', 'method', 'params'])(
    'A10: "%s" twice is refused, also where one is spelled otherwise: readers differ about which one counts',
    async (name) => {
      const values = { jsonrpc: '"2.0"', id: '7', method: '"m"', params: '[]' }
      const [first = '', ...rest] = name
      const escaped = `\\u${first.charCodeAt(0).toString(16).padStart(4, '0')}${rest.join('')}`
      for (const again of [name, escaped]) {
        const members = Object.entries(values).map(([key, value]) => `"${key}":${value}`)
        const text = `{${members.join(',')},"${again}":${Reflect.get(values, name)}}`
        const called = await host.raw(host.asApp('shared'), 'test/exact', text)
        expect(called.response).toMatchObject({
          id: name === 'id' ? null : 7,
          error: { code: -32600, message: `The body has "${name}" twice.` },
        })
        expect(called.details.timing.forwardedMs).toBeNull()
      }
    },
  )

  test.each([
    ['names that only some readers take for ours', '"METHOD":"other","Params":[0],', ''],
    ['members that are nobody’s', '"a":{"method":"other","jsonrpc":[1]},"__proto__":{"method":"x"},', ''],
    ['a byte order mark', '', '\u{feff}'],
  ])('A10: %s are left out, and the parameters stay as they were', async (_what, more, before) => {
    const params = '{"n":9007199254740993,"a":1,"a":"ä"}'
    const text = `${before}{${more}"params":${params},"id":1e0,"method":"m","jsonrpc":"2.0"}`
    expect(await arrived(text)).toBe(`{"jsonrpc":"2.0","id":1e0,"method":"m","params":${params}}`)
  })

  test('A10: a name that is spelled with escapes reaches the provider without them', async () => {
    const text = '{"jsonrpc":"2.0","\\u006dethod":"m","i\\u0064":1,"p\\u0061rams":[1]}'
    expect(await arrived(text)).toBe('{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}')
  })

  test('A10: whatever a call is made of, the provider reads what the host has read', () => {
    const names = ['jsonrpc', 'id', 'method', 'params', 'Method', 'other', '\\u0069d', 'meth\\u006fd', '__proto__']
    const member = fc.tuple(fc.constantFrom(...names), fc.oneof(fc.json(), fc.constantFrom('"2.0"', '"m"', '1', '[]')))
    const body = fc
      .tuple(fc.array(member, { maxLength: 4 }), fc.constantFrom('', ' ', '\n'))
      .map(([members, blank]) => {
        const all: [string, string][] = [['jsonrpc', '"2.0"'], ['method', '"m"'], ...members]
        return `{${all.map(([name, value]) => `${blank}"${name}"${blank}:${blank}${value}`).join(',')}}`
      })
    fc.assert(
      fc.property(body, (text) => {
        const parsed = parseCall(Buffer.from(text))
        if (!(parsed instanceof ReadCall)) return
        const { id, method, params } = JSON.parse(text)
        const passed = JSON.parse(parsed.forProvider().toString('utf8'))
        expect(Object.keys(passed).filter((name) => !['jsonrpc', 'id', 'method', 'params'].includes(name))).toEqual([])
        expect({ id: passed.id, method: passed.method, params: passed.params }).toEqual({ id, method, params })
        expect(parsed.request).toMatchObject({ method })
        expect(JSON.parse(parsed.idText)).toEqual(id ?? null)
      }),
      { numRuns: 2000 },
    )
  })

  test('a call without anything strange is not copied', () => {
    const body = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"m","params":[]}')
    expect(read(parseCall(body)).forProvider()).toBe(body)
    expect(forwarded('{"jsonrpc":"2.0","method":"m","x":1}')).toBe('{"jsonrpc":"2.0","method":"m"}')
  })
})

describe('an answer', () => {
  test.each(['9007199254740993', '{"a":1,"a":2}', '[1e400, "\\u00e4ä😀"]', 'null', '0.10'])(
    'reaches the caller as the app wrote it: %s',
    async (result) => {
      expect(await answered(` {"id":3, "result" : ${result} ,"jsonrpc":"2.0","x":1}`)).toBe(
        `{"jsonrpc":"2.0","id":7,"result":${result}}`,
      )
    },
  )

  test('that has its result, or an error, twice is none, as with long ones', async () => {
    for (const twice of ['"result":1,"result":2', '"error":{"code":1,"message":"a"},"e\\u0072ror":{}']) {
      const text = `{"jsonrpc":"2.0","id":3,${twice}}`
      expect(errorOf(await host.call(host.asApp('shared'), 'test/exact', 'exact', [text]))).toBe(-32034)
    }
  })
})

test('members are found as JSON.parse reads them, in any JSON', () => {
  const wanted = new Set(['a', 'b', 'id'])
  const objects = fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', 'id'), fc.string()), fc.jsonValue())
  fc.assert(
    fc.property(objects, fc.constantFrom(undefined, 1, '\t'), (object, blanks) => {
      const text = JSON.stringify(object, null, blanks)
      const found = topMembers(Buffer.from(text).toString('latin1'), wanted)
      const expected = Object.entries(JSON.parse(text)).filter(([name]) => wanted.has(name))
      const texts = [...(found?.texts ?? [])].map(([name, value]) => [name, Buffer.from(value, 'latin1').toString()])
      expect(texts.map(([name, value]) => [name, JSON.parse(value ?? '')])).toEqual(expected)
      expect(found?.twice).toBeNull()
      expect(found?.plain).toBe(expected.length === Object.keys(object).length)
    }),
  )
})
