import { LIMITS } from '../contract/limits.ts'

export type BodySide = 'request' | 'response'

/** The beginning of one message's body. */
export interface KeptBody {
  chunks: Buffer[]
  /** Of `chunks`. */
  kept: number
  /** Of the whole message, as far as it went. */
  bytes: number
}

/**
 * Bodies of the apps for which somebody asked that they be kept; of no others. In memory only, and never more than
 * LIMITS.trafficBodiesBytes: the oldest give way. By the number of their row.
 */
export class BodyStore {
  readonly #totalBytes: number
  readonly #bySeq = new Map<number, Partial<Record<BodySide, KeptBody>>>()
  #apps: ReadonlySet<string> = new Set()
  #limitBytes: number = LIMITS.trafficBodyBytes
  #heldBytes = 0

  constructor(totalBytes: number = LIMITS.trafficBodiesBytes) {
    this.#totalBytes = totalBytes
  }

  /** From now on bodies of these apps are kept; what is held of others goes on being held until it is the oldest. */
  capture(appKeys: readonly string[]): void {
    this.#apps = new Set(appKeys)
  }

  /** Of one message. */
  limit(bytes: number): void {
    this.#limitBytes = bytes
  }

  wants(appKey: string | null): boolean {
    return this.#apps.size > 0 && appKey !== null && this.#apps.has(appKey)
  }

  add(seq: number, side: BodySide, chunk: Buffer): void {
    let sides = this.#bySeq.get(seq)
    if (sides === undefined) {
      sides = {}
      this.#bySeq.set(seq, sides)
    }
    let body = sides[side]
    if (body === undefined) {
      body = { chunks: [], kept: 0, bytes: 0 }
      sides[side] = body
    }
    body.bytes += chunk.length
    const room = this.#limitBytes - body.kept
    if (room <= 0 || chunk.length === 0) return
    // A copy: a piece of a larger buffer would hold all of it, and whoever reads from a socket may use it again.
    const piece = Buffer.from(chunk.subarray(0, room))
    body.chunks.push(piece)
    body.kept += piece.length
    this.#heldBytes += piece.length
    while (this.#heldBytes > this.#totalBytes) {
      const oldest = this.#bySeq.keys().next()
      if (oldest.done) break
      this.forget(oldest.value)
    }
  }

  get(seq: number, side: BodySide): KeptBody | null {
    return this.#bySeq.get(seq)?.[side] ?? null
  }

  forget(seq: number): void {
    const sides = this.#bySeq.get(seq)
    if (sides === undefined) return
    this.#bySeq.delete(seq)
    this.#heldBytes -= (sides.request?.kept ?? 0) + (sides.response?.kept ?? 0)
  }

  clear(): void {
    this.#bySeq.clear()
    this.#heldBytes = 0
  }

  state(): { limitBytes: number; totalBytes: number; heldBytes: number } {
    return { limitBytes: this.#limitBytes, totalBytes: this.#totalBytes, heldBytes: this.#heldBytes }
  }
}
