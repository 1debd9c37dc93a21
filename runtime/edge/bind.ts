import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { isTokenForm, newToken, type RandomBytes, tokenHash } from '../core/ids.ts'
import type { Identity } from '../identity/identity.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import type { Exchange } from '../traffic/exchange.ts'
import type { Addresses } from './addresses.ts'
import type { AnswerRefusal } from './answer.ts'
import { APP_COOKIE, BIND_COOKIE, clearCookie, cookieValues, setCookie } from './cookies.ts'
import { headerSafePath } from './redirect.ts'
import type { RefusalPages } from './refusal.ts'

interface Step {
  req: IncomingMessage
  res: ServerResponse
  exchange: Exchange
  app: AppRecord
  /** Without a bind token. */
  path: string
}

/** Seconds: long enough to find the password and sign in. The bind token itself lives LIMITS.ticketLife. */
const NONCE_LIFE = 3600
const COOKIE_LIFE = LIMITS.sessionAbsolute / 1000

/**
 * How a browser gets a session with an app (C08, PROTOCOL "Requests from a browser to an app"): the app's address
 * gives the browser a nonce and sends it to the host with the nonce's hash; the host sends it back with a token for
 * that app, that host session and that hash; the app's address takes the token only with the nonce (A28).
 */
export class Binding {
  readonly #identity: Identity
  readonly #addresses: Addresses
  readonly #random: RandomBytes
  readonly #pages: RefusalPages
  readonly #answer: AnswerRefusal

  constructor(deps: {
    identity: Identity
    addresses: Addresses
    random: RandomBytes
    pages: RefusalPages
    answer: AnswerRefusal
  }) {
    this.#identity = deps.identity
    this.#addresses = deps.addresses
    this.#random = deps.random
    this.#pages = deps.pages
    this.#answer = deps.answer
  }

  /** A page load without an app session: off to the host. */
  begin({ req, res, exchange, app, path }: Step): void {
    // Kept when there is one: two tabs that open at once would otherwise take each other's away.
    const nonce = nonceOf(req) ?? newToken(this.#random)
    const to = this.#addresses.bindSession(app.id, headerSafePath(path), tokenHash(nonce))
    exchange.note('There is no app session; the browser was sent to the host to begin one.')
    redirect(res, exchange, to, [setCookie(BIND_COOKIE, nonce, { secure: false, maxAge: NONCE_LIFE })])
  }

  /** A page load that comes back with a token. Whatever becomes of it, the token is used up. */
  redeem({ req, res, exchange, app, path, token, signedIn }: Step & { token: string; signedIn: boolean }): void {
    const nonce = nonceOf(req)
    const bound = this.#identity.tickets.redeemBind(token, {
      appKey: app.key,
      nonceHash: nonce === null ? '' : tokenHash(nonce),
    })
    const cookie = bound === null || nonce === null ? null : this.#issue(bound.sessionId, app.key)
    const back = `${this.#addresses.app(app.id)}${headerSafePath(path)}`
    if (cookie !== null) {
      exchange.note('The bind token was taken for an app session.')
      redirect(res, exchange, back, [
        setCookie(APP_COOKIE, cookie, { secure: false, maxAge: COOKIE_LIFE }),
        clearCookie(BIND_COOKIE, { secure: false }),
      ])
      return
    }
    const reason = 'The bind token is used up, expired, or was made for another app, session or browser.'
    if (signedIn || nonce !== null) {
      // With a nonce of its own the browser begins anew, and this time to its own token.
      exchange.refuse('NOT_SIGNED_IN', reason, null)
      redirect(res, exchange, back, [])
      return
    }
    // Without one this is somebody else's link, or cookies are off: sending it round again could go on for ever.
    const page = this.#pages.usedLink(app, headerSafePath(path))
    const refusal = { code: 'NOT_SIGNED_IN', status: 401, reason, message: page.title, page } as const
    this.#answer.http(req, res, exchange, refusal)
  }

  #issue(sessionId: string, appKey: string): string | null {
    try {
      return this.#identity.appSessions.issue(sessionId, appKey)
    } catch (error) {
      if (error instanceof AppError && error.code === 'NOT_SIGNED_IN') return null
      throw error
    }
  }
}

/** The browser's nonce for this app; null when it has none, or two. */
function nonceOf(req: IncomingMessage): string | null {
  const [nonce, ...others] = cookieValues(req.rawHeaders, BIND_COOKIE)
  return nonce !== undefined && others.length === 0 && isTokenForm(nonce) ? nonce : null
}

function redirect(res: ServerResponse, exchange: Exchange, to: string, cookies: string[]): void {
  const headers = [
    'Location',
    to,
    'Content-Length',
    '0',
    // The addresses on this way carry one-time tokens: not to be kept, not to be told to the next page (C08).
    'Cache-Control',
    'no-store',
    'Referrer-Policy',
    'no-referrer',
  ]
  for (const cookie of cookies) headers.push('Set-Cookie', cookie)
  exchange.head(303, headers)
  res.writeHead(303, headers)
  res.end()
}
