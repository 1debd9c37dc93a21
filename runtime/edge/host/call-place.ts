import type { FastifyReply } from 'fastify'
import { AppError } from '../../contract/errors.ts'
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

function busy({ code, reason }: NoPlace): AppError {
  const message =
    code === 'RATE_LIMITED' ? 'Too many calls are under way. Wait for some of them.' : 'Too many calls are under way.'
  return new AppError(code, message, { reason: `Calls under way at the gateway: ${reason}`, retryAfterSeconds: 10 })
}
