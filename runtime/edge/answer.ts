import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Exchange } from '../traffic/exchange.ts'
import { hasBody } from './body-relay.ts'
import { isPageLoad } from './origin.ts'
import { jsonHeaders, rawJson } from './raw-answer.ts'
import type { MessagePage, Refusal } from './refusal.ts'

/** Errors of the app's side, after the request was let through: they are told and recorded, but nobody refused. */
const APP_FAULTS = new Set<string>(['APP_UNREACHABLE', 'APP_BAD_ANSWER', 'APP_TIMEOUT'])

/** Answers what does not reach an app: with a page to a page load, with JSON to everything else. */
export class AnswerRefusal {
  readonly #page: (req: IncomingMessage, res: ServerResponse, page: MessagePage, status: number) => void

  /** @param page answers with a whole page; response headers set before are kept */
  constructor(page: (req: IncomingMessage, res: ServerResponse, page: MessagePage, status: number) => void) {
    this.#page = page
  }

  http(req: IncomingMessage, res: ServerResponse, exchange: Exchange, refusal: Refusal): void {
    record(exchange, refusal)
    if (res.destroyed || res.headersSent) {
      res.destroy()
      return
    }
    const extra = refusal.headers ?? []
    for (let i = 0; i + 1 < extra.length; i += 2) res.setHeader(extra[i] ?? '', extra[i + 1] ?? '')
    // A body that nobody will read is not waited for: after the answer the connection ends (A13).
    if (hasBody(req) && !req.complete) res.setHeader('Connection', 'close')
    if (refusal.page !== null && isPageLoad(req.method, req.headers.accept)) {
      exchange.head(refusal.status, ['Content-Type', 'text/html; charset=utf-8'])
      this.#page(req, res, refusal.page, refusal.status)
      return
    }
    const body = JSON.stringify(refusalBody(refusal))
    const headers = jsonHeaders(Buffer.byteLength(body))
    exchange.head(refusal.status, headers)
    for (let i = 0; i + 1 < headers.length; i += 2) res.setHeader(headers[i] ?? '', headers[i + 1] ?? '')
    res.statusCode = refusal.status
    res.end(body)
  }

  /** On a socket that asked for a WebSocket. */
  socket(socket: Duplex, exchange: Exchange, refusal: Refusal): void {
    record(exchange, refusal)
    exchange.head(refusal.status, [])
    rawJson(socket, refusal.status, refusalBody(refusal), refusal.headers)
  }
}

function record(exchange: Exchange, { code, reason, status }: Refusal): void {
  if (APP_FAULTS.has(code)) exchange.note(reason)
  else exchange.refuse(code, reason, status)
}

export function refusalBody({ code, message }: { code: string; message: string }): object {
  return { error: true, code, message }
}
