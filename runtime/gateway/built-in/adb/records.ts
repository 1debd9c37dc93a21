import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'
import { LIMITS } from '../../../contract/limits.ts'
import type { AdbPath } from '../../../storage/adb-path.ts'
import type { AdbRecord } from '../../../storage/adb-records-table.ts'
import type { OwnerScope } from '../../../storage/owner-scope.ts'
import { type Authorised, type BuiltInApi, method } from '../built-in.ts'
import { type AdbDeps, databaseOf, notAuthorized, scopeOf } from './database-of.ts'
import { dbName, diffOptions, listOptions, path, recordPath, recordValue } from './schemas.ts'

/** Records of the calling service's databases. */
export function recordMethods({ storage }: AdbDeps): BuiltInApi {
  const { records, changes } = storage.adb

  const opened = (call: Authorised, name: string): { scope: OwnerScope; dbId: string } => {
    const scope = scopeOf(call)
    return { scope, dbId: databaseOf(storage, scope, name).dbId }
  }

  const write = (call: Authorised, name: string, at: AdbPath, value: string | null) =>
    storage.transaction(() => {
      const { scope, dbId } = opened(call, name)
      const seq = records.write(scope, dbId, at, value)
      if (seq === null) throw notAuthorized(dbId)
      return { dbId, seq }
    })

  return {
    recordList: method('signed-in', z.tuple([dbName, path, listOptions.nullish()]), (call, [name, at, options]) => {
      const { scope, dbId } = opened(call, name)
      const { limit = -1, reverse = false, ...bounds } = options ?? {}
      const most = { limit: limit < 0 ? null : limit, maxBytes: LIMITS.adbAnswerBytes }
      const found = records.list(scope, dbId, at, { ...bounds, reverse }, most)
      if (found === null) throw tooMuch('Ask for fewer records with limit, and go on from the last key with gt.')
      return { records: found.map((record) => shown(dbId, record, at.length)) }
    }),

    recordGet: method('signed-in', z.tuple([dbName, recordPath]), (call, [name, at]) => {
      const { scope, dbId } = opened(call, name)
      const record = records.get(scope, dbId, at)
      if (record === null) throw new AppError('NOT_FOUND', `Not found: /${at.join('/')}`)
      return shown(dbId, record, at.length - 1)
    }),

    recordPut: method('signed-in', z.tuple([dbName, recordPath, recordValue]), (call, [name, at, value]) => {
      const { dbId, seq } = write(call, name, at, asJson(value))
      return shown(dbId, { path: at, seq, value }, at.length - 1)
    }),

    recordDelete: method('signed-in', z.tuple([dbName, recordPath]), (call, [name, at]) => {
      const { scope, dbId } = opened(call, name)
      // What is not there needs no change; deleting twice is harmless.
      if (records.get(scope, dbId, at) !== null) write(call, name, at, null)
    }),

    recordDiff: method('signed-in', z.tuple([dbName, diffOptions]), (call, [name, { left, right, tableIds }]) => {
      const { scope, dbId } = opened(call, name)
      const versions = changes.versions(scope, dbId)
      if (versions === null) throw notAuthorized(dbId)
      const upTo = right ?? versions.newest
      if (left < versions.oldest || left > upTo || upTo > versions.newest) {
        throw new AppError(
          'BAD_INPUT',
          `Versions ${versions.oldest} to ${versions.newest} of this database can be compared, the earlier one first.`,
        )
      }
      if (changes.weight(scope, dbId, left, upTo) > LIMITS.adbAnswerBytes) {
        throw tooMuch('Compare versions that lie closer together.')
      }
      return changes
        .between(scope, dbId, left, upTo)
        .filter((difference) => inTables((difference.left ?? difference.right)?.path ?? [], tableIds))
        .map((difference) => ({
          ...(difference.left !== null && { left: shown(dbId, difference.left) }),
          ...(difference.right !== null && { right: shown(dbId, difference.right) }),
        }))
    }),
  }
}

/** A record as the client declares it; `key` is the path from part `from` on. */
function shown(dbId: string, { path: at, seq, value }: AdbRecord, from = at.length - 1) {
  const whole = `/${at.join('/')}`
  return { key: at.slice(from).join('/'), path: whole, url: `hyper://${dbId}${whole}`, seq, value }
}

function asJson(value: object): string {
  let json: string
  try {
    json = JSON.stringify(value)
  } catch {
    throw new AppError('BAD_INPUT', 'Parameter 3 is not valid: the record is nested too deeply.')
  }
  if (Buffer.byteLength(json) > LIMITS.adbRecordBytes) {
    throw new AppError('TOO_LARGE', `A record can have ${LIMITS.adbRecordBytes / 1024} kB of JSON. Store it in parts.`)
  }
  return json
}

function inTables(at: AdbPath, tables: AdbPath[] | undefined): boolean {
  return tables === undefined || tables.some((table) => table.every((part, index) => at[index] === part))
}

function tooMuch(advice: string): AppError {
  return new AppError(
    'TOO_LARGE',
    `The answer would have more than ${LIMITS.adbAnswerBytes / 1024 / 1024} MB. ${advice}`,
  )
}
