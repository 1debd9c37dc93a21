import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameScanner, type ScanRules } from './frame-scanner.ts'
import { frameBytes, MASK, type TestFrame, text } from './testing/frames.ts'

type Seen = [opcode: number, bytes: number, closeCode: number | null]

function scanner(rules: Partial<ScanRules> = {}) {
  const seen: Seen[] = []
  const found = new FrameScanner({
    masked: true,
    extensions: false,
    maxMessage: 1e9,
    frame: (opcode, bytes, closeCode) => seen.push([opcode, bytes, closeCode]),
    ...rules,
  })
  return { seen, scanner: found }
}

/** What a scan of these bytes, cut there, lets through; and where between the pieces it stood within a header. */
function scanned(bytes: Buffer, cuts: number[], rules: Partial<ScanRules> = {}) {
  const { seen, scanner: found } = scanner(rules)
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  const passed: number[] = []
  let at = 0
  let held = 0
  let total = 0
  for (const end of [...ends, bytes.length]) {
    const chunk = bytes.subarray(at, end)
    const count = found.scan(chunk)
    if (count > 0) {
      total += held + count
      held = 0
    }
    held += chunk.length - count
    passed.push(total)
    at = end
  }
  return { seen, passed, total, fault: found.fault, missing: found.missing }
}

const mask = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes))
const payload = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 130 }) },
  { weight: 2, arbitrary: fc.constantFrom(125, 126, 127, 65_535, 65_536) },
  { weight: 1, arbitrary: fc.integer({ min: 131, max: 70_000 }) },
)
/** Messages of one frame or more, with control frames anywhere between them. */
const conversation = fc
  .array(
    fc.oneof(
      fc.record({
        kind: fc.constant('message' as const),
        opcode: fc.constantFrom(1, 2),
        parts: fc.array(payload, { minLength: 1, maxLength: 4 }),
        between: fc.array(fc.integer({ min: 0, max: 125 }), { maxLength: 2 }),
      }),
      fc.record({ kind: fc.constant('control' as const), opcode: fc.constantFrom(9, 10), length: fc.nat(125) }),
    ),
    { maxLength: 8 },
  )
  .map((items) => {
    const frames: { opcode: number; fin: boolean; length: number }[] = []
    for (const item of items) {
      if (item.kind === 'control') frames.push({ opcode: item.opcode, fin: true, length: item.length })
      else {
        item.parts.forEach((length, i) => {
          frames.push({ opcode: i === 0 ? item.opcode : 0, fin: i === item.parts.length - 1, length })
          if (i < item.between.length) frames.push({ opcode: 9, fin: true, length: item.between[i] ?? 0 })
        })
      }
    }
    return frames
  })

const anyCuts = fc.property(
  conversation,
  fc.array(fc.nat(), { maxLength: 60 }),
  mask,
  fc.boolean(),
  (frames, cuts, key, masked) => {
    const bytes: Buffer[] = []
    /** Offsets at which a header begins, and at which it ends. */
    const headers: [number, number][] = []
    let at = 0
    for (const { opcode, fin, length } of frames) {
      const frame = frameBytes({ opcode, fin, payload: Buffer.alloc(length, 7), mask: masked ? key : null })
      bytes.push(frame)
      headers.push([at, at + frame.length - length])
      at += frame.length
    }
    const { seen, passed, total, fault, missing } = scanned(Buffer.concat(bytes), cuts, { masked })
    expect(fault).toBeNull()
    expect(seen).toEqual(frames.map(({ opcode, length }): Seen => [opcode, length, null]))
    expect(total).toBe(at)
    expect(missing).toBe(0)
    for (const count of passed) {
      expect(headers.some(([from, to]) => count > from && count < to)).toBe(false)
    }
  },
)

test('frames are found alike wherever the bytes are cut, and nothing ever passes that ends within a header', () => {
  fc.assert(anyCuts, { seed: 6455, numRuns: 500 })
  fc.assert(anyCuts, { numRuns: 500 })
})

test('any bytes at all, in any pieces, end alike and without an exception', () => {
  const property = fc.property(
    fc.uint8Array({ maxLength: 400 }),
    fc.array(fc.nat(), { maxLength: 40 }),
    fc.boolean(),
    fc.boolean(),
    (data, cuts, masked, extensions) => {
      const bytes = Buffer.from(data)
      const whole = scanned(bytes, [], { masked, extensions, maxMessage: 1000 })
      const cut = scanned(bytes, cuts, { masked, extensions, maxMessage: 1000 })
      expect(cut).toMatchObject({ seen: whole.seen, total: whole.total, fault: whole.fault, missing: whole.missing })
    },
  )
  fc.assert(property, { seed: 6455, numRuns: 2000 })
  fc.assert(property, { numRuns: 2000 })
})

test('the code of a close frame is read, in pieces too, and nothing passes behind it', () => {
  const payload = Buffer.from([0x0f, 0xa1, 0x62, 0x79, 0x65])
  for (const key of [MASK, null]) {
    const close = frameBytes({ opcode: 8, payload, mask: key })
    const bytes = Buffer.concat([close, text('late', key)])
    for (const cuts of [[], [...bytes.keys()]]) {
      const { seen, total } = scanned(bytes, cuts, { masked: key !== null })
      expect(seen).toEqual([[8, 5, 4001]])
      expect(total).toBe(close.length)
    }
  }
  expect(scanned(frameBytes({ opcode: 8, payload: Buffer.alloc(0), mask: MASK }), []).seen).toEqual([[8, 0, null]])
})

const bad: [name: string, frames: TestFrame[], code: number][] = [
  ['not masked', [{ opcode: 1, payload: Buffer.from('x'), mask: null }], 1002],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, TestFrame[], number] => [
    `opcode ${opcode}`,
    [{ opcode, payload: Buffer.alloc(0) }],
    1002,
  ]),
  ['a long control frame', [{ opcode: 9, payload: Buffer.alloc(126) }], 1002],
  ['a long close frame', [{ opcode: 8, payload: Buffer.alloc(70_000) }], 1002],
  ['a control frame in parts', [{ opcode: 9, fin: false, payload: Buffer.alloc(1) }], 1002],
  ['a continuation of nothing', [{ opcode: 0, payload: Buffer.alloc(1) }], 1002],
  [
    'a message in a message',
    [
      { opcode: 1, fin: false, payload: Buffer.alloc(1) },
      { opcode: 2, payload: Buffer.alloc(1) },
    ],
    1002,
  ],
  ['a reserved bit', [{ opcode: 1, reserved: 4, payload: Buffer.alloc(1) }], 1002],
  ['a negative length', [{ opcode: 1, payload: Buffer.alloc(0), length: 2n ** 63n }], 1002],
  ['a message over the limit', [{ opcode: 1, payload: Buffer.alloc(0), length: 1001 }], 1009],
  ['a message over any limit', [{ opcode: 1, payload: Buffer.alloc(0), length: 2n ** 62n }], 1009],
  [
    'parts over the limit together',
    [
      { opcode: 1, fin: false, payload: Buffer.alloc(600) },
      { opcode: 9, payload: Buffer.alloc(100) },
      { opcode: 0, payload: Buffer.alloc(401) },
    ],
    1009,
  ],
]

test('A45: a frame that breaks the rules or a limit does not pass, nor does anything behind it', () => {
  for (const [name, frames, code] of bad) {
    const bytes = frames.map((frame) => frameBytes({ mask: MASK, ...frame }))
    const good = text('good', MASK)
    const before = Buffer.concat([good, ...bytes.slice(0, -1)])
    const all = Buffer.concat([before, bytes.at(-1) ?? Buffer.alloc(0), good])
    for (const cuts of [[], [...all.keys()]]) {
      const { total, fault } = scanned(all, cuts, { maxMessage: 1000 })
      expect(fault?.code, name).toBe(code)
      expect(total, name).toBe(before.length)
    }
  }
  const masked = scanned(text('x', MASK), [], { masked: false })
  expect(masked.fault?.code).toBe(1002)
})

test('reserved bits pass where an extension was agreed on; a limit counts each message anew', () => {
  const compressed = frameBytes({ opcode: 1, reserved: 4, payload: Buffer.alloc(900), mask: MASK })
  const { seen, fault } = scanned(Buffer.concat([compressed, compressed]), [3], { extensions: true, maxMessage: 1000 })
  expect(fault).toBeNull()
  expect(seen).toHaveLength(2)
})

test('the beginning of a text is kept where somebody asked for it, however it is cut and masked', () => {
  const message = fc.string({ maxLength: 400, unit: fc.constantFrom('a', 'b', 'ü', '€', ' ') })
  fc.assert(
    fc.property(
      fc.array(fc.record({ said: message, opcode: fc.constantFrom(1, 2), wanted: fc.boolean() }), { maxLength: 6 }),
      fc.boolean(),
      mask,
      fc.array(fc.nat(), { maxLength: 12 }),
      (messages, masked, key, cuts) => {
        const previews: (string | null)[] = []
        let next = 0
        const bytes = Buffer.concat(
          messages.map(({ said, opcode }) =>
            frameBytes({ opcode, payload: Buffer.from(said), mask: masked ? key : null }),
          ),
        )
        scanned(bytes, cuts, {
          masked,
          frame: (_opcode, _bytes, _closeCode, preview) => previews.push(preview),
          previews: () => messages.filter(({ opcode }) => opcode === 1)[next++]?.wanted ?? false,
        })
        expect(previews).toEqual(
          messages.map(({ said, opcode, wanted }) =>
            opcode === 1 && wanted ? Buffer.from(said).subarray(0, 256).toString('utf8') : null,
          ),
        )
      },
    ),
  )
})
