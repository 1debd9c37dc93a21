import { LIMITS } from '../contract/limits.ts'
import type { Clock } from '../core/clock.ts'
import { equalSecrets, isTokenForm, newToken, type RandomBytes, tokenHash } from '../core/ids.ts'

interface SignInTicket {
  userKey: string
  expiresAt: number
}

interface BindTicket {
  sessionId: string
  appKey: string
  nonceHash: string
  expiresAt: number
}

/** One-time tokens: in memory, LIMITS.ticketLife, used up by the first try whatever comes of it. */
export class Tickets {
  readonly #clock: Clock
  readonly #random: RandomBytes
  readonly #signIn = new Map<string, SignInTicket>()
  readonly #bind = new Map<string, BindTicket>()

  constructor(deps: { clock: Clock; random: RandomBytes }) {
    this.#clock = deps.clock
    this.#random = deps.random
  }

  /** For the panel's "Open": signs a browser in as this user (C15). */
  issueSignIn(userKey: string): string {
    return this.#issue(this.#signIn, { userKey })
  }

  /** The user's key, or null. The caller issues a session, which fails when the user is gone. */
  redeemSignIn(token: string): string | null {
    return this.#take(this.#signIn, token)?.userKey ?? null
  }

  /** For one app, one host session and one browser, which holds the nonce of this SHA-256 (C08, A28). */
  issueBind(i: { sessionId: string; appKey: string; nonceHash: string }): string {
    return this.#issue(this.#bind, { sessionId: i.sessionId, appKey: i.appKey, nonceHash: i.nonceHash })
  }

  /**
   * The host session that it stands for, or null. A wrong app or a wrong browser burns it, too: somebody has it who
   * should not, and gets one try.
   */
  redeemBind(token: string, i: { appKey: string; nonceHash: string }): { sessionId: string } | null {
    const ticket = this.#take(this.#bind, token)
    if (ticket === null || ticket.appKey !== i.appKey || !equalSecrets(ticket.nonceHash, i.nonceHash)) return null
    return { sessionId: ticket.sessionId }
  }

  /** Burns what was handed out on behalf of these, when sessions end (C09). */
  burn(i: { userKey: string | null; sessionIds: ReadonlySet<string> }): void {
    for (const [hash, ticket] of this.#signIn) if (ticket.userKey === i.userKey) this.#signIn.delete(hash)
    for (const [hash, ticket] of this.#bind) if (i.sessionIds.has(ticket.sessionId)) this.#bind.delete(hash)
  }

  #issue<T>(tickets: Map<string, T & { expiresAt: number }>, ticket: T): string {
    const now = this.#clock.now()
    // Oldest first, as a Map keeps them: the expired ones, and, if there are still too many, the next ones.
    for (const [hash, { expiresAt }] of tickets) {
      if (expiresAt > now && tickets.size < LIMITS.ticketsOutstanding) break
      tickets.delete(hash)
    }
    const token = newToken(this.#random)
    tickets.set(tokenHash(token), { ...ticket, expiresAt: now + LIMITS.ticketLife })
    return token
  }

  #take<T extends { expiresAt: number }>(tickets: Map<string, T>, token: string): T | null {
    if (!isTokenForm(token)) return null
    const hash = tokenHash(token)
    const ticket = tickets.get(hash)
    if (ticket === undefined) return null
    tickets.delete(hash)
    return ticket.expiresAt > this.#clock.now() ? ticket : null
  }
}
