import { AppError } from '../../contract/errors.ts'
import type { GatewayCaller } from '../../gateway/types.ts'
import { isNoPlace, type Share, type Shares } from '../shares.ts'
import type { Entrant, NoPlace, Place, SocketBudget } from '../socket-budget.ts'

/** All calls share one account here: which app they lead to is found out later. */
const GATEWAY = 'gateway'

/**
 * The place of one call at the gateway among those of its caller that are under way, until its answer has gone: an app
 * that calls another without end would otherwise take all of its connections (A45).
 */
export class CallPlace implements Entrant {
  place: Place | null = null
  readonly #calls: SocketBudget
  #resolve: (() => void) | null = null
  #reject: ((error: AppError) => void) | null = null

  constructor(calls: SocketBudget) {
    this.#calls = calls
  }

  /**
   * @param who key of the caller
   * @returns null when there is a place, or what resolves when there is; RATE_LIMITED or TOO_BUSY when there is none in
   *   time, CANCELLED when it was given back before
   */
  enter(who: string): Promise<void> | null {
    const outcome = this.#calls.enter(this, GATEWAY, who)
    if (outcome === 'in') return null
    if (outcome !== 'wait') throw busy(outcome)
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  entered(): void {
    this.#reject = null
    this.#resolve?.()
  }

  refused(why: NoPlace): void {
    this.#reject?.(busy(why))
  }

  /** Gives it back, or up waiting for it. May be called again. */
  leave(): void {
    this.#calls.leave(this)
    this.#reject?.(new AppError('CANCELLED', 'The call was cancelled.'))
    this.#reject = null
  }
}

/**
 * The call as one of what its caller has open over all apps; to be given back once its answer has gone. Throws
 * RATE_LIMITED. null for whoever has no credentials: they are refused before anything is waited for.
 */
export function callShare(shares: Shares, caller: GatewayCaller): Share | null {
  const share = shareOf(shares, caller)
  if (share !== null && isNoPlace(share)) throw busy(share)
  return share
}

/** null for nobody. What calls with the host's own tokens counts as one app. */
export function shareOf(shares: Shares, caller: GatewayCaller): Share | NoPlace | null {
  switch (caller.kind) {
    case 'none':
      return null
    case 'user':
      return shares.enterPerson(caller.user.key)
    case 'app':
      return shares.enterApp(caller.ownerKey === 'system' ? caller.appKey : caller.ownerKey)
    case 'system':
      return shares.enterApp('system')
  }
}

function busy({ code, reason }: NoPlace): AppError {
  const message =
    code === 'RATE_LIMITED' ? 'Too many calls are under way. Wait for some of them.' : 'Too many calls are under way.'
  return new AppError(code, message, { reason: `Calls under way at the gateway: ${reason}`, retryAfterSeconds: 10 })
}
