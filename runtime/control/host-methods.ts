import { AppError } from '../contract/errors.ts'
import { actorKey } from './actor.ts'
import type { Handlers } from './handlers.ts'
import { nameOf } from './names.ts'
import type { Services } from './services.ts'
import { maySeeTraffic } from './visibility.ts'

export function trafficMethods(services: Services): Handlers<'traffic'> {
  const { recorder, apps, storage, audit } = services
  const ownerOf = (key: string) => apps.get(key)?.owner ?? null
  return {
    'traffic.list': (actor, { before, limit, appKey }) =>
      recorder.list({
        limit,
        visible: (row) => maySeeTraffic(actor, row, ownerOf),
        ...(before !== undefined && { before }),
        ...(appKey !== undefined && { appKey }),
      }),
    'traffic.get': (actor, { seq }) => {
      const details = recorder.get(seq)
      if (details === null || !maySeeTraffic(actor, details, ownerOf)) {
        throw new AppError('NOT_FOUND', 'This request is no longer in the record.')
      }
      return details
    },
    'traffic.clear': (actor) => {
      storage.transaction(() => audit.record({ action: 'traffic.clear', actor: actorKey(actor) }))
      recorder.clear()
    },
  }
}

export function auditMethods(services: Services): Handlers<'audit'> {
  return {
    'audit.list': (_actor, { before, limit }) =>
      services.audit.list({ limit, ...(before !== undefined && { before }) }, (key) => nameOf(services, key)),
  }
}

export function hostMethods({ host }: Services): Handlers<'host'> {
  return { 'host.status': () => host.status() }
}

export function settingsMethods({ host, storage, audit }: Services): Handlers<'settings'> {
  return {
    'settings.get': () => host.settings(),
    'settings.update': async (actor, patch) => {
      const settings = await host.updateSettings(patch)
      // The file is outside the database, so the row follows the write: a row without a change would be worse.
      storage.transaction(() =>
        audit.record({ action: 'settings.update', actor: actorKey(actor), details: { ...patch } }),
      )
      return settings
    },
  }
}
