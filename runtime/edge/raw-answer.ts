import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { LIMITS } from '../contract/limits.ts'

/** An answer's head as bytes, for sockets that node:http has let go of (upgrades, broken requests). */
export function rawHead(status: number, statusText: string, headers: readonly string[]): string {
  let head = `HTTP/1.1 ${status} ${statusText || (STATUS_CODES[status] ?? '')}\r\n`
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  return `${head}\r\n`
}

/** Answers with JSON on a bare socket and closes it. */
export function rawJson(socket: Duplex, status: number, body: object, extra: readonly string[] = []): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const text = JSON.stringify(body)
  const headers = [...jsonHeaders(Buffer.byteLength(text)), ...extra, 'Connection', 'close']
  socket.end(rawHead(status, '', headers) + text, 'utf8')
  linger(socket)
}

/**
 * A client that has had its answer and does not leave would hold the connection open for ever (A45). It gets time to
 * read: closing at once, with bytes of its own still on the way, would take the answer from it.
 */
export function linger(socket: Duplex): void {
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), LIMITS.lingerTimeout)
  timer.unref()
  lingering.add(socket)
  socket.once('close', () => {
    clearTimeout(timer)
    lingering.delete(socket)
  })
  // No other limit counts these, and who comes back again and again would have as many as fit into that time.
  const [oldest] = lingering
  if (lingering.size > LIMITS.connections) oldest?.destroy()
}

/** The oldest first. */
const lingering = new Set<Duplex>()

/** Headers of the host's own JSON answers (C27); they are nothing that a browser should show, keep or run. */
export function jsonHeaders(length: number): string[] {
  return [
    'Content-Type',
    'application/json; charset=utf-8',
    'Content-Length',
    String(length),
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
    'Content-Security-Policy',
    "default-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy',
    'no-referrer',
  ]
}
