import { AppError } from '../contract/errors.ts'
import type { TrafficDetails, TrafficRow } from '../contract/models.ts'
import { type Actor, actorKey } from './actor.ts'
import type { Handlers } from './handlers.ts'
import type { Services } from './services.ts'
import { trafficSettings } from './traffic-settings.ts'
import { maySeeTraffic } from './visibility.ts'

export function trafficMethods(services: Services): Handlers<'traffic'> {
  const { recorder, apps, storage, audit, clock } = services
  const ownerOf = (key: string) => apps.get(key)?.owner ?? null
  const visible = (actor: Actor) => (row: TrafficRow) => maySeeTraffic(actor, row, ownerOf)
  const seen = (actor: Actor, seq: number): TrafficDetails => {
    const details = recorder.get(seq)
    if (details === null || !visible(actor)(details)) {
      throw new AppError('NOT_FOUND', 'This request is no longer in the record.')
    }
    return details
  }
  return {
    'traffic.list': (actor, { before, limit, appKey }) =>
      recorder.list({
        limit,
        visible: visible(actor),
        ...(before !== undefined && { before }),
        ...(appKey !== undefined && { appKey }),
      }),
    'traffic.get': (actor, { seq }) => seen(actor, seq),
    'traffic.search': (actor, { filter, before, after = 0, appKey, limit }) => {
      const from = clock.monotonic()
      const words = filter.toLowerCase().split(/\s+/)
      const page = recorder.list({
        limit,
        visible: (row) =>
          visible(actor)(row) && row.seq > after && words.every((word) => row.path.toLowerCase().includes(word)),
        ...(before !== undefined && { before }),
        ...(appKey !== undefined && { appKey }),
      })
      const oldest = page.rows.length < limit ? null : (page.rows[0]?.seq ?? null)
      return {
        rows: page.rows,
        next: oldest,
        total: { count: page.total, exact: true },
        tookMs: clock.monotonic() - from,
      }
    },
    'traffic.counts': () => recorder.counts(),
    'traffic.chain': (actor, { seq }) => ({ rows: [seen(actor, seq)], truncated: false }),
    'traffic.body': (actor, { seq }) => {
      seen(actor, seq)
      throw new AppError('NOT_FOUND', 'No body of this request was kept.')
    },
    'traffic.reveal': (actor, { seq }) => {
      seen(actor, seq)
      throw new AppError('NOT_FOUND', 'The secrets of this request were not kept.')
    },
    'traffic.stats': () => ({ from: clock.now(), spanMs: 10_000, spans: 0, apps: [] }),
    'traffic.graph': () => ({ from: clock.now(), nodes: [], edges: [] }),
    'traffic.exportHar': () => {
      throw new AppError('NOT_FOUND', 'There is nothing to export.')
    },
    'traffic.curl': (actor, { seq }) => {
      seen(actor, seq)
      throw new AppError('NOT_FOUND', 'There is nothing to copy.')
    },
    'traffic.replay': (actor, { seq }) => {
      seen(actor, seq)
      throw new AppError('NOT_FOUND', 'This request cannot be made again.')
    },
    ...trafficSettings(services),
    'traffic.clear': (actor) => {
      storage.transaction(() => audit.record({ action: 'traffic.clear', actor: actorKey(actor) }))
      recorder.clear()
    },
  }
}
