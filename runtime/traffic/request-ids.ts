import type { RandomBytes } from '../core/ids.ts'

const HALF = 0xffffff
const ID = /^[0-9a-f]{12}$/

/**
 * What an app is told a request is called, so that its own calls can say what they are made for. The row's number in
 * disguise, other at each start of the host: nothing has to be looked up, and an app does not learn from it how much
 * others do. No secret: what an id is good for is checked where it comes back.
 */
export class RequestIds {
  readonly #keys: readonly number[]

  constructor(random: RandomBytes) {
    const bytes = random(16)
    this.#keys = [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at))
  }

  /** @param seq below 2^48 */
  encode(seq: number): string {
    let left = Math.floor(seq / (HALF + 1)) & HALF
    let right = seq % (HALF + 1)
    for (const key of this.#keys) [left, right] = [right, left ^ round(right, key)]
    return hex(left) + hex(right)
  }

  /** null for what no request of this run is called. */
  decode(id: string): number | null {
    if (!ID.test(id)) return null
    let left = Number.parseInt(id.slice(0, 6), 16)
    let right = Number.parseInt(id.slice(6), 16)
    for (const key of [...this.#keys].reverse()) [left, right] = [right ^ round(left, key), left]
    return left * (HALF + 1) + right
  }
}

/** Four rounds of this are a permutation of the numbers (Luby and Rackoff 1988). */
function round(half: number, key: number): number {
  let mixed = Math.imul(half ^ key, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b)
  return (mixed ^ (mixed >>> 13)) & HALF
}

/** For every request, so by a table. */
function hex(half: number): string {
  return `${BYTES[half >>> 16] ?? ''}${BYTES[(half >>> 8) & 0xff] ?? ''}${BYTES[half & 0xff] ?? ''}`
}
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
