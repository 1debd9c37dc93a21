import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AppClient } from '../apps/client/app-client.ts'
import { errorWords } from '../apps/client/client-errors.ts'
import { AppError } from '../contract/errors.ts'
import type { Exchange } from '../traffic/exchange.ts'
import { BodyRelay, hasBody } from './body-relay.ts'
import { clientAnswerHeaders } from './headers.ts'

export interface ForwardHttp {
  client: AppClient
  exchange: Exchange
  req: IncomingMessage
  res: ServerResponse
  appKey: string
  path: string
  /** Made by appRequestHeaders. */
  headers: string[]
  /** Changes the headers of the answer; null leaves them. */
  answerHeaders: ((headers: string[]) => string[]) | null
  /** The app gave no answer; nothing has been sent to the client yet. */
  failed(error: AppError): void
}

/**
 * Joins a request to its app and the answer to the client, with back-pressure both ways. The exchange is ended by
 * whoever watches the response close.
 */
export function forwardHttp(i: ForwardHttp): { abort(): void } {
  const { exchange, req, res } = i
  let dataSeen = false
  const body = hasBody(req) ? new BodyRelay(req, (bytes) => exchange.bytes(bytes, 0)) : null
  exchange.forwarded()
  const call = i.client.dispatch(
    i.appKey,
    { method: req.method ?? 'GET', path: i.path, headers: i.headers, body },
    {
      head(status, statusText, rawHeaders) {
        if (res.destroyed) return
        const plain = clientAnswerHeaders(rawHeaders, { websocket: false })
        const headers = i.answerHeaders === null ? plain : i.answerHeaders(plain)
        exchange.head(status, headers)
        try {
          res.writeHead(status, statusText, headers)
        } catch (cause) {
          // Status or header with characters that HTTP does not allow. node:http keeps the words that it refused, and
          // would refuse our own answer for them, too.
          res.statusMessage = ''
          call.abort()
          i.failed(
            new AppError('APP_BAD_ANSWER', 'The app gave an answer that is not valid HTTP.', undefined, { cause }),
          )
          return
        }
        // Most answers come in one piece, and head and body then go out in one, too. The head of an event stream must
        // not wait for its first event, though.
        process.nextTick(() => {
          if (!dataSeen && !res.destroyed && !res.writableEnded) res.flushHeaders()
        })
      },
      data(chunk) {
        exchange.bytes(0, chunk.length)
        dataSeen = true
        if (res.destroyed || res.write(chunk)) return true
        res.once('drain', () => call.resume())
        return false
      },
      end() {
        res.end()
      },
      error(error) {
        if (!res.headersSent) return i.failed(error)
        // Half an answer cannot be taken back; a closed connection tells the client that it is not whole.
        exchange.abort(`The app broke off: ${errorWords(error)}`)
        res.destroy()
      },
    },
  )
  return call
}
