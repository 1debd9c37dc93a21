import type { RandomBytes } from '../../core/ids.ts'
import { OPCODE } from './frame-scanner.ts'

/** A control frame's payload is at most 125 bytes (RFC 6455, 5.5), two of which are the code. */
const MOST_WORDS = 123

/**
 * A close frame.
 * @param random for the mask of a frame towards an app, to which the host is a client (RFC 6455, 5.3); null towards a
 * client
 */
export function closeFrame(code: number, reason: string, random: RandomBytes | null): Buffer {
  const words = cutText(reason)
  const length = 2 + words.length
  if (random === null) {
    const frame = Buffer.allocUnsafe(2 + length)
    frame[0] = 0x80 | OPCODE.CLOSE
    frame[1] = length
    frame.writeUInt16BE(code, 2)
    words.copy(frame, 4)
    return frame
  }
  const mask = random(4)
  const frame = Buffer.allocUnsafe(6 + length)
  frame[0] = 0x80 | OPCODE.CLOSE
  frame[1] = 0x80 | length
  mask.copy(frame, 2)
  frame.writeUInt16BE(code, 6)
  words.copy(frame, 8)
  for (let i = 0; i < length; i++) frame[6 + i] = (frame[6 + i] ?? 0) ^ (mask[i & 3] ?? 0)
  return frame
}

/** As many whole characters as fit: a reason that is no valid UTF-8 would be an error of its own (RFC 6455, 5.5.1). */
function cutText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= MOST_WORDS) return bytes
  let end = MOST_WORDS
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}
