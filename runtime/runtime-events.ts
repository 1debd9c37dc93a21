import { withNames } from './audit/audit-log.ts'
import type { RuntimeEvent } from './contract/events.ts'
import { appSummary } from './control/app-view.ts'
import { nameOf } from './control/names.ts'
import type { Services } from './control/services.ts'
import { type Disposable, DisposableStore } from './core/disposable.ts'
import type { Emitter } from './core/emitter.ts'

/** How often the panel is told of the host's own figures. */
const HOST_FIGURES_EVERY = 2000

/** Joins what the services announce into the one stream of RuntimeEvents. */
export function announceEvents(services: Services, events: Emitter<RuntimeEvent>): Disposable {
  const { apps, recorder, identity, audit, clock, host } = services
  const store = new DisposableStore()

  const appChanged = (key: string) => {
    const app = apps.get(key)
    // Gone in the meantime: `removed` says so.
    if (app !== null) events.fire({ type: 'app-changed', app: appSummary(services, { kind: 'system' }, app) })
  }

  store.add(apps.changed.on(({ key }) => appChanged(key)))
  store.add(apps.removed.on(({ key }) => events.fire({ type: 'app-removed', key })))
  store.add(apps.logged.on(({ key, lines }) => events.fire({ type: 'app-log', key, lines })))
  store.add(apps.progress.on((progress) => events.fire({ type: 'install-progress', ...progress })))

  store.add(recorder.cleared.on(() => events.fire({ type: 'traffic-cleared' })))
  store.add(identity.usersChanged.on(() => events.fire({ type: 'users-changed' })))
  store.add(identity.ended.on((ended) => events.fire({ type: 'sessions-ended', ...ended })))
  store.add(
    audit.added.on((row) => events.fire({ type: 'audit-added', row: withNames(row, (key) => nameOf(services, key)) })),
  )

  let last = ''
  store.add(
    clock.every(HOST_FIGURES_EVERY, () => {
      // Sparklines move with requests; an app that nobody calls is not announced again.
      for (const key of recorder.takeBusy()) appChanged(key)
      const status = host.status()
      const text = JSON.stringify(status)
      if (text === last) return
      last = text
      events.fire({ type: 'host-changed', status })
    }),
  )
  return store
}
