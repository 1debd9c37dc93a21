import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'
import { OwnerScope } from '../../../storage/owner-scope.ts'
import { type Authorised, type BuiltInApi, method, noParams } from '../built-in.ts'
import { type AdbDeps, databaseOf, notAuthorized, scopeOf, shown } from './database-of.ts'
import { createDatabase } from './databases.ts'
import { asDbId, dbAdminConfig, dbName } from './schemas.ts'

const KEY = /^(?:[0-9a-f]{32}|system)$/

/**
 * Methods across services. An app manages what is its own; a person, what their apps keep; administrators, everything.
 * None of them reads a record.
 */
export function administrationMethods({ storage, audit, random }: AdbDeps): BuiltInApi {
  const { databases, administration } = storage.adb

  const mayManage = (call: Authorised, scope: OwnerScope): boolean =>
    call.rights.admin ||
    scope.equals(scopeOf(call)) ||
    (call.caller.kind === 'user' && scope.owner === call.rights.user)

  /** The owner and service that a configuration names, as far as the caller may act there. */
  const target = (call: Authorised, from: OwnerScope, named: z.output<typeof dbAdminConfig>['owner']): OwnerScope => {
    // The client's own default is an empty text.
    const owner = named?.userKey || from.owner
    const service = named?.serviceKey || from.service
    if (!KEY.test(owner) || !KEY.test(service)) {
      throw new AppError('BAD_INPUT', 'Parameter owner is not valid: these are not keys of a user and of an app.')
    }
    const scope = new OwnerScope(owner, service)
    if (!mayManage(call, scope)) {
      throw new AppError('FORBIDDEN', 'Not authorized to give a database to this user and app.')
    }
    return scope
  }

  const managed = (call: Authorised, name: string) => {
    const own = scopeOf(call)
    const dbId = asDbId(name)
    if (dbId === null) return { scope: own, database: databaseOf(storage, own, name) }
    const scope = administration.scopeOf(dbId)
    if (scope === null || !mayManage(call, scope)) throw notAuthorized(dbId)
    return { scope, database: databaseOf(storage, scope, dbId) }
  }

  /** In the transaction of the change (C40). The subject is the app, or the person who has it without one. */
  const record = (call: Authorised, action: string, scope: OwnerScope, details: Record<string, unknown>) =>
    audit.record({
      action,
      actor: call.rights.user,
      subject: scope.service === 'system' ? scope.owner : scope.service,
      details: { ...details, ...(call.caller.kind === 'app' && { by: call.caller.appKey }) },
    })

  return {
    /** In the original this starts the store's own process; here it is up whenever the host is. */
    init: method('admin', z.tuple([z.object({}).nullish()]), () => {
      throw new AppError('CONFLICT', 'The document store is a part of the host and needs no initialising.')
    }),

    getConfig: method('admin', noParams, () => ({ serverDbId: '' })),

    adminListDbsByOwningUser: method('signed-in', z.tuple([z.string().max(64).nullish()]), (call, [userKey]) => {
      const owner = userKey || call.rights.user
      if (owner !== call.rights.user && !call.rights.admin) {
        throw new AppError('FORBIDDEN', 'Not authorized to list the databases of another user.')
      }
      return administration.listOwnedBy(owner).map(shown)
    }),

    adminCreateDb: method('signed-in', z.tuple([dbAdminConfig.nullish()]), (call, [config]) =>
      storage.transaction(() => {
        const { owner, ...rest } = config ?? {}
        const scope = target(call, scopeOf(call), owner)
        const database = createDatabase(storage, random, scope, rest)
        record(call, 'database.create', scope, { database: database.dbId })
        return shown(database)
      }),
    ),

    adminEditDbConfig: method('signed-in', z.tuple([dbName, dbAdminConfig]), (call, [name, config]) =>
      storage.transaction(() => {
        const { scope, database } = managed(call, name)
        const to = target(call, scope, config.owner)
        const { dbId } = database
        const alias = config.alias === undefined ? database.alias : config.alias
        const access = config.access ?? database.access
        if (!to.equals(scope)) {
          // It moves without its alias, so that only the one that it shall have can be taken already.
          databases.update(scope, { dbId, alias: null, access })
          databases.give(scope, { ...database, alias: null }, to)
        }
        databases.update(to, { dbId, alias, access })
        // Aliases are an app's own words, and may say more than a log should keep.
        const given = !to.equals(scope)
        record(call, given ? 'database.give' : 'database.configure', to, {
          database: dbId,
          ...(given && { from: scope.service, fromOwner: scope.owner }),
          ...(alias !== database.alias && { renamed: true }),
          ...(access !== database.access && { access }),
        })
      }),
    ),

    adminDeleteDb: method('signed-in', z.tuple([dbName]), (call, [name]) =>
      storage.transaction(() => {
        const { scope, database } = managed(call, name)
        databases.delete(scope, database.dbId)
        record(call, 'database.delete', scope, { database: database.dbId })
      }),
    ),
  }
}
