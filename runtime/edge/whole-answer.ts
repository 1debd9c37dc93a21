import { type ServerResponse, STATUS_CODES } from 'node:http'
import { LIMITS } from '../contract/limits.ts'

/**
 * What node:http keeps of an answer, as it has been in every version: the head as it goes out, whether it has, and
 * whether the answer has been ended. Where a version keeps it otherwise, `writeWhole` leaves the answer alone.
 */
interface Kept {
  _header?: string | null
  _headerSent?: boolean
  finished?: boolean
}

const KEEP_ALIVE = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(LIMITS.keepAliveTimeout / 1000)}\r\n\r\n`

/**
 * Writes a whole answer, head and body, as one text with one call. Putting the head together through ServerResponse,
 * and writing the body behind it, costs a third of all that node:http does for a small answer. Everything that goes on
 * around the answer stays node:http's: its turn on a pipelined connection, the next request, timeouts, and `finish`.
 *
 * @param headers name, value, name, value … with characters that HTTP allows, and nothing that frames the message or
 *   concerns the connection, save a Content-Length
 * @param body its bytes as latin1; empty for an answer without one
 * @returns false when this answer needs more, and nothing was done: write it through `res` then
 */
export function writeWhole(
  res: ServerResponse,
  status: number,
  statusText: string,
  headers: readonly string[],
  body: string,
): boolean {
  const { socket, req } = res
  const kept = res as Kept
  // Without a socket it is not yet this answer's turn; what comes before it on the connection would come behind it.
  if (socket === null || socket.destroyed || !res.shouldKeepAlive || req.httpVersionMinor !== 1) return false
  if (kept._header !== null || kept._headerSent !== false || kept.finished !== false) return false

  const bodiless = req.method === 'HEAD' || status === 204 || status === 304
  let text = `HTTP/1.1 ${status} ${statusText || (STATUS_CODES[status] ?? '')}\r\n`
  let dated = false
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      // Told by what is sent; in an answer without a body it tells of another one, but never in a 204 (RFC 9110, 8.6).
      if (!bodiless || status === 204) continue
    } else if (name.length === 4 && name.toLowerCase() === 'date') dated = true
    text += `${name}: ${headers[i + 1]}\r\n`
  }
  if (!dated) text += `Date: ${httpDate()}\r\n`
  if (!bodiless) text += `Content-Length: ${body.length}\r\n`
  text += KEEP_ALIVE

  kept._header = text
  kept._headerSent = true
  kept.finished = true
  socket.write(bodiless ? text : text + body, 'latin1', (error) => {
    // After an error the connection closes, and node:http tells `close` alone.
    if (error === null || error === undefined) res.emit('finish')
  })
  return true
}

let dateSecond = 0
let dateText = ''

/** The time for a Date header, made once a second. */
function httpDate(): string {
  const now = Date.now()
  const second = Math.floor(now / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = new Date(now).toUTCString()
  }
  return dateText
}
