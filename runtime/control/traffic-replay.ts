import { AppError } from '../contract/errors.ts'
import type { TrafficDetails } from '../contract/models.ts'
import { MASK } from '../core/mask.ts'
import { withoutHostCookies } from '../edge/cookies.ts'
import { isHopByHop } from '../edge/hop-by-hop.ts'
import type { ReplayCaller } from '../edge/replays.ts'
import { type Actor, actorKey, isAdmin } from './actor.ts'
import type { Handlers } from './handlers.ts'
import type { Services } from './services.ts'
import { secretsOf } from './traffic-secrets.ts'
import type { SeenTraffic } from './traffic-seen.ts'

/** What a request with these may change is nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Said by the client's connection or about its body, or set by the host for each request. */
const NOT_REPEATED = new Set(['host', 'content-length', 'expect', 'cookie', 'authorization', 'trailer'])

export function trafficReplay(services: Services, seen: SeenTraffic): Pick<Handlers<'traffic'>, 'traffic.replay'> {
  const { recorder, identity, apps, storage, audit, host } = services

  const callerOf = (actor: Actor, as: { user: string } | { app: string } | undefined): ReplayCaller => {
    if (as === undefined) {
      if (actor.kind === 'user') return { kind: 'user', user: actor.user, sessionId: actor.sessionId }
      throw new AppError('BAD_INPUT', 'The host itself opens no apps. Say as whom the request is to be made.')
    }
    if (!isAdmin(actor)) {
      throw new AppError('FORBIDDEN', 'Only an administrator can make requests as somebody else.')
    }
    if ('app' in as) {
      const app = apps.get(as.app)
      if (app === null) throw new AppError('NOT_FOUND', 'This app is not installed any more.')
      return { kind: 'app', appKey: app.key, ownerKey: app.owner }
    }
    const user = identity.users.get(as.user)
    if (user === null) throw new AppError('NOT_FOUND', 'This user does not exist any more.')
    // Of no session: it ends with all of theirs, and with none in particular.
    return { kind: 'user', user, sessionId: '' }
  }

  /** Whole, or not at all: half a body would be another request. */
  const bodyOf = ({ seq, kind, bytesIn }: TrafficDetails): Buffer | null => {
    if (bytesIn === 0) return null
    const kept = recorder.bodies.get(seq, 'request')
    // A call is kept as the provider got it: the same call, in other words.
    const all = kind === 'gateway' ? kept?.bytes : bytesIn
    if (kept === null || kept.kept !== all) {
      throw new AppError(
        'CONFLICT',
        'The body of this request was not kept whole, so it cannot be made again. Turn on keeping bodies for this app first.',
      )
    }
    return Buffer.concat(kept.chunks)
  }

  return {
    'traffic.replay': async (actor, { seq, as, confirm }) => {
      const details = await seen.one(actor, seq)
      const { method, kind, appKey, state } = details
      if (kind === 'websocket') throw new AppError('BAD_INPUT', 'A WebSocket cannot be made again.')
      if (state === 'open') throw new AppError('CONFLICT', 'This request is still under way.')
      if (!SAFE.has(method) && !confirm) {
        throw new AppError('BAD_INPUT', `${method} may change something again. Confirm that you want that.`, {
          confirm: true,
        })
      }
      const caller = callerOf(actor, as)
      if (caller.kind === 'app' && kind !== 'gateway') {
        throw new AppError('BAD_INPUT', 'Apps call the gateway only. Choose a person.')
      }
      const exchange = recorder.exchange(seq)
      const { path, requestHeaders } = exchange === null ? details : secretsOf(exchange, host.isHostToken)
      if (path.includes(MASK)) {
        throw new AppError('CONFLICT', 'The address of this request held a secret that is not kept.')
      }
      // Cookies and tokens of an app go along only where it is the same person's again: they are nobody else's to use.
      const own = caller.kind === 'user' && caller.user.key === details.caller?.userKey
      const body = bodyOf(details)
      storage.transaction(() =>
        audit.record({
          action: 'traffic.replay',
          actor: actorKey(actor),
          subject: appKey,
          details: { seq, method, to: details.appId, ...(as !== undefined && { as: 'user' in as ? as.user : as.app }) },
        }),
      )
      const origin = new URL(
        kind === 'gateway' || details.appId === '' ? host.address() : host.appAddress(details.appId),
      )
      return host.replay({
        caller,
        seq,
        method,
        host: origin.host,
        path,
        headers: repeated(requestHeaders, own),
        body,
      })
    },
  }
}

/** Name, value, name, value … of what is sent again. */
function repeated(headers: readonly (readonly [name: string, value: string])[], own: boolean): string[] {
  return headers.flatMap(([name, value]) => {
    const lower = name.toLowerCase()
    if (own && lower === 'cookie') {
      const { kept } = withoutHostCookies(value)
      return kept === null || kept.includes(MASK) ? [] : [name, kept]
    }
    if (own && lower === 'authorization' && !value.includes(MASK)) return [name, value]
    // What was masked would be another value; names that read as the host's are the host's to set.
    if (NOT_REPEATED.has(lower) || isHopByHop(lower) || value.includes(MASK)) return []
    return /^atek[^a-z0-9]/.test(lower) ? [] : [name, value]
  })
}
