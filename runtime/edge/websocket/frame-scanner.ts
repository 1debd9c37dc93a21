import { CLOSE } from './close-codes.ts'

/** RFC 6455, 11.8. */
export const OPCODE = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const

export interface ScanRules {
  /** Frames from a client are masked, and those to one are not (RFC 6455, 5.1). */
  masked: boolean
  /** An extension was agreed on in the handshake: the three reserved bits are its own (RFC 6455, 5.2). */
  extensions: boolean
  /** Payload bytes of one message, as they come over the wire: compressed, if the two ends compress. */
  maxMessage: number
  /**
   * A frame has passed whole. `closeCode` is that of a close frame that has one, `preview` the beginning of its text where
   * somebody asked for it.
   */
  frame(opcode: number, bytes: number, closeCode: number | null, preview: string | null): void
  /** Whether the beginning of the next frame's text is to be kept. */
  previews?(): boolean
}

/** Why nothing more of this direction may pass. */
export interface FrameFault {
  code: typeof CLOSE.PROTOCOL_ERROR | typeof CLOSE.TOO_BIG
  /** The opcode and the length of the frame that did it, as far as its header said. */
  opcode: number
  bytes: number
  reason: string
}

/** The longest header: two bytes, a length of eight, a mask of four. */
const LONGEST_HEADER = 14
/** Bytes of a text that are kept. */
const PREVIEW = 256

/**
 * Reads the headers of WebSocket frames (RFC 6455, 5.2) while the bytes pass, in whatever pieces they come. Payloads
 * are neither looked at nor kept, save the code of a close frame, and beginnings of texts that somebody asked for.
 */
export class FrameScanner {
  readonly #rules: ScanRules
  /** Bytes of the header that is being read, and how many of it there are and have to be. */
  readonly #header = new Uint8Array(LONGEST_HEADER)
  readonly #view = new DataView(this.#header.buffer)
  #have = 0
  #need = 2
  #left = 0
  #opcode = 0
  #length = 0
  #fin = true
  /** Within a message of several frames, and how long that is so far. */
  #fragmented = false
  #message = 0
  #closeCode = 0
  #closed = false
  /** Where in the header the mask begins. */
  #maskAt = 0
  /** The message that is passing is a text, and not a packed one. */
  #text = false
  #preview: Buffer | null = null
  #fault: FrameFault | null = null

  constructor(rules: ScanRules) {
    this.#rules = rules
  }

  /** Once there is one, everything that comes is refused. */
  get fault(): FrameFault | null {
    return this.#fault
  }

  /** Payload bytes that are missing of a frame whose header has passed; 0 between frames. */
  get missing(): number {
    return this.#left
  }

  /** A close frame has passed: nothing may follow it (RFC 6455, 5.5.1). */
  get closed(): boolean {
    return this.#closed
  }

  /**
   * Reads the next bytes.
   * @returns how many of them may pass now. The rest is the beginning of a header, which goes out with the bytes that
   * complete it, so that what has passed ends between two frames or within a payload, never within a header; or, once
   * there is a fault or a close frame, it is what must not pass at all.
   */
  scan(chunk: Uint8Array): number {
    const end = chunk.length
    let at = 0
    let passed = 0
    while (at < end && !this.#closed && this.#fault === null) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, end - at)
        if (this.#opcode === OPCODE.CLOSE) this.#readClose(chunk, at, taken)
        else if (this.#preview !== null) this.#readText(this.#preview, chunk, at, taken)
        this.#left -= taken
        at += taken
        passed = at
        if (this.#left === 0) this.#endFrame()
        continue
      }
      this.#header[this.#have++] = chunk[at++] ?? 0
      if (this.#have < this.#need) continue
      if (this.#have === 2) {
        this.#need = this.#headerLength()
        if (this.#need > 2) continue
      }
      this.#endHeader()
      if (this.#fault !== null) break
      passed = at
      if (this.#left === 0) this.#endFrame()
    }
    return passed
  }

  #headerLength(): number {
    const second = this.#header[1] ?? 0
    const short = second & 0x7f
    return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second >= 0x80 ? 4 : 0)
  }

  #endHeader(): void {
    const first = this.#header[0] ?? 0
    const second = this.#header[1] ?? 0
    this.#maskAt = this.#need - 4
    this.#have = 0
    this.#need = 2
    this.#opcode = first & 0x0f
    this.#fin = first >= 0x80
    this.#length = this.#payloadLength(second & 0x7f)
    const control = this.#opcode >= OPCODE.CLOSE
    const reason = this.#brokenRule(first, second, control)
    if (reason !== null) {
      this.#fail(CLOSE.PROTOCOL_ERROR, reason)
      return
    }
    if (!control) {
      // A control frame may come in the middle of a message and is none of it.
      this.#message = (this.#opcode === OPCODE.CONTINUATION ? this.#message : 0) + this.#length
      this.#fragmented = !this.#fin
      if (this.#message > this.#rules.maxMessage) {
        this.#fail(CLOSE.TOO_BIG, `A message has ${this.#message} bytes or more; ${this.#rules.maxMessage} may pass.`)
        return
      }
    }
    if (this.#opcode === OPCODE.TEXT) this.#text = (first & 0x70) === 0
    else if (this.#opcode === OPCODE.BINARY) this.#text = false
    const wanted = !control && this.#text && this.#rules.previews?.() === true
    this.#preview = wanted ? Buffer.alloc(Math.min(PREVIEW, this.#length)) : null
    this.#closeCode = 0
    this.#left = this.#length
  }

  #payloadLength(short: number): number {
    if (short < 126) return short
    if (short === 126) return this.#view.getUint16(2)
    // Beyond 2^53 it is not exact any more, and beyond every limit.
    return this.#view.getUint32(2) * 2 ** 32 + this.#view.getUint32(6)
  }

  /** Whatever the ends may make of such a frame, they need not make the same of it: it does not pass. */
  #brokenRule(first: number, second: number, control: boolean): string | null {
    const opcode = this.#opcode
    if (control ? opcode > OPCODE.PONG : opcode > OPCODE.BINARY) return `The opcode ${opcode} is reserved.`
    if (second >= 0x80 !== this.#rules.masked) {
      return this.#rules.masked ? 'A frame from a client is not masked.' : 'A frame from a server is masked.'
    }
    if ((first & 0x70) !== 0 && !this.#rules.extensions) return 'A reserved bit is set, and no extension was agreed on.'
    if (control) {
      if (!this.#fin) return 'A control frame is fragmented.'
      if (this.#length > 125) return `A control frame has ${this.#length} bytes.`
    } else if ((opcode === OPCODE.CONTINUATION) !== this.#fragmented) {
      return this.#fragmented ? 'A message begins within another.' : 'A message is continued that was not begun.'
    }
    if (this.#length >= 2 ** 63) return 'The length of a frame is no valid number.'
    return null
  }

  #fail(code: FrameFault['code'], reason: string): void {
    this.#fault = { code, opcode: this.#opcode, bytes: this.#length, reason }
  }

  /** The first two bytes of a close frame's payload are its code. */
  #readClose(chunk: Uint8Array, at: number, count: number): void {
    const read = this.#length - this.#left
    for (let i = read; i < Math.min(2, read + count); i++) {
      const mask = this.#rules.masked ? (this.#header[2 + i] ?? 0) : 0
      this.#closeCode = (this.#closeCode << 8) | ((chunk[at + i - read] ?? 0) ^ mask)
    }
  }

  #readText(preview: Buffer, chunk: Uint8Array, at: number, count: number): void {
    const read = this.#length - this.#left
    for (let i = read; i < Math.min(preview.length, read + count); i++) {
      const mask = this.#rules.masked ? (this.#header[this.#maskAt + (i % 4)] ?? 0) : 0
      preview[i] = (chunk[at + i - read] ?? 0) ^ mask
    }
  }

  #endFrame(): void {
    const isClose = this.#opcode === OPCODE.CLOSE
    if (isClose) this.#closed = true
    const preview = this.#preview?.toString('utf8') ?? null
    this.#preview = null
    this.#rules.frame(this.#opcode, this.#length, isClose && this.#length >= 2 ? this.#closeCode : null, preview)
  }
}
