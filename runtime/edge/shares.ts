import { LIMITS } from '../contract/limits.ts'
import type { NoPlace } from './socket-budget.ts'

/** What one person has open, or what the apps of one person have. */
export interface Share {
  readonly key: string
  readonly among: Map<string, Share>
  open: number
}

export interface ShareLimits {
  /** Open in all, from where on nobody gets more than `each`. */
  crowded: number
  each: number
}

export const REQUEST_SHARES: ShareLimits = { crowded: LIMITS.requestsCrowded, each: LIMITS.requestsPerPerson }
export const WEB_SOCKET_SHARES: ShareLimits = { crowded: LIMITS.webSocketsCrowded, each: LIMITS.webSocketsPerPerson }

/** Shares with nothing open that are kept, so that the next request of the same person need not make one. */
const KEPT = 256

/**
 * How much of what the host can have open is one person's, over all apps (A45). The bounds of one app do not add up to
 * one for the host: a few slow apps, and whoever asks them without end, or an app that never gets ready, would take all
 * of its connections, and nobody else could even sign in. As long as few are open, nobody is held back.
 */
export class Shares {
  readonly #limits: ShareLimits
  readonly #people = new Map<string, Share>()
  /** A person's apps have one of their own: an app that calls without end is not to keep its owner out. */
  readonly #apps = new Map<string, Share>()
  #open = 0

  constructor(limits: ShareLimits) {
    this.#limits = limits
  }

  /** Something of a person's, until `leave`. */
  enterPerson(userKey: string): Share | NoPlace {
    return this.#enter(this.#people, userKey)
  }

  /** @param ownerKey of the app whose token it came with; of one that is everyone's, the app's own */
  enterApp(ownerKey: string): Share | NoPlace {
    return this.#enter(this.#apps, ownerKey)
  }

  /** Once for each that entered. */
  leave(share: Share): void {
    this.#open--
    share.open--
    if (share.open === 0 && share.among.size > KEPT) share.among.delete(share.key)
  }

  #enter(among: Map<string, Share>, key: string): Share | NoPlace {
    let share = among.get(key)
    if (share === undefined) {
      share = { key, among, open: 0 }
      among.set(key, share)
    }
    if (this.#open >= this.#limits.crowded && share.open >= this.#limits.each) return this.#noRoom(share)
    this.#open++
    share.open++
    return share
  }

  #noRoom({ open }: Share): NoPlace {
    const message = 'You have too many connections open. Close some pages and try again.'
    const reason = `The caller has ${open} of the ${this.#open} connections that all people and apps have open.`
    return { code: 'RATE_LIMITED', message, reason }
  }
}

export function isNoPlace(outcome: Share | NoPlace): outcome is NoPlace {
  return 'code' in outcome
}
