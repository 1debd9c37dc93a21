import type { Duplex } from 'node:stream'
import type { AppClient } from '../apps/client/app-client.ts'
import { answerError, errorWords } from '../apps/client/client-errors.ts'
import type { AppError } from '../contract/errors.ts'
import type { Exchange } from '../traffic/exchange.ts'
import { clientAnswerHeaders } from './headers.ts'
import { rawHead } from './raw-answer.ts'

export interface ForwardWebSocket {
  client: AppClient
  exchange: Exchange
  socket: Duplex
  /** What the client sent right behind its request. */
  head: Buffer
  appKey: string
  path: string
  /** Made by appRequestHeaders for a WebSocket. */
  headers: string[]
  signal: AbortSignal
  /** The app gave no answer; nothing has been sent to the client yet. */
  failed(error: AppError): void
}

/**
 * Joins a client's connection to an app's, byte for byte, once the app has said 101. Until then nothing that the
 * client sent behind its request goes to the app: were it passed on early, an app that answers otherwise would read
 * it as a request that nobody has checked.
 */
export async function forwardWebSocket(i: ForwardWebSocket): Promise<void> {
  const { exchange, socket } = i
  exchange.forwarded()
  let answer: Awaited<ReturnType<AppClient['upgrade']>>
  try {
    answer = await i.client.upgrade(i.appKey, { path: i.path, headers: i.headers }, i.signal)
  } catch (error) {
    i.failed(answerError(error))
    return
  }

  if (!answer.upgraded) {
    // Refused by the app: its answer goes out like any other, and ends the connection.
    const headers = clientAnswerHeaders(answer.headers, { websocket: false }).filter(notLength)
    exchange.head(answer.status, headers)
    const { body } = answer
    socket.write(rawHead(answer.status, answer.statusText, [...headers, 'Connection', 'close']), 'latin1')
    body.on('data', (chunk: Buffer) => exchange.bytes(0, chunk.length))
    body.on('error', () => socket.destroy())
    socket.on('close', () => body.destroy())
    body.pipe(socket)
    return
  }

  const upstream = answer.socket
  const headers = clientAnswerHeaders(answer.headers, { websocket: true })
  exchange.head(101, headers)
  const closeBoth = (reason: string) => {
    exchange.abort(reason)
    socket.destroy()
    upstream.destroy()
  }
  upstream.on('error', (error) => closeBoth(`The app's connection broke: ${errorWords(answerError(error))}`))
  upstream.on('close', () => socket.destroy())
  socket.on('close', () => upstream.destroy())
  if (socket.destroyed || upstream.destroyed) {
    closeBoth('One side left during the handshake.')
    return
  }
  socket.write(rawHead(101, 'Switching Protocols', headers), 'latin1')
  if (answer.head.length > 0) upstream.unshift(answer.head)
  if (i.head.length > 0) socket.unshift(i.head)
  socket.on('data', (chunk: Buffer) => exchange.bytes(chunk.length, 0))
  upstream.on('data', (chunk: Buffer) => exchange.bytes(0, chunk.length))
  socket.pipe(upstream)
  upstream.pipe(socket)
}

/** The connection ends with the answer, so its length needs no saying; a wrong one could not do harm then either. */
function notLength(_value: string, index: number, headers: string[]): boolean {
  return (headers[index - (index % 2)] ?? '').toLowerCase() !== 'content-length'
}
