import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'
import { LIMITS } from '../../../contract/limits.ts'
import type { RandomBytes } from '../../../core/ids.ts'
import type { AdbDatabase } from '../../../storage/adb-databases-table.ts'
import type { OwnerScope } from '../../../storage/owner-scope.ts'
import type { Storage } from '../../../storage/storage.ts'
import { type BuiltInApi, method, noParams } from '../built-in.ts'
import { type AdbDeps, databaseOf, scopeOf, shown } from './database-of.ts'
import { asDbId, dbConfig, dbName } from './schemas.ts'

type DbConfig = z.output<typeof dbConfig>

/** Databases of the calling service. */
export function databaseMethods({ storage, random }: AdbDeps): BuiltInApi {
  const { databases } = storage.adb

  return {
    dbCreate: method('signed-in', z.tuple([dbConfig.nullish()]), (call, [config]) =>
      storage.transaction(() => shown(createDatabase(storage, random, scopeOf(call), config ?? {}))),
    ),

    dbGetOrCreate: method('signed-in', z.tuple([dbName, dbConfig.nullish()]), (call, [alias, config]) =>
      storage.transaction(() => {
        const scope = scopeOf(call)
        // An id names a database that is there or is not; none can be made under it.
        if (asDbId(alias) !== null) return shown(databaseOf(storage, scope, alias))
        const known = databases.byAlias(scope, alias)
        return shown(known ?? createDatabase(storage, random, scope, { ...config, alias }))
      }),
    ),

    dbConfigure: method('signed-in', z.tuple([dbName, dbConfig]), (call, [name, config]) => {
      const scope = scopeOf(call)
      const { dbId, alias, access } = databaseOf(storage, scope, name)
      databases.update(scope, {
        dbId,
        alias: config.alias === undefined ? alias : config.alias,
        access: config.access ?? access,
      })
    }),

    dbGetConfig: method('signed-in', z.tuple([dbName]), (call, [name]) => {
      const { alias, access } = databaseOf(storage, scopeOf(call), name)
      return { ...(alias !== null && { alias }), access }
    }),

    dbList: method('signed-in', noParams, (call) => databases.list(scopeOf(call)).map(shown)),

    dbDescribe: method('signed-in', z.tuple([dbName]), (call, [name]) =>
      shown(databaseOf(storage, scopeOf(call), name)),
    ),
  }
}

/** A new, empty database. Inside a transaction. CONFLICT when the alias, or the number of databases, is used up. */
export function createDatabase(
  { adb, clock }: Storage,
  random: RandomBytes,
  scope: OwnerScope,
  { alias, access }: DbConfig,
): AdbDatabase {
  if (adb.databases.count(scope) >= LIMITS.adbDatabases) {
    throw new AppError(
      'CONFLICT',
      `An app can have ${LIMITS.adbDatabases} databases. Delete one with adminDeleteDb first.`,
    )
  }
  const created = {
    // As long as the ids that clients know: they tell an id from an alias by its 64 digits.
    dbId: random(32).toString('hex'),
    alias: alias ?? null,
    access: access ?? ('private' as const),
    createdAt: clock.now(),
  }
  adb.databases.insert(scope, created)
  return { ...created, owner: scope.owner, service: scope.service }
}
