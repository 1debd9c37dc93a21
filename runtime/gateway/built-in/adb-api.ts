import { administrationMethods } from './adb/administration.ts'
import type { AdbDeps } from './adb/database-of.ts'
import { databaseMethods } from './adb/databases.ts'
import { recordMethods } from './adb/records.ts'
import type { BuiltInApi } from './built-in.ts'

export const ADB_API = 'atek.cloud/adb-api'

/**
 * `atek.cloud/adb-api` (PROTOCOL), as `@atek-cloud/adb-api@2.0.0` declares it: the document store that Atek apps expect,
 * on the host's own storage.
 */
export function adbApi(deps: AdbDeps): BuiltInApi {
  return { ...administrationMethods(deps), ...databaseMethods(deps), ...recordMethods(deps) }
}
