import type { RequestAccount, RequestTeller } from '../traffic/header-account.ts'
import { keptCookies } from './cookies.ts'
import { nameFacts } from './header-names.ts'
import { verdictOf } from './header-verdict.ts'
import { connectionNamed } from './hop-by-hop.ts'
import { type CallerHeaders, HeaderTeller, type LineRewrite, type OwnFacts, ownFacts } from './request-account.ts'

export interface RequestHeadersInput extends OwnFacts {
  caller: CallerHeaders
  /** Whether the host itself would accept this bearer token. */
  isHostBearer(token: string): boolean
}

/**
 * The headers of one request on their way to an app: those of the client without what is the host's to say, then the
 * host's own. Names are compared on raw headers in every spelling that a server could read as the same name (C20, A01,
 * A02). `forward` does it, and its teller tells of it by the same verdicts, whenever somebody asks.
 */
export class RequestHeaders implements RequestAccount {
  readonly #input: RequestHeadersInput
  /** Places of the Authorization headers that held a token of the host's: it may be none any more when one looks. */
  #hostBearers: number[] | null = null
  readonly #rewrite: LineRewrite | null

  /** @param rewrite what is done to them after `forward`, for the record */
  constructor(input: RequestHeadersInput, rewrite: LineRewrite | null = null) {
    this.#input = input
    this.#rewrite = rewrite
  }

  /** What is the host's is small, and the same texts for all. */
  get size(): number {
    return OWN_BYTES
  }

  get teller(): RequestTeller {
    const { caller } = this.#input
    if (this.#rewrite !== null) return new HeaderTeller(caller, this.#rewrite)
    let known = tellers.get(caller)
    if (known === undefined) {
      known = new HeaderTeller(caller, null)
      tellers.set(caller, known)
    }
    return known
  }

  get own(): string {
    return ownFacts(this.#input, this.#hostBearers)
  }

  /**
   * What the app gets: name, value, name, value … To be called once.
   * @param raw as node:http gives them: name, value, name, value …
   */
  forward(raw: readonly string[]): string[] {
    const { caller, address, host, scheme, websocket, requestId = null, body } = this.#input
    const { auth, chosen } = caller
    const named = connectionNamed(raw)
    const headers: string[] = []
    let tokensLeft = MOST_TOKENS
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i] ?? ''
      const value = raw[i + 1] ?? ''
      switch (verdictOf(nameFacts(name), chosen, named)) {
        case 'pass':
          headers.push(name, value)
          break
        case 'cookie': {
          const kept = keptCookies(value)
          if (kept !== null) headers.push(name, kept)
          break
        }
        case 'authorization': {
          const tokens = value.split(BETWEEN_TOKENS)
          tokensLeft -= tokens.length
          if (tokensLeft < 0 || holdsHostBearer(tokens, this.#input.isHostBearer)) {
            this.#hostBearers ??= []
            this.#hostBearers.push(i)
          } else headers.push(name, value)
          break
        }
        case 'length':
          if (body) headers.push(name, value)
          break
      }
    }
    headers.push('X-Forwarded-For', address, 'X-Real-IP', address)
    headers.push('X-Forwarded-Host', host, 'X-Forwarded-Proto', scheme)
    headers.push('Atek-Auth-User', auth.user, 'Atek-Auth-Service', auth.service)
    if (chosen !== null) for (const { name, value } of chosen.list) headers.push(name, value)
    if (requestId !== null) headers.push('Atek-Request-Id', requestId)
    if (websocket) headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
    return headers
  }
}

const OWN_BYTES = 200
const tellers = new WeakMap<CallerHeaders, HeaderTeller>()

/** Whatever no token of ours can hold: nobody writes `Bearer:x`, and some app may read it. */
const BETWEEN_TOKENS = /[^\w.~+/-]+/

/**
 * What looks like a token in all Authorization headers of a request; schemes with many parts have about thirty. Each
 * is hashed and looked up: 32 kB of them would keep the host busy for half a second (A13). What is not looked through
 * is not passed on, since it may hold a token of the host's (A06).
 */
const MOST_TOKENS = 64

/** Looked for in every part of the value, whatever the scheme: an app must not see it. */
function holdsHostBearer(tokens: readonly string[], isHostBearer: (token: string) => boolean): boolean {
  return tokens.some((token) => token !== '' && isHostBearer(token))
}
