import { actorKey } from './actor.ts'
import type { Handlers } from './handlers.ts'
import { nameOf } from './names.ts'
import type { Services } from './services.ts'

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
