import { LIMITS } from '../contract/limits.ts'
import { foldAddress } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import { RateCounter } from '../core/rate-counter.ts'

/** Classes of endpoints. Signing in has a limiter of its own, which outlives a restart (identity/sign-in-limiter.ts). */
export type RateClass = 'app' | 'gateway' | 'page' | 'token'

/** Requests within LIMITS.rateWindow: of one user or app, and of one address without credentials. */
export interface Rate {
  signedIn: number
  others: number
}

export type RateSettings = { [C in RateClass]?: { [K in keyof Rate]?: number | undefined } | undefined }

/** What there is to say when a limit is reached; both texts are sentences. */
export interface OverRate {
  /** Whole seconds, at least 1: for Retry-After. */
  seconds: number
  /** For the caller. */
  message: string
  /** In exact words, for the record. */
  reason: string
}

/** No honest person or app comes near: a page of 300 files, or a benchmark of 10,000 requests a second, passes. */
const DEFAULTS: Record<RateClass, Rate> = {
  app: { signedIn: LIMITS.rateAppSignedIn, others: LIMITS.rateAppOthers },
  gateway: { signedIn: LIMITS.rateGatewaySignedIn, others: LIMITS.rateGatewayOthers },
  page: { signedIn: LIMITS.ratePageSignedIn, others: LIMITS.ratePageOthers },
  // Nobody is signed in there: credentials are what is sent.
  token: { signedIn: LIMITS.rateTokenOthers, others: LIMITS.rateTokenOthers },
}

/**
 * Rate limits by class of endpoint and user or address (C26). Whoever is signed in is counted by themselves, so that a
 * flood without credentials takes nothing from them.
 */
export class Rates {
  readonly #clock: Clock
  readonly #rates: Record<RateClass, { most: Rate; signedIn: RateCounter; others: RateCounter }>

  constructor(deps: { clock: Clock; settings?: RateSettings | undefined }) {
    this.#clock = deps.clock
    const made = (name: RateClass) => {
      const set = deps.settings?.[name]
      const most = { signedIn: set?.signedIn ?? DEFAULTS[name].signedIn, others: set?.others ?? DEFAULTS[name].others }
      return { most, signedIn: counter(), others: counter() }
    }
    this.#rates = { app: made('app'), gateway: made('gateway'), page: made('page'), token: made('token') }
  }

  /**
   * Counts one request.
   * @param who key of the user or app whose credentials are good, or null
   * @param address of the client's socket
   * @returns null when it may pass
   */
  over(name: RateClass, who: string | null, address: string | undefined): OverRate | null {
    const rate = this.#rates[name]
    const now = this.#clock.monotonic()
    const wait =
      who === null
        ? rate.others.take(foldAddress(address ?? ''), rate.most.others, now)
        : rate.signedIn.take(who, rate.most.signedIn, now)
    return wait === 0 ? null : overRate(name, who !== null, who === null ? rate.most.others : rate.most.signedIn, wait)
  }
}

function counter(): RateCounter {
  return new RateCounter({ windowMs: LIMITS.rateWindow, keys: LIMITS.rateKeys })
}

function overRate(name: RateClass, signedIn: boolean, most: number, wait: number): OverRate {
  const seconds = Math.max(1, Math.ceil(wait / 1000))
  const whose = signedIn ? 'with these credentials' : 'without credentials from this address'
  return {
    seconds,
    message: `Too many requests. Wait ${seconds} s and try again.`,
    reason: `More than ${most} requests of the class "${name}" in ${LIMITS.rateWindow / 1000} s ${whose}.`,
  }
}
