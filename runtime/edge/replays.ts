import { type ClientRequest, request } from 'node:http'
import { AppError } from '../contract/errors.ts'
import type { User } from '../contract/models.ts'
import { type Clock, delay } from '../core/clock.ts'
import { newToken, type RandomBytes, tokenHash } from '../core/ids.ts'
import type { Exchange } from '../traffic/exchange.ts'

/** In whose name a request is made again. */
export type ReplayCaller =
  | { kind: 'user'; user: User; sessionId: string }
  | { kind: 'app'; appKey: string; ownerKey: string }

export interface ReplayRequest {
  caller: ReplayCaller
  /** The row that is repeated. */
  seq: number
  method: string
  /** Host header: the app's own name, or the host's. */
  host: string
  path: string
  headers: string[]
  body: Buffer | null
}

/** By its name a secret, so that it is masked wherever headers are shown. */
const HEADER = 'atek-replay-token'
/** From here to the listener, which is in the same process. */
const LIFE = 10_000
/** How long an answer is waited for. The request goes on being recorded, whatever becomes of it. */
const PATIENCE = 60_000

interface Ticket {
  caller: ReplayCaller
  seq: number
  begun(exchange: Exchange): void
}

/**
 * Makes recorded requests again, through the same door as everybody's: rate limits, access and everything after them
 * hold as ever. Only who it is from comes from a ticket and not from a cookie: 256 random bits, good for one request,
 * in memory, and never passed on, since a caller's headers that read as Atek-… never are (C20).
 */
export class Replays {
  readonly #clock: Clock
  readonly #random: RandomBytes
  readonly #port: () => number
  readonly #tickets = new Map<string, Ticket>()

  constructor(deps: { clock: Clock; random: RandomBytes; port(): number }) {
    this.#clock = deps.clock
    this.#random = deps.random
    this.#port = deps.port
  }

  /** Whether `take` would know who this request is from. */
  expects(rawHeaders: readonly string[]): boolean {
    if (this.#tickets.size === 0) return false
    return rawHeaders.some(
      (name, at) => at % 2 === 0 && name.toLowerCase() === HEADER && this.#knows(rawHeaders[at + 1]),
    )
  }

  /** Who this request is from, when it is one of ours; its record is told what it repeats. */
  take(exchange: Exchange, rawHeaders: readonly string[]): ReplayCaller | null {
    // Nearly always: then the headers are not even looked at.
    if (this.#tickets.size === 0) return null
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      if (rawHeaders[i]?.toLowerCase() !== HEADER) continue
      const hash = tokenHash(rawHeaders[i + 1] ?? '')
      const ticket = this.#tickets.get(hash)
      if (ticket === undefined) continue
      this.#tickets.delete(hash)
      exchange.repeats(ticket.seq)
      ticket.begun(exchange)
      return ticket.caller
    }
    return null
  }

  /** Resolves when the answer's head is there. Rejects with APP_TIMEOUT, or INTERNAL when it did not come in. */
  async replay(again: ReplayRequest): Promise<{ seq: number; status: number }> {
    const token = newToken(this.#random)
    const hash = tokenHash(token)
    let seq: number | null = null
    this.#tickets.set(hash, {
      caller: again.caller,
      seq: again.seq,
      begun: (exchange) => {
        seq = exchange.seq
      },
    })
    const expiry = this.#clock.after(LIFE, () => this.#tickets.delete(hash))
    const given = new AbortController()
    try {
      const status = await Promise.race([
        this.#send(again, token, given.signal),
        delay(this.#clock, PATIENCE, given.signal).then(() => {
          throw new AppError('APP_TIMEOUT', 'The request was made again, and has not been answered within a minute.')
        }),
      ])
      if (seq === null) throw new AppError('INTERNAL', 'The request was made again, and did not reach the host.')
      return { seq, status }
    } finally {
      given.abort()
      expiry.dispose()
      this.#tickets.delete(hash)
    }
  }

  #knows(token: string | undefined): boolean {
    return token !== undefined && this.#tickets.has(tokenHash(token))
  }

  #send({ method, host, path, headers, body }: ReplayRequest, token: string, given: AbortSignal): Promise<number> {
    return new Promise((done, failed) => {
      const length = body === null ? [] : ['Content-Length', String(body.length)]
      const sent: ClientRequest = request({
        host: '127.0.0.1',
        port: this.#port(),
        method,
        path,
        agent: false,
        headers: ['Host', host, ...headers, ...length, HEADER, token, 'Connection', 'close'],
      })
      const giveUp = () => sent.destroy()
      given.addEventListener('abort', giveUp, { once: true })
      sent.on('error', failed)
      sent.on('response', (answer) => {
        given.removeEventListener('abort', giveUp)
        // Read to its end, so that the record has all of it; an answer that never ends is left after a while.
        answer.resume()
        const patience = this.#clock.after(PATIENCE, () => answer.destroy())
        answer.on('close', () => patience.dispose())
        answer.on('error', () => {})
        done(answer.statusCode ?? 0)
      })
      sent.end(body ?? undefined)
    })
  }
}
