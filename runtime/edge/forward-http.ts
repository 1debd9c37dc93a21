import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AppClient } from '../apps/client/app-client.ts'
import { errorWords } from '../apps/client/client-errors.ts'
import type { AnswerHandler, AppCall } from '../apps/client/types.ts'
import { AppError } from '../contract/errors.ts'
import type { Exchange } from '../traffic/exchange.ts'
import { AnswerHeaders, type AnswerRewrite, PLAIN_ANSWER } from './answer-headers.ts'
import { BodyRelay, hasBody } from './body-relay.ts'
import { writeWhole } from './whole-answer.ts'
import { WriteRooms } from './write-room.ts'

/**
 * Bytes that may wait for a client that is slow to read. To stop the reading for each piece, as a response's own mark of
 * 16 KB would, costs more than passing it on.
 */
const WRITE_AHEAD = 128 * 1024

/** Of all answers: only as much as waits to be written is in use. */
const rooms = new WriteRooms()

export interface ForwardHttp {
  client: AppClient
  exchange: Exchange
  req: IncomingMessage
  res: ServerResponse
  appKey: string
  path: string
  /** Made by RequestHeaders. */
  headers: string[]
  /** Changes the headers of the answer; null leaves them. */
  answerHeaders: AnswerRewrite | null
  /** The app gave no answer; nothing has been sent to the client yet. */
  failed(error: AppError): void
}

/**
 * Joins a request to its app and the answer to the client, with back-pressure both ways. The exchange is ended by
 * whoever watches the response close.
 */
export function forwardHttp(input: ForwardHttp): AppCall {
  const { client, exchange, req } = input
  const body = hasBody(req) ? new BodyRelay(req, (chunk) => exchange.bodyIn(chunk)) : null
  exchange.forwarded()
  const { appKey, path, headers } = input
  // node:http makes each piece for this body alone, and the record copies what it keeps of one.
  const request = { method: req.method ?? 'GET', path, headers, body, ownPieces: true }
  const forwarding = new Forwarding(input)
  forwarding.call = client.dispatch(appKey, request, forwarding)
  return forwarding.call
}

/** The answer on its way back. */
class Forwarding implements AnswerHandler {
  call: AppCall | null = null
  readonly #i: ForwardHttp
  #dataSeen = false
  /** The app waits until the client has taken what it was sent. */
  #full = false

  constructor(input: ForwardHttp) {
    this.#i = input
  }

  whole(status: number, statusText: string, rawHeaders: string[], body: string): void {
    const { exchange, res } = this.#i
    if (res.destroyed) return
    const headers = this.#headers(status, rawHeaders)
    exchange.bodyOutText(body)
    if (writeWhole(res, status, statusText, headers, body)) return
    if (!this.#writeHead(status, statusText, headers)) return
    res.end(body, 'latin1')
  }

  head(status: number, statusText: string, rawHeaders: string[]): void {
    if (this.#i.res.destroyed) return
    if (!this.#writeHead(status, statusText, this.#headers(status, rawHeaders))) return
    // Most answers come in one piece, and head and body then go out in one, too. The head of an event stream must not
    // wait for its first event, though.
    process.nextTick(flushHead, this)
  }

  data(chunk: Buffer): boolean {
    return this.#write(chunk, false)
  }

  piece(chunk: Buffer): boolean {
    return this.#write(chunk, true)
  }

  end(): void {
    this.#i.res.end()
  }

  error(error: AppError): void {
    const { exchange, failed, res } = this.#i
    if (!res.headersSent) {
      failed(error)
      return
    }
    // Half an answer cannot be taken back; a closed connection tells the client that it is not whole.
    exchange.abort(`The app broke off: ${errorWords(error)}`)
    res.destroy()
  }

  flushHead(): void {
    const { res } = this.#i
    if (!this.#dataSeen && !res.destroyed && !res.writableEnded) res.flushHeaders()
  }

  /** @param lent its memory is somebody else's again when this returns */
  #write(chunk: Buffer, lent: boolean): boolean {
    const { exchange, res } = this.#i
    exchange.bodyOut(chunk)
    this.#dataSeen = true
    if (res.destroyed) return true
    const kept = lent ? rooms.write(chunk, (copy, done) => res.write(copy, done)) : res.write(chunk)
    // What the system took at once does not wait; the response counts it all the same.
    if (kept || res.writableLength < WRITE_AHEAD) return true
    if (!this.#full) {
      this.#full = true
      res.once('drain', () => {
        this.#full = false
        this.call?.resume()
      })
    }
    return false
  }

  #headers(status: number, rawHeaders: string[]): string[] {
    const { answerHeaders: rewrite, exchange } = this.#i
    const account = rewrite === null ? PLAIN_ANSWER : new AnswerHeaders({ websocket: false, rewrite })
    exchange.answered(status, rawHeaders, account)
    return account.forward(rawHeaders)
  }

  #writeHead(status: number, statusText: string, headers: string[]): boolean {
    const { failed, res } = this.#i
    try {
      res.writeHead(status, statusText, headers)
      return true
    } catch (cause) {
      // Status or header with characters that HTTP does not allow. node:http keeps the words that it refused, and
      // would refuse our own answer for them, too.
      res.statusMessage = ''
      this.call?.abort()
      failed(new AppError('APP_BAD_ANSWER', 'The app gave an answer that is not valid HTTP.', undefined, { cause }))
      return false
    }
  }
}

/** One function for all, and not a new one for each answer. */
function flushHead(forwarding: Forwarding): void {
  forwarding.flushHead()
}
