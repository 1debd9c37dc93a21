import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bodyPreview } from './body-preview.ts'
import { BodyStore, type KeptBody } from './body-store.ts'

function body(bytes: Buffer, whole = bytes.length): KeptBody {
  return { chunks: [bytes], kept: bytes.length, bytes: whole }
}

function preview(bytes: Buffer, headers: Record<string, string> = {}, whole?: number, longest = 1000) {
  return bodyPreview(body(bytes, whole), (name) => headers[name] ?? null, longest)
}

const TEXT = 'Ein grüner Text. '.repeat(20)

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
] as const)('%s is undone', async (encoding, pack) => {
  const shown = await preview(pack(Buffer.from(TEXT)), { 'content-encoding': encoding, 'content-type': 'text/plain' })
  expect(shown).toMatchObject({ text: TEXT, base64: null, truncated: false, problem: null, type: 'text/plain' })
})

test('of a body that was cut off, what is there is shown', async () => {
  const packed = gzipSync(Buffer.from(Array.from({ length: 500 }, (_, i) => `line ${i * 7919}`).join('\n')))
  const shown = await preview(packed.subarray(0, 600), { 'content-encoding': 'gzip' }, packed.length, 10_000)
  expect(shown.truncated).toBe(true)
  expect(shown.text).toMatch(/^line 0\nline 7919\n/)
})

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
] as const)('A42: a bomb in %s stops at the limit', async (encoding, pack) => {
  const bomb = pack(Buffer.alloc(50_000_000))
  const shown = await preview(bomb, { 'content-encoding': encoding }, undefined, 1000)
  expect(shown).toMatchObject({ truncated: true, shownBytes: 1000 })
})

test('what is not what it says is said', async () => {
  expect(await preview(Buffer.from('plain'), { 'content-encoding': 'gzip' })).toMatchObject({
    problem: expect.stringMatching(/not what its Content-Encoding says/),
  })
  expect(await preview(Buffer.from('plain'), { 'content-encoding': 'zstd' })).toMatchObject({
    problem: expect.stringMatching(/cannot be undone/),
  })
})

test('text is text, and everything else is bytes', async () => {
  const bytes = Buffer.from([0, 1, 2, 255])
  expect(await preview(bytes)).toMatchObject({ text: null, base64: bytes.toString('base64') })
  expect(await preview(Buffer.from('{"a":1}'), { 'content-type': 'application/ld+json; charset=utf-8' })).toMatchObject(
    {
      type: 'application/ld+json',
      text: '{"a":1}',
    },
  )
  expect(await preview(Buffer.from('GIF89a'), { 'content-type': 'image/gif' })).toMatchObject({ text: null })
  // Cut off in the middle of a character.
  expect(await preview(Buffer.from('grü').subarray(0, 3), {}, 4)).toMatchObject({ text: 'gr', truncated: true })
})

test('A13: bodies take no more room than they are given, the oldest give way', () => {
  const bodies = new BodyStore(1000)
  bodies.limit(300)
  bodies.capture(['k'])
  expect([bodies.wants('k'), bodies.wants('other'), bodies.wants(null)]).toEqual([true, false, false])
  for (let seq = 1; seq <= 10; seq++) {
    for (let i = 0; i < 5; i++) bodies.add(seq, 'response', Buffer.alloc(100, seq))
    expect(bodies.state().heldBytes).toBeLessThanOrEqual(1000)
  }
  expect(bodies.get(1, 'response')).toBeNull()
  expect(bodies.get(10, 'response')).toMatchObject({ kept: 300, bytes: 500 })
  bodies.forget(10)
  bodies.clear()
  expect(bodies.state().heldBytes).toBe(0)
})
