import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { manifestSchema } from '../contract/manifest.ts'
import { autostartSchema, sourceTypeSchema } from '../contract/schemas.ts'
import { jsonColumn } from './json-column.ts'
import { sqliteCode } from './sqlite-errors.ts'
import { Table } from './table.ts'

const packageMetaSchema = z.object({
  name: z.string().nullable(),
  author: z.string().nullable(),
  license: z.string().nullable(),
  /** Path of the start file in the package. */
  main: z.string(),
})

/** Its form only, as for `config`. */
const identityHeaderRow = z.discriminatedUnion('fact', [
  z.object({ name: z.string(), fact: z.literal('email'), domain: z.string() }),
  z.object({ name: z.string(), fact: z.enum(['user-key', 'username', 'role', 'service-key']) }),
])

const rowSchema = z
  .object({
    key: z.string(),
    id: z.string(),
    owner: z.string(),
    source_url: z.string(),
    source_type: sourceTypeSchema,
    desired_version: z.string().nullable(),
    installed_version: z.string().nullable(),
    package_folder: z.string(),
    manifest: jsonColumn(manifestSchema),
    package_meta: jsonColumn(packageMetaSchema),
    // Its form only: the rules for new values may have grown stricter since it was written.
    config: jsonColumn(z.record(z.string(), z.string())),
    autostart: autostartSchema,
    enabled: z.number(),
    installed_at: z.number(),
    identity_headers: jsonColumn(z.array(identityHeaderRow)),
    external_origins: jsonColumn(z.array(z.string())),
  })
  .transform((row) => ({
    key: row.key,
    id: row.id,
    /** A user key, or `system`. */
    owner: row.owner,
    sourceUrl: row.source_url,
    sourceType: row.source_type,
    desiredVersion: row.desired_version,
    installedVersion: row.installed_version,
    /** Empty for an app that lives elsewhere. */
    packageFolder: row.package_folder,
    manifest: row.manifest,
    packageMeta: row.package_meta,
    config: row.config,
    autostart: row.autostart,
    /** Whether the person wants it running; survives a restart. */
    enabled: row.enabled === 1,
    installedAt: row.installed_at,
    /** What the app is told about who calls, beside Atek-Auth-User and -Service (C23). */
    identityHeaders: row.identity_headers,
    /** Origins at which another proxy serves it and asks this host who comes (C24). */
    externalOrigins: row.external_origins,
  }))

export type PackageMeta = z.output<typeof packageMetaSchema>
export type AppRecord = z.output<typeof rowSchema>

const keyRow = z.object({ key: z.string() })

export class AppsTable extends Table {
  /** By ID. */
  list(): AppRecord[] {
    return this.all(rowSchema, 'SELECT * FROM apps ORDER BY id')
  }

  get(key: string): AppRecord | null {
    return this.one(rowSchema, 'SELECT * FROM apps WHERE key = :key', { key })
  }

  byId(id: string): AppRecord | null {
    return this.one(rowSchema, 'SELECT * FROM apps WHERE id = :id', { id })
  }

  countOwnedBy(owner: string): number {
    return (
      this.one(z.object({ n: z.number() }), 'SELECT count(*) AS n FROM apps WHERE owner = :owner', { owner })?.n ?? 0
    )
  }

  /** ID_TAKEN when an app has this ID; CONFLICT when the key was ever used: keys are never given twice. */
  insert(record: AppRecord): void {
    if (this.#isRetired(record.key)) throw keyUsed()
    this.#unique(record.id, () =>
      this.run(
        `INSERT INTO apps VALUES (:key, :id, :owner, :sourceUrl, :sourceType, :desiredVersion, :installedVersion,
           :packageFolder, :manifest, :packageMeta, :config, :autostart, :enabled, :installedAt, :identityHeaders,
           :externalOrigins)`,
        toColumns(record),
      ),
    )
  }

  /** ID_TAKEN as for insert; APP_NOT_INSTALLED when there is no such app. */
  update(key: string, patch: Partial<Omit<AppRecord, 'key'>>): void {
    const current = this.get(key)
    if (current === null) throw new AppError('APP_NOT_INSTALLED', 'This app is not installed any more.')
    const next: AppRecord = { ...current, ...patch, key }
    this.#unique(next.id, () =>
      this.run(
        `UPDATE apps SET id = :id, owner = :owner, source_url = :sourceUrl, source_type = :sourceType,
           desired_version = :desiredVersion, installed_version = :installedVersion, package_folder = :packageFolder,
           manifest = :manifest, package_meta = :packageMeta, config = :config, autostart = :autostart,
           enabled = :enabled, installed_at = :installedAt, identity_headers = :identityHeaders,
           external_origins = :externalOrigins WHERE key = :key`,
        toColumns(next),
      ),
    )
  }

  /** Takes the app's sessions along, and with `deleteData` its databases; retires its key. Inside a transaction. */
  delete(key: string, at: number, { deleteData = false }: { deleteData?: boolean } = {}): void {
    if (this.run('DELETE FROM apps WHERE key = :key', { key }) === 0) return
    if (deleteData) this.run('DELETE FROM adb_databases WHERE service = :key', { key })
    this.run('DELETE FROM app_sessions WHERE app_key = :key', { key })
    this.run('INSERT INTO retired_keys VALUES (:key, :at)', { key, at })
  }

  #isRetired(key: string): boolean {
    return this.one(keyRow, 'SELECT key FROM retired_keys WHERE key = :key', { key }) !== null
  }

  #unique(id: string, write: () => void): void {
    try {
      write()
    } catch (error) {
      const code = sqliteCode(error)
      if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY') throw keyUsed()
      if (code !== 'SQLITE_CONSTRAINT_UNIQUE') throw error
      throw new AppError('ID_TAKEN', `There is already an app with the ID "${id}". Choose another ID.`)
    }
  }
}

function keyUsed(): AppError {
  return new AppError('CONFLICT', 'This service key was used before. Keys are never given twice.')
}

function toColumns(record: AppRecord) {
  return {
    ...record,
    manifest: JSON.stringify(record.manifest),
    packageMeta: JSON.stringify(record.packageMeta),
    config: JSON.stringify(record.config),
    enabled: record.enabled ? 1 : 0,
    identityHeaders: JSON.stringify(record.identityHeaders),
    externalOrigins: JSON.stringify(record.externalOrigins),
  }
}
