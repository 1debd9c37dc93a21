import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { LIMITS } from '../../contract/limits.ts'
import { readCallBody } from './call-body.ts'
import { HeldBodies } from './held-bodies.ts'

const MB = 1024 * 1024

test('A45: long calls that are held as a whole have a bound, in all and for one caller', () => {
  const bodies = new HeldBodies()
  const first = bodies.hold('alice')
  first.add(LIMITS.heldCallBytesPerCaller)
  expect(() => bodies.hold('alice').add(1)).toThrow(expect.objectContaining({ code: 'TOO_BUSY', status: 503 }))
  const others = Array.from({ length: 100 }, (_, i) => bodies.hold(`user-${i}`))
  const refused = others.filter((held) => {
    try {
      held.add(MB)
      return false
    } catch {
      return true
    }
  })
  expect(others.length - refused.length).toBe((LIMITS.heldCallBytes - LIMITS.heldCallBytesPerCaller) / MB)

  // What was refused holds nothing, and what is over gives back all that it held, once.
  for (const held of [first, first, ...others]) held.release()
  const all = bodies.hold('alice')
  all.add(LIMITS.heldCallBytesPerCaller)
  bodies.hold('bob').add(LIMITS.heldCallBytes - LIMITS.heldCallBytesPerCaller)
  expect(() => bodies.hold('carol').add(1)).toThrow('Many long calls are under way')
})

test('A45: each piece of a long body is counted, and a short one is not', async () => {
  const counted = async (whole: boolean, text: string) => {
    let bytes = 0
    const pieces = text.match(/.{1,30000}/g)?.map((piece) => Buffer.from(piece)) ?? []
    const hold = (more: number) => {
      bytes += more
    }
    const body = await readCallBody(Readable.from(pieces), { whole, hold })
    return 'whole' in body ? bytes : 'passed on'
  }
  const call = (text: string) => `{"jsonrpc":"2.0","id":1,"method":"m","params":["${text}"]}`
  const turned = (text: string) => `{"params":["${text}"],"jsonrpc":"2.0","id":1,"method":"m"}`
  const long = 'x'.repeat(MB)
  expect(await counted(true, call('short'))).toBe(0)
  expect(await counted(true, call(long))).toBe(call(long).length)
  expect(await counted(false, turned(long))).toBe(turned(long).length)
  expect(await counted(false, call(long))).toBe('passed on')
})
