import { LIMITS } from '../contract/limits.ts'
import type { FrameOpcode, WebSocketFrame } from '../contract/models.ts'

const FIRST_ROOM = 8
/** What a place takes: two numbers, one code, one byte. */
const PLACE_BYTES = 8 + 8 + 2 + 1
/** Set in a place's byte for a frame from the caller; the opcode is in the low four bits. */
const FROM_CALLER = 0x10

/**
 * The last LIMITS.recordedFrames frames of one WebSocket, in columns of plain numbers: a busy socket adds frames
 * without making objects, and a quiet one holds little.
 */
export class FrameLog {
  #at = new Float64Array(FIRST_ROOM)
  #bytes = new Float64Array(FIRST_ROOM)
  #closeCode = new Uint16Array(FIRST_ROOM)
  #kind = new Uint8Array(FIRST_ROOM)
  /** Made with the first preview. */
  #previews: (string | null)[] | null = null
  #in = 0
  #out = 0

  /** @returns about how many bytes more are held now; negative when a long preview made room */
  add(
    at: number,
    fromCaller: boolean,
    opcode: number,
    bytes: number,
    closeCode: number | null,
    preview: string | null,
  ): number {
    const count = this.#in + this.#out
    let grown = 0
    if (count === this.#at.length && count < LIMITS.recordedFrames) grown += this.#grow()
    const place = count % this.#at.length
    this.#at[place] = at
    this.#bytes[place] = bytes
    this.#closeCode[place] = closeCode ?? 0
    this.#kind[place] = (opcode & 0x0f) | (fromCaller ? FROM_CALLER : 0)
    if (preview !== null) this.#previews ??= []
    if (this.#previews !== null) {
      grown += (preview?.length ?? 0) - (this.#previews[place]?.length ?? 0)
      this.#previews[place] = preview
    }
    if (fromCaller) this.#in++
    else this.#out++
    return grown
  }

  get counts(): { in: number; out: number } {
    return { in: this.#in, out: this.#out }
  }

  /** Oldest first. */
  list(): WebSocketFrame[] {
    const count = this.#in + this.#out
    const room = this.#at.length
    const frames: WebSocketFrame[] = []
    for (let i = Math.max(0, count - room); i < count; i++) {
      const place = i % room
      const kind = this.#kind[place] ?? 0
      frames.push({
        at: this.#at[place] ?? 0,
        direction: (kind & FROM_CALLER) === 0 ? 'out' : 'in',
        opcode: OPCODES[kind & 0x0f] ?? 'unknown',
        bytes: this.#bytes[place] ?? 0,
        preview: this.#previews?.[place] ?? null,
        closeCode: this.#closeCode[place] || null,
      })
    }
    return frames
  }

  #grow(): number {
    const room = Math.min(this.#at.length * 4, LIMITS.recordedFrames)
    const added = room - this.#at.length
    this.#at = copied(new Float64Array(room), this.#at)
    this.#bytes = copied(new Float64Array(room), this.#bytes)
    this.#closeCode = copied(new Uint16Array(room), this.#closeCode)
    this.#kind = copied(new Uint8Array(room), this.#kind)
    return added * PLACE_BYTES
  }
}

const OPCODES: Readonly<Record<number, FrameOpcode>> = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
}

function copied<T extends Float64Array | Uint16Array | Uint8Array>(to: T, from: T): T {
  to.set(from)
  return to
}
