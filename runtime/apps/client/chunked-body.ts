import { LIMITS } from '../../contract/limits.ts'
import { BadAnswer } from './answer-head.ts'

const CR = 0x0d
const LF = 0x0a

/** Characters of a chunk's size line with its extensions, which nobody uses (CVE-2024-22019 made a weapon of them). */
const SIZE_LINE = 256
/** 4 GB in one chunk is more than anybody sends, and far from what a number cannot hold. */
const SIZE_DIGITS = 8

/** What the next byte belongs to. */
const SIZE = 0
const SIZE_LF = 1
const DATA = 2
const DATA_CR = 3
const DATA_LF = 4
const TRAILER = 5
const TRAILER_LF = 6
const END = 7

/**
 * Takes chunks apart (RFC 9112, 7.1), strictly: lines end with CR LF and nothing else, sizes are plain hexadecimal.
 * Extensions and trailers are read over: no rule for headers here has seen them.
 */
export class ChunkedBody {
  #state = SIZE
  /** Of the size line, or of all trailers. */
  #line = ''
  #lineBytes = 0
  #trailerLine = 0
  /** Still to come of the chunk. */
  #left = 0

  /** Whether the whole body has come. */
  get ended(): boolean {
    return this.#state === END
  }

  /**
   * Reads on. Throws BadAnswer.
   * @param data told of each piece of the body: a view of `bytes`
   * @returns how many of `bytes` were read; fewer than all only when the body has ended
   */
  read(bytes: Buffer, data: (piece: Buffer) => void): number {
    let at = 0
    while (at < bytes.length && this.#state !== END) {
      if (this.#state === DATA) {
        const piece = bytes.subarray(at, at + this.#left)
        at += piece.length
        this.#left -= piece.length
        if (this.#left === 0) this.#state = DATA_CR
        data(piece)
      } else this.#byte(bytes[at++] ?? 0)
    }
    return at
  }

  #byte(byte: number): void {
    switch (this.#state) {
      case SIZE:
        if (byte === CR) this.#state = SIZE_LF
        else {
          if (++this.#lineBytes > SIZE_LINE || isControl(byte)) throw new BadAnswer('A chunk’s size line is not valid.')
          this.#line += String.fromCharCode(byte)
        }
        return
      case SIZE_LF:
        expect(byte, LF)
        this.#left = sizeOf(this.#line)
        this.#line = ''
        this.#lineBytes = 0
        this.#state = this.#left === 0 ? TRAILER : DATA
        return
      case DATA_CR:
        expect(byte, CR)
        this.#state = DATA_LF
        return
      case DATA_LF:
        expect(byte, LF)
        this.#state = SIZE
        return
      case TRAILER:
        if (byte === CR) this.#state = TRAILER_LF
        else {
          if (++this.#lineBytes > LIMITS.headerBytes || isControl(byte)) throw new BadAnswer('A trailer is not valid.')
          this.#trailerLine++
        }
        return
      case TRAILER_LF:
        expect(byte, LF)
        this.#state = this.#trailerLine === 0 ? END : TRAILER
        this.#trailerLine = 0
        return
    }
  }
}

/** Tabs may stand in extensions and trailers. */
function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x09) || byte === 0x7f
}

function expect(byte: number, wanted: number): void {
  if (byte !== wanted) throw new BadAnswer('A chunk does not end where its size says, or a line end is bare.')
}

function sizeOf(line: string): number {
  const semicolon = line.indexOf(';')
  const digits = (semicolon === -1 ? line : line.slice(0, semicolon)).replace(/[ \t]+$/, '')
  if (digits.length > SIZE_DIGITS || !/^[0-9a-f]+$/i.test(digits)) throw new BadAnswer('A chunk’s size is no number.')
  return Number.parseInt(digits, 16)
}
