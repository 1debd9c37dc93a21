import { MessageChannel, type MessagePort } from 'node:worker_threads'

/** Not in every Node that this runs on. */
interface Transferable {
  transfer?(length: number): ArrayBuffer
}

/**
 * Pieces of a body that nobody else has: their memory is given back as soon as they are written, and not when the garbage
 * collector finds it. The next piece then comes into the same memory. Where hundreds of pieces are freed together, that
 * memory is taken away from the process, and each new piece costs more than its way through the host.
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
  const memory = piece.buffer as ArrayBuffer & Transferable
  // Small pieces are parts of a pool that others have parts of, too.
  if (memory.byteLength !== piece.length || piece.length <= Buffer.poolSize) return
  if (memory.transfer !== undefined) memory.transfer(0)
  else nowhere().postMessage(null, [memory])
}

let closedPort: MessagePort | null = null

/** What is handed over to a closed port is gone from here, and arrives nowhere. */
function nowhere(): MessagePort {
  if (closedPort === null) {
    closedPort = new MessageChannel().port1
    closedPort.close()
  }
  return closedPort
}
