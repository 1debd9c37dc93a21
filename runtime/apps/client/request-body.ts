import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { AppError } from '../../contract/errors.ts'
import { OwnPieces } from './own-pieces.ts'

/**
 * Bytes that may wait for an app that is slow to read. So many that the next ones are there when it has read what was
 * sent: to stop the reading for each piece, as a socket's own mark of 16 KB would, costs more than passing it on.
 */
const WRITE_AHEAD = 256 * 1024

/** Sends a stream as the body of a request, framed as its head has promised. */
export class RequestBody {
  readonly #socket: Socket
  readonly #body: Readable
  /** Bytes still to go; -1 when it goes out chunked. */
  #left: number
  readonly #own: OwnPieces | null
  #ended = false
  #stopped = false
  readonly #told: { sent(): void; failed(error: unknown): void }

  /**
   * @param length Content-Length; -1 for chunked
   * @param ownPieces as in AppRequest
   */
  constructor(
    socket: Socket,
    body: Readable,
    length: number,
    ownPieces: boolean,
    told: { sent(): void; failed(error: unknown): void },
  ) {
    this.#socket = socket
    this.#body = body
    this.#left = length
    this.#told = told
    this.#own = ownPieces ? new OwnPieces() : null
    body.on('data', (chunk: Buffer) => this.#send(chunk))
    body.on('end', () => this.#end())
    body.on('error', (error) => this.#fail(error))
    body.on('close', () => {
      if (!this.#ended) this.#fail(mismatch())
    })
  }

  /** Whether all of it was written. */
  get ended(): boolean {
    return this.#ended
  }

  /** Nothing more is written, and nothing told. */
  stop(): void {
    this.#stopped = true
  }

  #send(chunk: Buffer): void {
    if (this.#stopped || chunk.length === 0) return
    if (this.#left === -1) {
      this.#socket.cork()
      this.#socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
      this.#socket.write(chunk)
      this.#socket.write('\r\n', 'latin1')
      this.#socket.uncork()
    } else {
      // What is beyond the length would be read as the next request (A10).
      if (chunk.length > this.#left) {
        this.#fail(mismatch())
        return
      }
      this.#left -= chunk.length
      this.#socket.write(chunk)
    }
    this.#told.sent()
    // Of a connection that is gone it is not told what it still holds.
    if (!this.#socket.destroyed) this.#own?.sent(chunk, this.#socket.writableLength)
    if (this.#socket.writableLength < WRITE_AHEAD) return
    this.#body.pause()
    this.#socket.once('drain', () => {
      if (!this.#stopped) this.#body.resume()
    })
  }

  #end(): void {
    if (this.#stopped) return
    if (this.#left > 0) {
      this.#fail(mismatch())
      return
    }
    this.#ended = true
    if (this.#left === -1) this.#socket.write('0\r\n\r\n', 'latin1')
  }

  #fail(error: unknown): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#told.failed(error)
  }
}

/** The body is cut off, or is longer than its head says: the connection ends, so that the app does not take it for whole (A13). */
function mismatch(): AppError {
  const cause = new Error('The body is not as long as its head says, or was cut off.')
  return new AppError('BAD_REQUEST', 'The request cannot be passed on as it is.', undefined, { cause })
}
