import { z } from 'zod'
import { LIMITS } from '../../../contract/limits.ts'
import { adbAccessSchema } from '../../../storage/adb-databases-table.ts'
import { type AdbPath, isPathPart } from '../../../storage/adb-path.ts'

/** The form of a database's id. Clients tell ids from aliases by it, so no alias may have it. */
const DB_ID = /^(?:hyper:\/\/)?([0-9a-f]{64})\/?$/i

/** The id in a text that has one, in lower case. */
export function asDbId(text: string): string | null {
  return DB_ID.exec(text)?.[1]?.toLowerCase() ?? null
}

/** A database as callers name it: by its id, or by an alias of the calling service. */
export const dbName = z.string().min(1).max(LIMITS.adbAliasLength)

/** The client sends an empty text for none. */
const alias = z
  .string()
  .max(LIMITS.adbAliasLength)
  .refine((text) => asDbId(text) === null, 'an alias cannot look like the id of a database')
  .transform((text) => (text === '' ? null : text))

const access = z.union([adbAccessSchema, z.literal('').transform(() => undefined)], 'it is "private" or "public"')

export const dbConfig = z.object({ alias: alias.optional(), access: access.optional() })

/** `owner` may name either or both; what is left out is the caller's own. */
export const dbAdminConfig = dbConfig.extend({
  owner: z.object({ userKey: z.string().max(64).optional(), serviceKey: z.string().max(64).optional() }).optional(),
})

/** A path as text, parts parted by slashes, or as a list of parts, which may themselves hold slashes. */
export const path = z
  .union([z.string(), z.array(z.string())], 'a path is a text or a list of texts')
  .transform((given, context): AdbPath => {
    const parts = typeof given === 'string' ? given.split('/').filter((part) => part !== '') : given
    const length = parts.reduce((sum, part) => sum + part.length + 1, 0)
    if (parts.length > LIMITS.adbPathParts || length > LIMITS.adbPathLength) {
      context.addIssue(`a path has at most ${LIMITS.adbPathParts} parts and ${LIMITS.adbPathLength} characters`)
    } else if (!parts.every(isPathPart)) {
      context.addIssue('a part of the path is empty or has a character that keys cannot have')
    }
    return parts
  })

/** Of one record: the last part is its key. */
export const recordPath = path.refine((parts) => parts.length > 0, 'a record has a key')

const bound = z.string().max(LIMITS.adbPathLength)

export const listOptions = z.object({
  lt: bound.optional(),
  lte: bound.optional(),
  gt: bound.optional(),
  gte: bound.optional(),
  /** Below zero: all, as in the original. */
  limit: z.number().int().optional(),
  reverse: z.boolean().optional(),
})

/** What a client keeps is an object; a list or a bare text would come back as something that its types do not have. */
export const recordValue = z.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'a record is an object',
)

const version = z.number().int().nonnegative()

export const diffOptions = z.object({
  left: version,
  right: version.optional(),
  tableIds: z.array(path).max(100).optional(),
})
