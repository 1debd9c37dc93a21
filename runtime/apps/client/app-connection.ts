import { connect, type Socket } from 'node:net'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { type AnswerHead, BadAnswer, HeadPieces, parseAnswerHead } from './answer-head.ts'
import type { SocketCall } from './app-call.ts'
import { ChunkedBody } from './chunked-body.ts'
import { answerError } from './client-errors.ts'
import { RequestBody } from './request-body.ts'

/** How a connection tells its transport about itself. */
export interface ConnectionOwner {
  /** Whole seconds of the transport's own time: exact enough for timeouts, and costs nothing to read. */
  readonly seconds: number
  /** Free for the next request. */
  idle(connection: AppConnection): void
  /** Gone, or going: never to be used again. */
  closed(connection: AppConnection): void
  /** The app had closed it before this request reached it, so that it may be sent again. */
  again(call: SocketCall): void
}

const READ_BYTES = 64 * 1024
/**
 * What is read is used up, or copied, before the next read, so that one buffer serves all connections. Windows is handed
 * a buffer before there is something to read: there each connection has its own.
 */
const shared = process.platform === 'win32' ? null : Buffer.allocUnsafeSlow(READ_BYTES)

/** A head and a body of up to so many bytes in one read are passed on in one. */
const WHOLE_BYTES = 16 * 1024
/** Interim answers to one request; an app has no use for more, and a flood of them would go on for ever (A45). */
const INTERIM_ANSWERS = 20

/** Methods that an app may see twice without harm (RFC 9110, 9.2.1): only these are ever sent again. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Where the answer is. */
const NOTHING = 0
const HEAD = 1
const LENGTH = 2
const CHUNKS = 3
const UNTIL_CLOSE = 4

/**
 * One connection to an app. It carries one request at a time, and the next only if nothing at all is left of the one
 * before: neither bytes that the app sent too many, nor a body that it did not wait for. Whatever an app does wrong ends
 * its connection, and so harms the one request that it belongs to (A10, A11, A45).
 */
export class AppConnection {
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  #call: SocketCall | null = null
  #state = NOTHING
  #pieces: HeadPieces | null = null
  #head: AnswerHead | null = null
  #chunks: ChunkedBody | null = null
  #left = 0
  #interim = 0
  /** Bytes came for the present request. */
  #heard = false
  #body: RequestBody | null = null
  #served = 0
  #paused = false
  #closed = false
  /** Second since which nothing has happened. */
  #since = 0
  /** Seconds after which it is let go when idle. */
  #keep = IDLE_SECONDS

  constructor(path: string, owner: ConnectionOwner) {
    this.#owner = owner
    const buffer = shared ?? Buffer.allocUnsafeSlow(READ_BYTES)
    this.#socket = connect({
      path,
      onread: { buffer, callback: (count) => this.#read(buffer, count) },
    })
    this.#socket.on('error', (error) => this.#broken(error))
    this.#socket.on('end', () => this.#ended())
    this.#socket.on('close', () => this.#broken(null))
  }

  /** Writes the request. Only on a new connection, or an idle one. */
  send(call: SocketCall): void {
    this.#call = call
    this.#state = HEAD
    this.#heard = false
    this.#interim = 0
    this.#since = this.#owner.seconds
    call.connection = this
    const { body, ownPieces = false } = call.request
    const { text, length } = call.head
    if (body === null) this.#socket.write(text, 'latin1')
    else if (body instanceof Uint8Array) {
      this.#socket.cork()
      this.#socket.write(text, 'latin1')
      if (body.length > 0) this.#socket.write(body)
      this.#socket.uncork()
    } else {
      // What came together with the head is there by the next tick, and goes out together with it.
      this.#socket.cork()
      this.#socket.write(text, 'latin1')
      this.#body = new RequestBody(this.#socket, body, length, ownPieces, {
        sent: () => {
          this.#since = this.#owner.seconds
        },
        failed: (error) => this.fail(error),
      })
      process.nextTick(uncork, this.#socket)
    }
  }

  /** The answer may go on. */
  resume(call: SocketCall): void {
    if (this.#call !== call || !this.#paused) return
    this.#paused = false
    this.#since = this.#owner.seconds
    this.#socket.resume()
  }

  /** Nobody waits for the answer any more. */
  abandon(call: SocketCall): void {
    if (this.#call === call) this.close()
  }

  /** Once a second: ends what has lasted too long. */
  check(): void {
    const waited = this.#owner.seconds - this.#since
    if (this.#state === NOTHING) {
      if (waited >= this.#keep) this.close()
      return
    }
    // Whoever reads slowly is not waiting for the app.
    if (this.#paused) return
    const limit = this.#state === HEAD ? LIMITS.appHeadersTimeout : LIMITS.appBodyTimeout
    if (waited * 1000 > limit) this.fail(new AppError('APP_TIMEOUT', 'The app did not answer in time.'))
  }

  /** Ends it; a request that is on it hears nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#call = null
    this.#body?.stop()
    this.#body = null
    this.#socket.destroy()
    this.#owner.closed(this)
  }

  /** Ends it; a request that is on it hears why. */
  fail(error: unknown): void {
    const call = this.#call
    this.close()
    if (call === null) return
    call.connection = null
    call.fail(answerError(error))
  }

  /** Resolves when its socket is gone. */
  gone(): Promise<void> {
    return this.#socket.closed ? Promise.resolve() : new Promise((resolve) => this.#socket.once('close', resolve))
  }

  /** @returns false stops the reading until `resume` */
  #read(buffer: Buffer, count: number): boolean {
    const call = this.#call
    if (this.#closed) return false
    if (call === null) {
      // Nobody asked. Read as the answer to the next request, it would be another's (response splitting, A11).
      this.close()
      return false
    }
    this.#heard = true
    this.#since = this.#owner.seconds
    try {
      this.#take(call, buffer, count)
    } catch (error) {
      this.fail(error)
    }
    return !this.#paused
  }

  #take(call: SocketCall, buffer: Buffer, count: number): void {
    let at = 0
    while (this.#state === HEAD && at < count) {
      const text = this.#pieces === null && count - at <= WHOLE_BYTES ? buffer.toString('latin1', at, count) : null
      const end = text === null ? -1 : text.indexOf('\r\n\r\n')
      if (text !== null && end !== -1) {
        // The head as a string of its own: what is kept of it for the record must not keep the body, too.
        const next = this.#begin(buffer.toString('latin1', at, at + end))
        if (next !== null && this.#isWhole(call, next, count - at - end - 4)) {
          this.#state = NOTHING
          this.#finish(call, next, text.slice(end + 4))
          return
        }
        at += end + 4
        if (next !== null) this.#answer(call, next)
      } else {
        this.#pieces ??= new HeadPieces()
        const found = this.#pieces.add(buffer.subarray(at, count))
        if (found === null) return
        this.#pieces = null
        at += found.used
        const next = this.#begin(found.text)
        if (next !== null) this.#answer(call, next)
      }
      if (this.#call !== call) return
    }
    if (this.#state === HEAD) return
    this.#takeBody(call, buffer.subarray(at, count))
  }

  /** @returns null for an interim answer, which concerns this hop only */
  #begin(text: string): AnswerHead | null {
    const head = parseAnswerHead(text)
    const { status } = head
    if (status >= 200) return head
    if (status === 101) throw new BadAnswer('The app switched protocols without being asked.')
    if (head.length !== -1 || head.chunked) throw new BadAnswer('An interim answer has a body.')
    if (++this.#interim > INTERIM_ANSWERS) throw new BadAnswer('The app sent too many interim answers.')
    return null
  }

  /** Whether body and head came in one, with nothing behind, and the handler takes both in one. */
  #isWhole(call: SocketCall, head: AnswerHead, rest: number): boolean {
    if (call.handler.whole === undefined || (this.#body !== null && !this.#body.ended)) return false
    return isBodiless(call, head) ? rest === 0 : !head.chunked && head.length === rest
  }

  #answer(call: SocketCall, head: AnswerHead): void {
    this.#head = head
    if (isBodiless(call, head)) {
      this.#state = LENGTH
      this.#left = 0
    } else if (head.chunked) {
      this.#state = CHUNKS
      this.#chunks = new ChunkedBody()
    } else {
      // Without a length the answer ends with its connection (RFC 9112, 6.3).
      this.#state = head.length === -1 ? UNTIL_CLOSE : LENGTH
      this.#left = head.length
    }
    call.handler.head(head.status, head.statusText, head.headers)
  }

  #takeBody(call: SocketCall, bytes: Buffer): void {
    let used = bytes.length
    if (this.#state === LENGTH) {
      used = Math.min(bytes.length, this.#left)
      this.#left -= used
      if (used > 0) this.#data(call, bytes.subarray(0, used))
      if (this.#left > 0 || this.#call !== call) return
    } else if (this.#state === CHUNKS && this.#chunks !== null) {
      const chunks = this.#chunks
      used = chunks.read(bytes, (piece) => {
        if (this.#call === call) this.#data(call, piece)
      })
      if (!chunks.ended || this.#call !== call) return
    } else {
      if (used > 0) this.#data(call, bytes)
      return
    }
    const head = this.#head
    this.#chunks = null
    this.#head = null
    this.#state = NOTHING
    // A paused reader has all of it by now; the next request must not find the connection paused.
    if (this.#paused) {
      this.#paused = false
      this.#socket.resume()
    }
    // Bytes behind the answer belong to nothing that was asked (A11).
    if (head !== null) this.#finish(call, used < bytes.length ? { ...head, reusable: false } : head, null)
  }

  #data(call: SocketCall, piece: Buffer): void {
    if (call.over) return
    const { handler } = call
    // The next read overwrites the buffer: whoever does not say that it knows is given a copy.
    const more = handler.piece === undefined ? handler.data(Buffer.from(piece)) : handler.piece(piece)
    if (!more && this.#call === call) this.#paused = true
  }

  /** @param whole the body as latin1, where head and body came in one */
  #finish(call: SocketCall, head: AnswerHead, whole: string | null): void {
    const bodySent = this.#body === null || (this.#body.ended && this.#socket.writableLength === 0)
    this.#body?.stop()
    this.#body = null
    this.#call = null
    call.connection = null
    this.#served++
    this.#since = this.#owner.seconds
    if (head.keepAlive !== -1) this.#keep = Math.min(IDLE_SECONDS, head.keepAlive - 1)
    // Of an answer that came before the request was out, the app may still read the rest as the next request (A10).
    if (head.reusable && bodySent && this.#keep > 0) this.#owner.idle(this)
    else this.close()
    if (call.over) return
    call.over = true
    if (!bodySent) call.release()
    if (whole === null) call.handler.end()
    else call.handler.whole?.(head.status, head.statusText, head.headers, whole)
  }

  #ended(): void {
    const call = this.#call
    if (call === null || this.#state !== UNTIL_CLOSE) {
      this.#broken(null)
      return
    }
    this.#state = NOTHING
    const head = this.#head
    this.#head = null
    if (head !== null) this.#finish(call, { ...head, reusable: false }, null)
  }

  #broken(error: Error | null): void {
    if (this.#closed) return
    const call = this.#call
    const stale = this.#served > 0 && !this.#heard
    if (call !== null && stale && !call.retried && !call.over && call.request.body === null) {
      if (SAFE.has(call.request.method)) {
        this.close()
        call.connection = null
        call.retried = true
        this.#owner.again(call)
        return
      }
    }
    this.fail(error ?? new Error('The app closed the connection before its answer was whole.'))
  }
}

/** Idle connections are let go before a Node app would close them (5 s), so that no request meets a closing one. */
const IDLE_SECONDS = 4

/** What has no body whatever its headers say (RFC 9112, 6.3). */
function isBodiless(call: SocketCall, { status }: AnswerHead): boolean {
  return call.request.method === 'HEAD' || status === 204 || status === 304
}

function uncork(socket: Socket): void {
  socket.uncork()
}
