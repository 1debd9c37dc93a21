import type { Duplex } from 'node:stream'
import { answerError, errorWords } from '../../apps/client/client-errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import type { Clock } from '../../core/clock.ts'
import type { Disposable } from '../../core/disposable.ts'
import type { RandomBytes } from '../../core/ids.ts'
import type { Exchange } from '../../traffic/exchange.ts'
import type { LiveEnd } from '../live.ts'
import { CLOSE } from './close-codes.ts'
import { closeFrame } from './close-frame.ts'
import { FrameScanner, OPCODE } from './frame-scanner.ts'

export interface RelayDeps {
  /** The client's connection and the app's. */
  socket: Duplex
  upstream: Duplex
  exchange: Exchange
  clock: Clock
  random: RandomBytes
  /** The two ends agreed on an extension. */
  extensions: boolean
  maxMessage?: number | undefined
}

const APP_GONE = { code: CLOSE.GOING_AWAY, reason: 'The app went away.' } as const

/**
 * Joins a client's WebSocket to an app's. Bytes pass as they come, in the pieces that they come in; only frame headers
 * are read on the way, for limits and the record, and to know where a frame ends, so that the host can close it with a
 * frame of its own.
 */
export class WebSocketRelay {
  readonly #d: RelayDeps
  readonly #client: FrameScanner
  readonly #app: FrameScanner
  /** Beginnings of headers that wait for the rest. */
  #heldIn: Buffer | null = null
  #heldOut: Buffer | null = null
  /** The host closes it; nothing more passes but the end of the frame that a client is in the middle of. */
  #ending: LiveEnd | null = null
  /** A close frame has gone to the client. */
  #told = false
  #clientEnded = false
  #bound: Disposable | null = null

  constructor(deps: RelayDeps) {
    const { exchange, extensions, maxMessage = LIMITS.webSocketMessageBytes } = deps
    this.#d = deps
    this.#client = new FrameScanner({
      masked: true,
      extensions,
      maxMessage,
      frame: (opcode, bytes, closeCode, preview) => exchange.frame('in', opcode, bytes, closeCode, preview),
      previews: () => exchange.keepsBodies,
    })
    this.#app = new FrameScanner({
      masked: false,
      extensions,
      maxMessage,
      frame: (opcode, bytes, closeCode, preview) => exchange.frame('out', opcode, bytes, closeCode, preview),
      previews: () => exchange.keepsBodies,
    })
  }

  /**
   * @param answer the head of the 101 for the client
   * @param early what each side sent right behind its head
   */
  start(answer: string, early: { client: Buffer; app: Buffer }): void {
    const { socket, upstream, exchange } = this.#d
    socket.on('close', () => {
      this.#bound?.dispose()
      upstream.destroy()
    })
    upstream.on('error', (error) => {
      if (this.#ending === null) exchange.note(`The app's connection broke: ${errorWords(answerError(error))}`)
    })
    upstream.on('close', () => this.#appEnded())
    upstream.on('end', () => this.#appEnded())
    socket.on('end', () => {
      this.#clientEnded = true
      if (this.#ending === null) upstream.end()
      else this.#finishWhenTold()
    })
    socket.on('drain', () => upstream.resume())
    upstream.on('drain', () => socket.resume())

    socket.cork()
    socket.write(answer, 'latin1')
    if (early.app.length > 0) this.#fromApp(early.app)
    socket.uncork()
    if (early.client.length > 0) this.#fromClient(early.client)
    socket.on('data', (chunk: Buffer) => this.#fromClient(chunk))
    upstream.on('data', (chunk: Buffer) => this.#fromApp(chunk))
  }

  /**
   * Closes both sides: the client's with this code in a close frame, as soon as the frame that it is in the middle of
   * has ended; after LIMITS.webSocketCloseTimeout without one. Nothing that the client sends passes from here on.
   */
  close(end: LiveEnd): void {
    if (this.#ending !== null) {
      if (end.atOnce === true) this.#destroy()
      return
    }
    this.#ending = end
    const { socket, upstream, exchange, clock, random } = this.#d
    if (socket.destroyed) return
    if (!this.#app.closed) {
      exchange.frame('out', OPCODE.CLOSE, closeFrame(end.code, end.reason, null).length - 2, end.code)
    }
    exchange.abort(end.reason)
    // Both are read to their ends, whatever the other side takes.
    socket.resume()
    upstream.resume()
    // An app that is in the middle of a frame cannot be told; it sees the connection end.
    const tellApp = this.#client.missing === 0 && !this.#client.closed && upstream.writable
    if (tellApp) upstream.write(closeFrame(CLOSE.GOING_AWAY, '', random))
    if (this.#app.missing === 0) this.#tellClient(end)
    if (end.atOnce === true) this.#destroy()
    else this.#bound = clock.after(LIMITS.webSocketCloseTimeout, () => this.#destroy())
  }

  #fromClient(chunk: Buffer): void {
    const scanner = this.#client
    if (this.#ending !== null) {
      // Only to see whether the client agrees to the end.
      scanner.scan(chunk)
      if (scanner.closed) this.#finishWhenTold()
      return
    }
    const { socket, upstream, exchange } = this.#d
    const passed = scanner.scan(chunk)
    exchange.bytes(chunk.length, 0)
    if (passed > 0) {
      const held = this.#heldIn
      this.#heldIn = null
      pass(upstream, socket, held, passed === chunk.length ? chunk : chunk.subarray(0, passed))
    }
    if (passed < chunk.length) this.#heldIn = this.#rest(scanner, this.#heldIn, chunk, passed)
    const { fault } = scanner
    if (fault === null) return
    exchange.frame('in', fault.opcode, fault.bytes)
    exchange.refuse(
      fault.code === CLOSE.TOO_BIG ? 'TOO_LARGE' : 'BAD_REQUEST',
      `From the client: ${fault.reason}`,
      null,
    )
    this.close({ code: fault.code, reason: fault.reason })
  }

  #fromApp(chunk: Buffer): void {
    const scanner = this.#app
    if (this.#ending !== null) {
      this.#endOfFrame(chunk, this.#ending)
      return
    }
    const { socket, upstream, exchange } = this.#d
    const passed = scanner.scan(chunk)
    exchange.bytes(0, chunk.length)
    if (passed > 0) {
      const held = this.#heldOut
      this.#heldOut = null
      pass(socket, upstream, held, passed === chunk.length ? chunk : chunk.subarray(0, passed))
    }
    if (passed < chunk.length) this.#heldOut = this.#rest(scanner, this.#heldOut, chunk, passed)
    const { fault } = scanner
    if (fault === null) return
    exchange.frame('out', fault.opcode, fault.bytes)
    if (fault.code === CLOSE.TOO_BIG) exchange.refuse('TOO_LARGE', `From the app: ${fault.reason}`, null)
    else exchange.note(`From the app: ${fault.reason}`)
    this.close({ code: fault.code, reason: 'The app sent what cannot be passed on.' })
  }

  /** What of this chunk has to wait for the rest of a header; null where it must not pass at all. */
  #rest(scanner: FrameScanner, held: Buffer | null, chunk: Buffer, passed: number): Buffer | null {
    if (scanner.fault !== null || scanner.closed) return null
    const rest = chunk.subarray(passed)
    return held === null ? rest : Buffer.concat([held, rest])
  }

  /** While it is being closed, the app may still end the frame that it is in the middle of, and no more than that. */
  #endOfFrame(chunk: Buffer, end: LiveEnd): void {
    if (this.#told || this.#app.missing === 0) return
    const rest = chunk.length <= this.#app.missing ? chunk : chunk.subarray(0, this.#app.missing)
    this.#app.scan(rest)
    this.#d.socket.write(rest)
    if (this.#app.missing === 0) this.#tellClient(end)
  }

  #tellClient(end: LiveEnd): void {
    const { socket } = this.#d
    this.#told = true
    // The app's own close frame is the last one then (RFC 6455, 5.5.1).
    if (!this.#app.closed && socket.writable) socket.write(closeFrame(end.code, end.reason, null))
    this.#finishWhenTold()
  }

  /** RFC 6455, 7.1.1: once both have said so, the server's side of the connection ends first. */
  #finishWhenTold(): void {
    if (!this.#told || !(this.#client.closed || this.#clientEnded)) return
    this.#d.socket.end()
    this.#d.upstream.end()
  }

  /** The app's side of the connection is over. */
  #appEnded(): void {
    const { socket, clock } = this.#d
    if (this.#ending !== null) {
      // In the middle of a frame that will have no end.
      if (!this.#told) this.#destroy()
      return
    }
    if (!this.#app.closed) {
      this.close(APP_GONE)
      if (!this.#told) this.#destroy()
      return
    }
    if (socket.writableEnded) return
    // What the client has not taken yet still goes out, for a while.
    socket.end()
    this.#bound = clock.after(LIMITS.webSocketLinger, () => this.#destroy())
  }

  #destroy(): void {
    this.#bound?.dispose()
    this.#d.socket.destroy()
    this.#d.upstream.destroy()
  }
}

/** On to the other side, whole, and no faster than it takes it. */
function pass(to: Duplex, from: Duplex, held: Buffer | null, bytes: Buffer): void {
  if (held === null) {
    if (!to.write(bytes)) from.pause()
    return
  }
  to.cork()
  to.write(held)
  if (!to.write(bytes)) from.pause()
  to.uncork()
}
