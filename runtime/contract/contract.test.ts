import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { AppError, ERRORS, toErrorData } from './errors.ts'
import { positional, rpcError, rpcRequestSchema, rpcResult } from './jsonrpc.ts'
import { manifestSchema } from './manifest.ts'
import { parseInput } from './parse-input.ts'
import { appIdSchema, configSchema, usernameSchema } from './schemas.ts'

describe('A40: app IDs', () => {
  test.each(['a', 'notes', 'a-b', 'x1', `a${'b'.repeat(62)}`])('%s is one', (id) => {
    expect(appIdSchema.safeParse(id).success).toBe(true)
  })

  test.each([
    '',
    '../x',
    'a/b',
    'A',
    'Notes',
    '1a',
    '-a',
    'a.b',
    'a_b',
    'a b',
    'ä',
    'a\n',
    'a\0',
    `a${'b'.repeat(63)}`,
    'atek',
    'www',
    'api',
    'system',
    'localhost',
    'con',
    'prn',
    'aux',
    'nul',
    'com1',
    'lpt9',
  ])('%j is none', (id) => {
    expect(appIdSchema.safeParse(id).success).toBe(false)
  })
})

describe('A44: config keys', () => {
  test.each([
    'NODE_OPTIONS',
    'node_options',
    'PATH',
    'Path',
    'LD_PRELOAD',
    'DYLD_INSERT_LIBRARIES',
    'OPENSSL_CONF',
    'GCONV_PATH',
    'ELECTRON_RUN_AS_NODE',
    'ATEK_HOST_BEARER_TOKEN',
    'atek_anything',
    'a=b',
    '',
    '__proto__-x',
    'A B',
  ])('%j is refused with a sentence', (key) => {
    expect(() => parseInput(configSchema, { [key]: 'x' })).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', message: expect.stringMatching(/cannot be set|letters, digits/) }),
    )
  })

  test('others are kept, a zero byte in a value is refused', () => {
    expect(parseInput(configSchema, { greeting: 'hello', DATABASE_URL: 'x' })).toEqual({
      greeting: 'hello',
      DATABASE_URL: 'x',
    })
    expect(() => parseInput(configSchema, { a: 'x\0y' })).toThrow(/zero byte/)
  })
})

describe('A29: usernames are what they look like', () => {
  test.each(['alice', 'Ålice', 'a.b', 'bob@example.com', '李'])('%s is one', (name) => {
    expect(usernameSchema.safeParse(name).success).toBe(true)
  })
  test.each(['', ' alice', 'alice ', 'a\u202Eb', 'a\x1b[31m', '<b>', 'system', 'SYSTEM', 'a\nb'])(
    '%j is none',
    (name) => {
      expect(usernameSchema.safeParse(name).success).toBe(false)
    },
  )
})

describe('errors', () => {
  test('C51: what is not ours becomes INTERNAL without its text', () => {
    expect(JSON.stringify(toErrorData(new Error('SELECT secret FROM /home/me')))).not.toMatch(/secret|home/)
    expect(toErrorData(new AppError('NOT_FOUND', 'Gone.'))).toEqual({ code: 'NOT_FOUND', message: 'Gone.' })
  })

  test('statuses are HTTP errors, and JSON-RPC numbers the specification’s or in its free range', () => {
    for (const [code, { status, rpc }] of Object.entries(ERRORS)) {
      expect(status, code).toBeGreaterThanOrEqual(400)
      expect(status, code).toBeLessThan(600)
      expect(rpc <= -32000 && rpc >= -32768, code).toBe(true)
    }
  })

  test('an input’s error names its field', () => {
    expect(() => parseInput(z.object({ a: z.object({ b: z.string() }) }), { a: { b: 1 } })).toThrow(
      expect.objectContaining({ details: { field: 'a.b' } }),
    )
  })
})

describe('JSON-RPC', () => {
  test('a result of undefined becomes 0 (PROTOCOL)', () => {
    expect(rpcResult(1, undefined)).toEqual({ jsonrpc: '2.0', id: 1, result: 0 })
  })
  test('an error carries the number of its code', () => {
    expect(rpcError('x', { code: 'METHOD_NOT_FOUND', message: 'No.' })).toMatchObject({
      id: 'x',
      error: { code: -32601, message: 'No.' },
    })
  })
  test('parameters come as a list, or not at all', () => {
    expect(positional(undefined)).toEqual([])
    expect(positional([1])).toEqual([1])
    expect(() => positional({ a: 1 })).toThrow(/as a list/)
    expect(rpcRequestSchema.safeParse({ jsonrpc: '1.0', method: 'a' }).success).toBe(false)
  })
})

test('a manifest keeps keys that it does not know, and a wrong type names its key', () => {
  expect(parseInput(manifestSchema, { title: 'T', later: [1], exports: [{ api: 'x' }] })).toEqual({
    title: 'T',
    later: [1],
    exports: [{ api: 'x', path: '/', transport: 'rpc' }],
  })
  expect(() => parseInput(manifestSchema, { exports: [{ api: 5 }] })).toThrow(
    expect.objectContaining({ details: { field: 'exports.0.api' } }),
  )
})
