import type { Duplex } from 'node:stream'
import type { AppClient } from '../apps/client/app-client.ts'
import { answerError } from '../apps/client/client-errors.ts'
import { AppError } from '../contract/errors.ts'
import type { Clock } from '../core/clock.ts'
import type { RandomBytes } from '../core/ids.ts'
import type { Exchange } from '../traffic/exchange.ts'
import { AnswerHeaders } from './answer-headers.ts'
import { linger, rawHead } from './raw-answer.ts'
import { hasExtensions, switchFault } from './websocket/handshake.ts'
import { WebSocketRelay } from './websocket/relay.ts'
import type { WebSocketVisit } from './websocket/visit.ts'

/** What joining takes besides the connection itself. */
export interface WebSocketPorts {
  client: AppClient
  clock: Clock
  random: RandomBytes
}

export interface ForwardWebSocket extends WebSocketPorts {
  exchange: Exchange
  visit: WebSocketVisit
  socket: Duplex
  /** What the client sent right behind its request. */
  head: Buffer
  appKey: string
  path: string
  /** Made by appRequestHeaders for a WebSocket. */
  headers: string[]
  /** Changes the headers of an answer that is no WebSocket; null leaves them. */
  answerHeaders?: ((headers: string[]) => string[]) | null
  /** The app gave no answer that could be passed on; nothing has been sent to the client yet. */
  failed(error: AppError): void
}

/**
 * Joins a client's connection to an app's once the app has said 101, and said it to this handshake. Until then nothing
 * that the client sent behind its request goes to the app: were it passed on early, an app that answers otherwise would
 * read it as a request that nobody has checked.
 */
export async function forwardWebSocket(i: ForwardWebSocket): Promise<void> {
  const { client, exchange, socket, visit, headers: requestHeaders } = i
  exchange.forwarded()
  let answer: Awaited<ReturnType<AppClient['upgrade']>>
  try {
    answer = await client.upgrade(i.appKey, { path: i.path, headers: requestHeaders }, visit.signal)
  } catch (error) {
    i.failed(answerError(error))
    return
  }

  if (!answer.upgraded) {
    // Refused by the app: its answer goes out like any other, and ends the connection.
    const account = new AnswerHeaders({ websocket: false, rewrite: i.answerHeaders ?? null })
    const headers = account.forward(answer.headers).filter(notLength)
    exchange.answered(answer.status, answer.headers, account)
    const { body } = answer
    socket.write(rawHead(answer.status, answer.statusText, [...headers, 'Connection', 'close']), 'latin1')
    body.on('data', (chunk: Buffer) => exchange.bytes(0, chunk.length))
    body.on('error', () => socket.destroy())
    body.on('end', () => linger(socket))
    socket.on('close', () => body.destroy())
    body.pipe(socket)
    return
  }

  const upstream = answer.socket
  const fault = switchFault(requestHeaders, answer.headers)
  if (fault !== null) {
    upstream.on('error', () => {})
    upstream.destroy()
    const cause = new Error(fault)
    i.failed(
      new AppError('APP_BAD_ANSWER', 'The app did not take up the WebSocket as it has to.', undefined, { cause }),
    )
    return
  }
  const account = new AnswerHeaders({ websocket: true, rewrite: null })
  const headers = account.forward(answer.headers)
  exchange.answered(101, answer.headers, account)
  if (socket.destroyed || upstream.destroyed) {
    exchange.abort('One side left during the handshake.')
    socket.destroy()
    upstream.destroy()
    return
  }
  const extensions = hasExtensions(answer.headers)
  const relay = new WebSocketRelay({ socket, upstream, exchange, clock: i.clock, random: i.random, extensions })
  visit.joined(relay)
  relay.start(rawHead(101, 'Switching Protocols', headers), { client: i.head, app: answer.head })
}

/** The connection ends with the answer, so its length needs no saying; a wrong one could not do harm then either. */
function notLength(_value: string, index: number, headers: string[]): boolean {
  return (headers[index - (index % 2)] ?? '').toLowerCase() !== 'content-length'
}
