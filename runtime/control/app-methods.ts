import { AppError } from '../contract/errors.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { type Actor, actorKey, isAdmin } from './actor.ts'
import { appDetails, appSummary } from './app-view.ts'
import type { Handlers } from './handlers.ts'
import type { Services } from './services.ts'
import { mayManageApp, maySeeApp, mayWithApp } from './visibility.ts'

export function appMethods(services: Services): Handlers<'apps'> {
  const { apps } = services

  /** Another's app is "not found" and not "forbidden": its existence is not this person's to know. */
  const seen = (actor: Actor, key: string): AppRecord => {
    const app = apps.get(key)
    if (app === null || !maySeeApp(actor, app.owner)) {
      throw new AppError('NOT_FOUND', 'This app is not installed any more.')
    }
    return app
  }
  const managed = (actor: Actor, key: string): AppRecord => {
    const app = seen(actor, key)
    if (!mayManageApp(actor, app.owner)) {
      throw new AppError('FORBIDDEN', 'Only its owner or an administrator can do this with the app.')
    }
    return app
  }

  return {
    'apps.list': (actor) =>
      apps
        .list()
        .filter((app) => maySeeApp(actor, app.owner))
        .map((app) => appSummary(services, actor, app)),
    'apps.get': (actor, { key }) => appDetails(services, actor, seen(actor, key)),
    'apps.serviceKey': (actor, { key }) => seen(actor, key).key,
    'apps.examples': () => apps.examples(),

    'apps.review': (actor, { reviewId, source, kind }) => {
      // An app in a folder runs in place, whatever that folder is: naming folders of this computer is for
      // administrators (A41).
      if (kind === 'folder' && !isAdmin(actor)) {
        throw new AppError('FORBIDDEN', 'Only an administrator can install an app from a folder of this computer.')
      }
      if (kind === 'upstream') needAdminForAddress(actor)
      return apps.reviews.review({ reviewId, source, kind, actor: actorKey(actor) })
    },
    'apps.install': async (actor, { reviewId, id, owner, allowScripts, identityHeaders }) => {
      if (!isAdmin(actor) && owner !== actorKey(actor)) {
        throw new AppError('FORBIDDEN', 'Only an administrator can install an app for somebody else or for everyone.')
      }
      if (owner !== 'system' && services.identity.users.get(owner) === null) {
        throw new AppError('NOT_FOUND', 'The owner that you chose does not exist any more. Choose another one.')
      }
      const app = await apps.reviews.install({
        reviewId,
        id,
        owner,
        allowScripts,
        actor: actorKey(actor),
        ...(identityHeaders !== undefined && { identityHeaders }),
      })
      return { key: app.key }
    },
    'apps.cancelInstall': (actor, { reviewId }) => apps.reviews.cancel(reviewId, actorKey(actor)),

    'apps.start': (actor, { key }) => apps.start(actorKey(actor), managed(actor, key).key),
    'apps.stop': (actor, { key }) => apps.stop(actorKey(actor), managed(actor, key).key),
    'apps.restart': (actor, { key }) => apps.restart(actorKey(actor), managed(actor, key).key),
    'apps.checkForUpdate': (actor, { key }) => apps.checkForUpdate(managed(actor, key).key),
    'apps.update': (actor, { key, allowScripts }) =>
      apps.update(actorKey(actor), managed(actor, key).key, allowScripts ?? 'ask'),
    'apps.uninstall': (actor, { key, deleteData, confirmId }) => {
      const app = managed(actor, key)
      if (confirmId !== app.id) throw new AppError('BAD_INPUT', `Type the app's ID, ${app.id}, to confirm.`)
      return apps.uninstall(actorKey(actor), key, { deleteData })
    },
    'apps.configure': async (actor, { key, ...change }) => {
      const before = managed(actor, key)
      const { id, config, autostart, sourceUrl, identityHeaders, externalOrigins } = change
      if (sourceUrl !== undefined && sourceUrl !== before.sourceUrl) {
        if (before.sourceType !== 'upstream') throw new AppError('BAD_INPUT', 'This app has no address to change.')
        needAdminForAddress(actor)
      }
      const app = await apps.configure(actorKey(actor), key, {
        ...(id !== undefined && { id }),
        ...(config !== undefined && { config }),
        ...(autostart !== undefined && { autostart }),
        ...(sourceUrl !== undefined && { sourceUrl }),
        ...(identityHeaders !== undefined && { identityHeaders }),
        ...(externalOrigins !== undefined && { externalOrigins }),
      })
      return appDetails(services, actor, app)
    },
    'apps.logs': (actor, { key, before, limit }) =>
      apps.logs(managed(actor, key).key, { limit, ...(before !== undefined && { before }) }),
    'apps.openAddress': (actor, { key, path }) => {
      const app = seen(actor, key)
      // `system` has no browser to sign in.
      if (actor.kind === 'system' || !mayWithApp(actor, app.owner).open) {
        throw new AppError('FORBIDDEN', 'This app belongs to somebody else, so only they can open it.')
      }
      return { url: services.host.openAddress(actor.user.key, key, path) }
    },
  }
}

/** The host asks whatever is at the address, from within this computer and its network (SSRF): not everybody's to say (C23). */
function needAdminForAddress(actor: Actor): void {
  if (isAdmin(actor)) return
  throw new AppError('FORBIDDEN', 'Only an administrator can say at which address an app lives.')
}
