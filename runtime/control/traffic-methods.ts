import { AppError } from '../contract/errors.ts'
import type { FilterNode } from '../contract/filter/ast.ts'
import { parseFilter } from '../contract/filter/parse.ts'
import type { TrafficDetails, TrafficRow } from '../contract/models.ts'
import { type Actor, actorKey } from './actor.ts'
import type { Handlers } from './handlers.ts'
import type { Services } from './services.ts'
import { trafficSettings } from './traffic-settings.ts'
import { maySeeAllTraffic, maySeeTraffic, trafficScope } from './visibility.ts'

export function trafficMethods(services: Services): Handlers<'traffic'> {
  const { recorder, traffic, apps, storage, audit } = services
  const ownerOf = (key: string) => apps.get(key)?.owner ?? null
  const visible = (actor: Actor) => (row: TrafficRow) => maySeeTraffic(actor, row, ownerOf)
  const seen = async (actor: Actor, seq: number): Promise<TrafficDetails> => {
    const details = await traffic.get(seq)
    if (details === null || !visible(actor)(details)) {
      throw new AppError('NOT_FOUND', 'This request is no longer in the record.')
    }
    return details
  }
  const sums = (actor: Actor) => (appKey: string) => maySeeAllTraffic(actor, appKey, ownerOf)

  return {
    'traffic.list': (actor, { before, limit, appKey }) =>
      recorder.list({
        limit,
        visible: visible(actor),
        ...(before !== undefined && { before }),
        ...(appKey !== undefined && { appKey }),
      }),
    'traffic.get': (actor, { seq }) => seen(actor, seq),
    'traffic.search': (actor, { filter, before, after, appKey, limit }) =>
      traffic.search({
        node: readFilter(filter),
        before: before ?? null,
        after: after ?? 0,
        appKey: appKey ?? null,
        limit,
        scope: trafficScope(actor, apps.list()),
        visible: visible(actor),
      }),
    'traffic.counts': () => traffic.counts(),
    'traffic.chain': async (actor, { seq }) => {
      await seen(actor, seq)
      return traffic.chain(seq, visible(actor))
    },
    'traffic.body': async (actor, { seq }) => {
      await seen(actor, seq)
      throw new AppError('NOT_FOUND', 'No body of this request was kept.')
    },
    'traffic.reveal': async (actor, { seq }) => {
      await seen(actor, seq)
      throw new AppError('NOT_FOUND', 'The secrets of this request were not kept.')
    },
    'traffic.stats': (actor, { range, appKey }) =>
      traffic.stats(range, (key) => (appKey === undefined || key === appKey) && sums(actor)(key)),
    'traffic.graph': (actor, { range }) =>
      // What an app calls, it calls for its owner, who sees that; what people call is for the owner of what they call.
      traffic.graph(range, ({ source, target }) => sums(actor)(source) || sums(actor)(target)),
    'traffic.exportHar': () => {
      throw new AppError('NOT_FOUND', 'There is nothing to export.')
    },
    'traffic.curl': async (actor, { seq }) => {
      await seen(actor, seq)
      throw new AppError('NOT_FOUND', 'There is nothing to copy.')
    },
    'traffic.replay': async (actor, { seq }) => {
      await seen(actor, seq)
      throw new AppError('NOT_FOUND', 'This request cannot be made again.')
    },
    ...trafficSettings(services),
    'traffic.clear': async (actor) => {
      storage.transaction(() => audit.record({ action: 'traffic.clear', actor: actorKey(actor) }))
      await traffic.clear()
    },
  }
}

function readFilter(text: string): FilterNode | null {
  const { node, problems } = parseFilter(text)
  const [problem] = problems
  // What is not understood is not left out: the page would show what was not asked for.
  if (problem !== undefined) throw new AppError('BAD_INPUT', problem.message, { from: problem.from, to: problem.to })
  return node
}
