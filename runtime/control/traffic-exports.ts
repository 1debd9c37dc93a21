import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { TrafficDetails } from '../contract/models.ts'
import type { TrafficBody } from '../contract/traffic.ts'
import { bodyPreview } from '../traffic/body-preview.ts'
import type { BodySide } from '../traffic/body-store.ts'
import { toCurl } from '../traffic/curl.ts'
import { type HarRequest, toHar } from '../traffic/har.ts'
import { type Actor, actorKey, isAdmin } from './actor.ts'
import type { Handlers } from './handlers.ts'
import type { Services } from './services.ts'
import { secretsOf } from './traffic-secrets.ts'
import type { SeenTraffic } from './traffic-seen.ts'

type ExportMethods = Pick<Handlers<'traffic'>, 'traffic.body' | 'traffic.reveal' | 'traffic.curl' | 'traffic.exportHar'>

/** Requests as they leave the panel: bodies, secrets on asking, a command line, a file. */
export function trafficExports(services: Services, seen: SeenTraffic): ExportMethods {
  const { recorder, storage, audit, host } = services

  const bodyOf = (details: TrafficDetails, side: BodySide): Promise<TrafficBody> | null => {
    const kept = recorder.bodies.get(details.seq, side)
    if (kept === null) return null
    const headers = side === 'request' ? details.requestHeaders : details.responseHeaders
    const header = (name: string) => headers.find(([other]) => other.toLowerCase() === name)?.[1] ?? null
    return bodyPreview(kept, header, LIMITS.trafficBodyBytesMost)
  }

  const originOf = ({ kind, appId }: TrafficDetails) =>
    // A call stands under the app that answered it, and was made to the host.
    kind === 'gateway' || appId === '' ? host.address() : host.appAddress(appId)

  /** The same with secrets, where they are still in memory; whether this actor may is asked before. */
  const unmasked = (details: TrafficDetails): TrafficDetails => {
    const exchange = recorder.exchange(details.seq)
    return exchange === null ? details : { ...details, ...secretsOf(exchange, host.isHostToken) }
  }

  /** Secrets are for who sent them, and for administrators; whoever asks leaves a trace. */
  const reveal = (actor: Actor, details: TrafficDetails): void => {
    if (!isAdmin(actor) && details.caller?.userKey !== actorKey(actor)) {
      throw new AppError('FORBIDDEN', 'Only who made this request, or an administrator, can see its secrets.')
    }
    if (recorder.exchange(details.seq) === null) {
      throw new AppError('NOT_FOUND', 'Secrets are kept for the newest requests only, and this one is older.')
    }
    const { seq, appKey, appId } = details
    storage.transaction(() =>
      audit.record({ action: 'traffic.reveal', actor: actorKey(actor), subject: appKey, details: { seq, to: appId } }),
    )
  }

  return {
    'traffic.body': async (actor, { seq, side }) => {
      const body = bodyOf(await seen.one(actor, seq), side)
      if (body === null) throw new AppError('NOT_FOUND', 'No body of this request was kept.')
      return body
    },

    'traffic.reveal': async (actor, { seq }) => {
      const details = await seen.one(actor, seq)
      reveal(actor, details)
      const { path, requestHeaders, responseHeaders } = unmasked(details)
      return { path, requestHeaders, responseHeaders }
    },

    'traffic.curl': async (actor, { seq, masked }) => {
      const details = await seen.one(actor, seq)
      if (!masked) reveal(actor, details)
      const { method, path, requestHeaders } = masked ? details : unmasked(details)
      const body = masked ? null : recorder.bodies.get(seq, 'request')
      const whole = body !== null && body.kept === body.bytes ? Buffer.concat(body.chunks) : null
      return toCurl({ method, url: `${originOf(details)}${path}`, headers: requestHeaders, body: whole })
    },

    'traffic.exportHar': async (actor, { seqs, filter, appKey, masked }) => {
      if (!masked && !isAdmin(actor)) {
        throw new AppError('FORBIDDEN', 'Only an administrator can export requests with their secrets.')
      }
      const { rows, truncated } = await seen.many(actor, { seqs, filter, appKey }, LIMITS.harEntries)
      const requests: HarRequest[] = []
      for (const details of rows) {
        // What people sent may be secret as a whole, so a masked file has no bodies.
        const [requestBody, responseBody] = masked
          ? [null, null]
          : await Promise.all([bodyOf(details, 'request'), bodyOf(details, 'response')])
        requests.push({
          origin: originOf(details),
          details: masked ? details : unmasked(details),
          requestBody,
          responseBody,
          frames: masked ? details.frames.map((frame) => ({ ...frame, preview: null })) : details.frames,
        })
      }
      storage.transaction(() =>
        audit.record({
          action: 'traffic.export',
          actor: actorKey(actor),
          details: { entries: requests.length, headers: masked ? 'masked' : 'whole' },
        }),
      )
      return { text: toHar(requests, host.status().version), entries: requests.length, truncated }
    },
  }
}
