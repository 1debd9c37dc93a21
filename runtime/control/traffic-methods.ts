import { actorKey } from './actor.ts'
import type { Handlers } from './handlers.ts'
import type { Services } from './services.ts'
import { trafficExports } from './traffic-exports.ts'
import { trafficReplay } from './traffic-replay.ts'
import { SeenTraffic } from './traffic-seen.ts'
import { trafficSettings } from './traffic-settings.ts'
import { maySeeAllTraffic } from './visibility.ts'

export function trafficMethods(services: Services): Handlers<'traffic'> {
  const { recorder, traffic, apps, storage, audit } = services
  const seen = new SeenTraffic(services)
  const ownerOf = (key: string) => apps.get(key)?.owner ?? null

  return {
    'traffic.list': (actor, { before, limit, appKey }) =>
      recorder.list({
        limit,
        visible: seen.visible(actor),
        ...(before !== undefined && { before }),
        ...(appKey !== undefined && { appKey }),
      }),
    'traffic.get': (actor, { seq }) => seen.one(actor, seq),
    'traffic.search': (actor, { before, after, ...choice }) =>
      seen.search(actor, {
        ...choice,
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
      }),
    'traffic.counts': () => traffic.counts(),
    'traffic.chain': async (actor, { seq }) => {
      await seen.one(actor, seq)
      return traffic.chain(seq, seen.visible(actor))
    },
    'traffic.stats': (actor, { range, appKey }) =>
      traffic.stats(range, (key) => (appKey === undefined || key === appKey) && maySeeAllTraffic(actor, key, ownerOf)),
    'traffic.graph': (actor, { range }) =>
      // What an app calls, it calls for its owner, who sees that; what people call is for the owner of what they call.
      traffic.graph(range, ({ source, target }) =>
        [source, target].some((key) => maySeeAllTraffic(actor, key, ownerOf)),
      ),
    ...trafficExports(services, seen),
    ...trafficReplay(services, seen),
    ...trafficSettings(services),
    'traffic.clear': async (actor) => {
      storage.transaction(() => audit.record({ action: 'traffic.clear', actor: actorKey(actor) }))
      await traffic.clear()
    },
  }
}
