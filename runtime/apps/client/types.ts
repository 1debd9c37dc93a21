import type { IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type { AppError } from '../../contract/errors.ts'

/** A request as the app gets it. `headers` are raw (name, value, name, value …) and without any that frame the body. */
export interface AppRequest {
  method: string
  /** Origin form: starts with `/`. */
  path: string
  headers: string[]
  /** With a stream, `Content-Length` in the headers says its length; without one it goes out chunked. */
  body: Readable | Buffer | null
  /** The pieces of the stream are nobody else's: their memory may be given back once they are written. */
  ownPieces?: boolean
}

/** Told of one answer: `head`, any number of `data`, then `end`; or `error` at any point, and nothing after it. */
export interface AnswerHandler {
  head(status: number, statusText: string, headers: string[]): void
  /** False pauses the answer until `AppCall.resume`. */
  data(chunk: Buffer): boolean
  /** As `data`, and called instead of it where there is such a method; the bytes are overwritten once it returns. */
  piece?(chunk: Buffer): boolean
  end(): void
  /**
   * Where there is such a method it may be called instead of all of these: the answer came whole and in one.
   * @param body its bytes as latin1
   */
  whole?(status: number, statusText: string, headers: string[], body: string): void
  /** APP_UNREACHABLE, APP_BAD_ANSWER, APP_TIMEOUT, BAD_REQUEST. */
  error(error: AppError): void
}

export interface AppCall {
  resume(): void
  /** Breaks the request off; the handler hears nothing more. */
  abort(): void
}

export type UpgradeAnswer =
  | { upgraded: true; headers: string[]; socket: Duplex; head: Buffer }
  /** The app did not switch protocols and answered like any request. */
  | { upgraded: false; status: number; statusText: string; headers: string[]; body: IncomingMessage }

/** A request to switch protocols; `headers` hold `Connection` and `Upgrade`. */
export interface UpgradeRequest {
  path: string
  headers: string[]
}

/**
 * Where an app listens: the path of a Unix socket (on Windows the name of a pipe), or an origin like
 * `http://127.0.0.1:3000`.
 */
export type AppTarget = string

export function isOrigin(target: AppTarget): boolean {
  return target.startsWith('http://') || target.startsWith('https://')
}

/** The connections to one target. */
export interface AppTransport {
  /** Never throws: everything that goes wrong is told to the handler, later than this returns. */
  dispatch(request: AppRequest, handler: AnswerHandler): AppCall
  /** The connection is the caller's from then on, until `close`. Rejects like `AnswerHandler.error`, and with CANCELLED. */
  upgrade(request: UpgradeRequest, signal: AbortSignal): Promise<UpgradeAnswer>
  /** Ends every connection at once, upgraded ones too. Resolves when they are gone; never rejects. */
  close(): Promise<void>
}
