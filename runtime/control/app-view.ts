import { appTitle } from '../apps/app-title.ts'
import type { AppDetails, AppSummary } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import type { Actor } from './actor.ts'
import type { Services } from './services.ts'
import { mayWithApp, visibleCrash } from './visibility.ts'

/** An app as a row of the panel's list, for this actor. */
export function appSummary(services: Services, actor: Actor, app: AppRecord): AppSummary {
  const { state, crash, process, unreachable } = services.apps.state(app.key)
  const may = mayWithApp(actor, app.owner)
  return {
    key: app.key,
    id: app.id,
    title: appTitle(app),
    description: app.manifest.description ?? '',
    icon: services.apps.icon(app.key),
    owner: app.owner,
    ownerName: app.owner === 'system' ? null : (services.identity.users.get(app.owner)?.username ?? null),
    state,
    address: services.host.appAddress(app.id),
    sourceType: app.sourceType,
    version: app.installedVersion,
    process,
    crash: visibleCrash(crash, may),
    unreachable,
    activity: services.recorder.activity(app.key),
    may,
  }
}

/** Everything on an app's page. Config is shown to who manages the app only; it may hold secrets. */
export function appDetails(services: Services, actor: Actor, app: AppRecord): AppDetails {
  const summary = appSummary(services, actor, app)
  return {
    ...summary,
    sourceUrl: app.sourceUrl,
    desiredVersion: app.desiredVersion,
    author: app.manifest.author ?? app.packageMeta.author,
    license: app.manifest.license ?? app.packageMeta.license,
    exports: app.manifest.exports ?? [],
    autostart: app.autostart,
    config: summary.may.manage ? app.config : {},
    restarts: services.apps.state(app.key).restarts,
    installedAt: app.installedAt,
    folder: app.packageFolder,
    dataFolder: services.apps.dataFolder(app.key),
    manifest: app.manifest,
    identityHeaders: app.identityHeaders,
    externalOrigins: app.externalOrigins,
  }
}
