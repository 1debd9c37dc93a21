/** Not in every Node that this runs on. */
interface Transferable {
  transfer?(length: number): ArrayBuffer
}

/**
 * Pieces of a body that nobody else has: their memory is given back as soon as they are written, and not when the garbage
 * collector finds it. The next piece then comes into the same memory. Electron takes freed memory away from the process,
 * and where hundreds of pieces are freed together, each new one costs more than its way through the host.
 */
export class OwnPieces {
  /** Oldest first: at most what waits to be written, and one more. */
  readonly #waiting: Buffer[] = []
  #bytes = 0
  readonly #release: (piece: Buffer) => void

  constructor(release: (piece: Buffer) => void = giveBack) {
    this.#release = release
  }

  /**
   * A piece was handed to a connection, behind all before it.
   * @param unwritten bytes that the connection has not written yet, of whatever kind
   */
  sent(piece: Buffer, unwritten: number): void {
    this.#waiting.push(piece)
    this.#bytes += piece.length
    for (;;) {
      const oldest = this.#waiting[0]
      // What is unwritten is what came last: as long as the others may be all of it, the oldest is none of it.
      if (oldest === undefined || this.#bytes - oldest.length < unwritten) return
      this.#waiting.shift()
      this.#bytes -= oldest.length
      this.#release(oldest)
    }
  }
}

/** The piece is empty afterwards. */
export function giveBack(piece: Buffer): void {
  const memory: ArrayBufferLike & Transferable = piece.buffer
  // Small pieces are parts of a pool that others have parts of, too.
  if (memory.byteLength === piece.length && piece.length > Buffer.poolSize) memory.transfer?.(0)
}
