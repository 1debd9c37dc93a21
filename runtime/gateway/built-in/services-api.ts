import { z } from 'zod'
import { mayManage } from '../../apps/app-rights.ts'
import type { Apps } from '../../apps/apps.ts'
import { kindOfSource } from '../../apps/sources/parse-source.ts'
import { AppError } from '../../contract/errors.ts'
import { identityHeadersSchema } from '../../contract/identity-headers.ts'
import { LIMITS } from '../../contract/limits.ts'
import { appIdSchema, configSchema, sourceUrlSchema } from '../../contract/schemas.ts'
import type { Identity } from '../../identity/identity.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import type { Rights } from '../rights.ts'
import { type Authorised, type BuiltInApi, method, noParams } from './built-in.ts'

export const SERVICES_API = 'atek.cloud/services-api'

const id = z.string().max(LIMITS.appIdLength)
const byId = z.tuple([id])

const settings = {
  id: appIdSchema.optional(),
  desiredVersion: z.string().max(256).optional(),
  config: configSchema.optional(),
  identityHeaders: identityHeadersSchema.optional(),
}
const installOptions = z.object({
  sourceUrl: sourceUrlSchema,
  user: z.string().max(LIMITS.usernameLength).optional(),
  allowScripts: z.boolean().optional(),
  ...settings,
})
const updateOptions = z.object({ allowScripts: z.boolean().optional() })
const configureOptions = z.object({ sourceUrl: sourceUrlSchema.optional(), ...settings })

/** `atek.cloud/services-api` (PROTOCOL): administrators manage all apps, others their own. */
export function servicesApi({
  apps,
  identity: { users },
}: {
  apps: Pick<
    Apps,
    | 'list'
    | 'byId'
    | 'state'
    | 'start'
    | 'stop'
    | 'restart'
    | 'install'
    | 'uninstall'
    | 'configure'
    | 'checkForUpdate'
    | 'update'
  >
  identity: Pick<Identity, 'users'>
}): BuiltInApi {
  /** Another's app is "not found" and not "forbidden": its existence is not the caller's to know. */
  const managed = (rights: Rights, id: string): AppRecord => {
    const app = apps.byId(id)
    if (app === null || !mayManage({ key: rights.user, admin: rights.admin }, app.owner))
      throw new AppError('NOT_FOUND', `There is no app with the ID "${id}".`)
    return app
  }

  /** An app in a folder runs in place, whatever that folder is: naming folders is for administrators (A41). */
  const checkSource = (rights: Rights, sourceUrl: string) => {
    if (rights.admin) return
    const kind = kindOfSource(sourceUrl)
    if (kind === 'folder')
      throw new AppError('FORBIDDEN', 'Only an administrator can install an app from a folder of this computer.')
    // The host asks whatever is at the address, from within this computer and its network (C23).
    if (kind === 'upstream')
      throw new AppError('FORBIDDEN', 'Only an administrator can say at which address an app lives.')
  }

  /** Scripts run with a person's consent, and an app is none (A43). */
  const consent = (call: Authorised, allowScripts: boolean | undefined): boolean => {
    if (allowScripts === true && call.caller.kind === 'app')
      throw new AppError('FORBIDDEN', 'Only a person can allow scripts to run: an app cannot agree for them.')
    return allowScripts === true
  }

  /** Whose a new app is: the caller's own, or that of somebody whom an administrator names. */
  const ownerOf = (rights: Rights, username: string | undefined): string => {
    if (username === undefined) return rights.user
    if (!rights.admin) {
      throw new AppError('FORBIDDEN', 'Only an administrator can install an app for somebody else or for everyone.')
    }
    if (username.toLowerCase() === 'system') return 'system'
    const owner = users.byName(username)
    if (owner === null) throw new AppError('NOT_FOUND', `There is no user named "${username}".`)
    return owner.key
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

    /** Answers when it is started. Scripts are not run unless a person's call says that they may (A43). */
    install: method('signed-in', z.tuple([installOptions]), async (call, [{ sourceUrl, user, ...options }]) => {
      const { rights } = call
      const owner = ownerOf(rights, user)
      checkSource(rights, sourceUrl)
      const allowScripts = consent(call, options.allowScripts)
      return info(call, await apps.install({ actor: rights.user, sourceUrl, owner, ...given(options), allowScripts }))
    }),
    /** Nobody has been told what would be lost, so what the app has stored stays. */
    uninstall: method('signed-in', byId, ({ rights }, [id]) =>
      apps.uninstall(rights.user, managed(rights, id).key, { deleteData: false }),
    ),
    configure: method('signed-in', z.tuple([id, configureOptions]), async ({ rights }, [id, change]) => {
      const app = managed(rights, id)
      if (change.sourceUrl !== undefined && change.sourceUrl !== app.sourceUrl) checkSource(rights, change.sourceUrl)
      await apps.configure(rights.user, app.key, given(change))
    }),
    checkForPackageUpdates: method('signed-in', byId, async ({ rights }, [id]) => {
      const { hasUpdate, installedVersion, latestVersion } = await apps.checkForUpdate(managed(rights, id).key)
      // The protocol has texts there, also where a folder names no version.
      return { hasUpdate, installedVersion: installedVersion ?? '', latestVersion: latestVersion ?? '' }
    }),
    updatePackage: method('signed-in', z.tuple([id, updateOptions.optional()]), async (call, [id, options]) => {
      const { key } = managed(call.rights, id)
      const allowScripts = consent(call, options?.allowScripts)
      const { installedVersion, oldVersion } = await apps.update(call.rights.user, key, allowScripts)
      return { installedVersion: installedVersion ?? '', oldVersion: oldVersion ?? '' }
    }),
  }
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Only what was named: a key that is there and undefined is none. */
function given<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>
}
