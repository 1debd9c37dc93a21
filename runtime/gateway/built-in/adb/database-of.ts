import type { AuditLog } from '../../../audit/audit-log.ts'
import { AppError } from '../../../contract/errors.ts'
import type { RandomBytes } from '../../../core/ids.ts'
import type { AdbDatabase } from '../../../storage/adb-databases-table.ts'
import { OwnerScope } from '../../../storage/owner-scope.ts'
import type { Storage } from '../../../storage/storage.ts'
import type { Authorised } from '../built-in.ts'
import { asDbId } from './schemas.ts'

export interface AdbDeps {
  storage: Storage
  audit: AuditLog
  random: RandomBytes
}

/** Whose databases a call is about: of the owner whom the app acts for and of this app; of a person, their own. */
export function scopeOf({ caller, rights }: Authorised): OwnerScope {
  return new OwnerScope(rights.user, caller.kind === 'app' ? caller.appKey : 'system')
}

/**
 * The caller's database of this id or alias. One that is not the caller's and one that does not exist are refused in
 * the same words: an id that somebody guessed or saw tells them nothing.
 */
export function databaseOf({ adb }: Storage, scope: OwnerScope, name: string): AdbDatabase {
  const dbId = asDbId(name)
  const database = dbId === null ? adb.databases.byAlias(scope, name) : adb.databases.get(scope, dbId)
  if (database !== null) return database
  if (dbId !== null) throw notAuthorized(dbId)
  throw new AppError('NOT_FOUND', `You have no database with the alias "${name}".`)
}

export function notAuthorized(dbId: string): AppError {
  return new AppError('FORBIDDEN', `Not authorized to access the database ${dbId}.`)
}

/** DbInfo, as the client declares it. */
export function shown({ dbId, owner, service, alias, access, createdAt }: AdbDatabase) {
  return {
    dbId,
    writable: true,
    isServerDb: false,
    owner: { userKey: owner, serviceKey: service },
    ...(alias !== null && { alias }),
    access,
    createdAt: new Date(createdAt).toISOString(),
  }
}
