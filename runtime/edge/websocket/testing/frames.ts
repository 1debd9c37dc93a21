export interface TestFrame {
  opcode: number
  fin?: boolean
  /** The three reserved bits, as a number. */
  reserved?: number
  payload: Buffer
  /** null for a frame from a server. */
  mask?: Buffer | null
  /** Said in the header in place of the payload's own length. */
  length?: number | bigint
}

/** A frame as bytes (RFC 6455, 5.2); rules may be broken. */
export function frameBytes(frame: TestFrame): Buffer {
  const { opcode, fin = true, reserved = 0, payload, mask = null } = frame
  const length = frame.length ?? payload.length
  const masked = mask === null ? 0 : 0x80
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  let head: Buffer
  if (length < 126) head = Buffer.from([first, masked | Number(length)])
  else if (length < 65_536) head = Buffer.from([first, masked | 126, Number(length) >> 8, Number(length) & 0xff])
  else {
    head = Buffer.alloc(10)
    head[0] = first
    head[1] = masked | 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  if (mask === null) return Buffer.concat([head, payload])
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ (mask[i & 3] ?? 0))])
}

export function text(words: string, mask: Buffer | null = null): Buffer {
  return frameBytes({ opcode: 1, payload: Buffer.from(words), mask })
}

export const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d])
