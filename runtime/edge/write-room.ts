/** As much as is read from an app at once. */
const ROOM_BYTES = 64 * 1024
/** Smaller copies come out of Node's own pool, or cost little. */
const SMALL_BYTES = 16 * 1024
/** Rooms that are kept while nothing is in them: 2 MB. */
const KEPT = 32

/**
 * Memory for what waits to be written, used again and again. A copy of its own for each piece of a large body is memory
 * that the system has to clear, and the garbage collector to find: in Electron, which gives what is freed back at once,
 * that takes more time than passing the body on.
 */
export class WriteRooms {
  readonly #free: Buffer[] = []

  /**
   * Writes a copy of `piece`, whose own memory may be overwritten from then on.
   * @param write as a stream's `write`: tells when it has no use for the bytes any more; its words are given back
   */
  write(piece: Buffer, write: (copy: Buffer, done?: (error?: Error | null) => void) => boolean): boolean {
    if (piece.length < SMALL_BYTES || piece.length > ROOM_BYTES) return write(Buffer.from(piece))
    const room = this.#free.pop() ?? Buffer.allocUnsafeSlow(ROOM_BYTES)
    // Of what was in it before, for somebody else, nothing is in the part that is written.
    piece.copy(room)
    return write(room.subarray(0, piece.length), (error) => {
      // After an error it is not certain who still holds it: left to the garbage collector.
      if ((error === null || error === undefined) && this.#free.length < KEPT) this.#free.push(room)
    })
  }

  /** Rooms with nothing in them. */
  get free(): number {
    return this.#free.length
  }
}
