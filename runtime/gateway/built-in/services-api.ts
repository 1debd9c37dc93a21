import { z } from 'zod'
import { mayManage } from '../../apps/app-rights.ts'
import type { Apps } from '../../apps/apps.ts'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import type { Rights } from '../rights.ts'
import { type Authorised, type BuiltInApi, method, noParams } from './built-in.ts'

export const SERVICES_API = 'atek.cloud/services-api'

const byId = z.tuple([z.string().max(LIMITS.appIdLength)])

/** `atek.cloud/services-api` (PROTOCOL): administrators manage all apps, others their own. */
export function servicesApi({
  apps,
}: {
  apps: Pick<Apps, 'list' | 'byId' | 'state' | 'start' | 'stop' | 'restart'>
}): BuiltInApi {
  /** Another's app is "not found" and not "forbidden": its existence is not the caller's to know. */
  const managed = (rights: Rights, id: string): AppRecord => {
    const app = apps.byId(id)
    if (app === null || !mayManage({ key: rights.user, admin: rights.admin }, app.owner))
      throw new AppError('NOT_FOUND', `There is no app with the ID "${id}".`)
    return app
  }

  const info = (call: Authorised, app: AppRecord) => ({
    status: apps.state(app.key).state === 'running' ? 'active' : 'inactive',
    key: app.key,
    settings: {
      id: app.id,
      owningUserKey: app.owner,
      sourceUrl: app.sourceUrl,
      ...(app.desiredVersion !== null && { desiredVersion: app.desiredVersion }),
      package: {
        // The protocol knows three; a bundled example is a folder of the host's.
        sourceType: app.sourceType === 'example' ? 'file' : app.sourceType,
        ...(app.installedVersion !== null && { installedVersion: app.installedVersion }),
      },
      manifest: app.manifest,
      // A config holds keys and passwords: for the people who wrote it, not for their other apps (C51).
      ...(call.caller.kind !== 'app' && { config: app.config }),
    },
  })

  return {
    list: method('signed-in', noParams, (call) => ({
      services: apps
        .list()
        .filter((app) => mayManage({ key: call.rights.user, admin: call.rights.admin }, app.owner))
        .map((app) => info(call, app)),
    })),
    get: method('signed-in', byId, (call, [id]) => info(call, managed(call.rights, id))),
    start: method('signed-in', byId, ({ rights }, [id]) => apps.start(rights.user, managed(rights, id).key)),
    stop: method('signed-in', byId, ({ rights }, [id]) => apps.stop(rights.user, managed(rights, id).key)),
    restart: method('signed-in', byId, ({ rights }, [id]) => apps.restart(rights.user, managed(rights, id).key)),
  }
}
