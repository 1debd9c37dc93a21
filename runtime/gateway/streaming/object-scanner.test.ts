import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ObjectScanner, ScanError } from './object-scanner.ts'

/** Scans the bytes cut into pieces of these lengths, in turn. */
function scan(bytes: Buffer, cuts: number[] = [bytes.length]) {
  const pieces: Buffer[] = []
  const scanner = new ObjectScanner({ pass: 'params', keep: ['method', 'id'], sink: (piece) => pieces.push(piece) })
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const length = Math.max(1, cuts[n % cuts.length] ?? 1)
    scanner.write(bytes.subarray(at, at + length))
    at += length
  }
  scanner.end()
  return { members: Object.fromEntries(scanner.members), passed: Buffer.concat(pieces).toString('utf8') }
}

test('the member that is passed on comes byte for byte, however the object is cut', () => {
  const value = fc.record({
    method: fc.string({ unit: 'grapheme', maxLength: 40 }),
    id: fc.integer(),
    params: fc.array(fc.jsonValue()),
  })
  const more = fc.dictionary(
    fc.string().filter((name) => !['params', 'method', 'id'].includes(name)),
    fc.jsonValue(),
    { maxKeys: 4 },
  )
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })
  fc.assert(
    fc.property(value, more, cuts, fc.constantFrom(0, 2), (known, others, lengths, indent) => {
      const object = { ...others, ...known }
      const { members, passed } = scan(Buffer.from(JSON.stringify(object, null, indent)), lengths)
      expect(members).toEqual({ method: known.method, id: known.id })
      expect(JSON.parse(passed)).toEqual(JSON.parse(JSON.stringify(known.params)))
    }),
  )
})

test('it takes what JSON.parse takes, and nothing else', () => {
  const text = JSON.stringify({ method: 'm', params: [1.5e-7, -0, true, null, { a: 'é\\"\u2028' }], other: [[], {}] })
  const mutation = fc.record({
    at: fc.nat({ max: text.length }),
    drop: fc.nat({ max: 3 }),
    add: fc.string({ unit: fc.constantFrom(...'{}[],:"\\0123.eE+-tfn u\u0001'), maxLength: 3 }),
  })
  fc.assert(
    fc.property(mutation, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), ({ at, drop, add }, cuts) => {
      const mutated = text.slice(0, at) + add + text.slice(at + drop)
      let good = true
      try {
        const parsed: unknown = JSON.parse(mutated)
        good = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      } catch {
        good = false
      }
      if (good) scan(Buffer.from(mutated), cuts)
      else expect(() => scan(Buffer.from(mutated), cuts)).toThrow(ScanError)
    }),
    { numRuns: 2000 },
  )
})

test('what two readers could read differently is refused', () => {
  for (const text of [
    '{"method":"a","params":[],"method":"b"}',
    '{"method":"a","params":[],"\\u006dethod":"b"}',
    '{"params":[],"params":{}}',
    '{"params":[]}{}',
    '[{"params":[]}]',
    `{"params":${'['.repeat(100_000)}`,
    `{"method":"${'m'.repeat(10_000)}","params":[]}`,
  ]) {
    expect(() => scan(Buffer.from(text)), text.slice(0, 60)).toThrow(ScanError)
  }
  expect(() => scan(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(ScanError)
})
