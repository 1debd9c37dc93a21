import type { FastifyReply } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import type { GatewayCaller } from '../../gateway/types.ts'
import { isNoPlace, type Share, type Shares } from '../shares.ts'
import type { Entrant, NoPlace, Place, SocketBudget } from '../socket-budget.ts'
import { whenClosed } from '../when-closed.ts'

/** All calls share one account here: which app they lead to is found out later. */
const GATEWAY = 'gateway'

/**
 * One call at the gateway among those of its caller that are under way, until its answer has gone: an app that calls
 * another without end would otherwise take all of its connections (A45). Resolves when there is a place; RATE_LIMITED
 * or TOO_BUSY when there is none in time.
 */
export function callPlace(calls: SocketBudget, who: string, reply: FastifyReply): Promise<void> | null {
  let resolve: () => void = () => {}
  let reject: (error: AppError) => void = () => {}
  const entrant: Entrant = {
    place: null as Place | null,
    entered: () => resolve(),
    refused: (why) => reject(busy(why)),
  }
  const outcome = calls.enter(entrant, GATEWAY, who)
  if (outcome !== 'in' && outcome !== 'wait') throw busy(outcome)
  whenClosed(reply.raw, () => {
    calls.leave(entrant)
    reject(new AppError('CANCELLED', 'The call was cancelled.'))
  })
  if (outcome === 'in') return null
  return new Promise((entered, refused) => {
    resolve = entered
    reject = refused
  })
}

/**
 * The call as one of what its caller has open over all apps, until its answer has gone. Throws RATE_LIMITED. Whoever has
 * no credentials is refused before anything is waited for, and has no share.
 */
export function callShare(shares: Shares, caller: GatewayCaller, reply: FastifyReply): void {
  const share = shareOf(shares, caller)
  if (share === null) return
  if (isNoPlace(share)) throw busy(share)
  whenClosed(reply.raw, () => shares.leave(share))
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
