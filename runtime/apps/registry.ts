import { AppError } from '../contract/errors.ts'
import type { AppExport } from '../contract/manifest.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import type { Storage } from '../storage/storage.ts'

export interface Export {
  app: AppRecord
  export: AppExport
}

/**
 * What is installed. Every request asks which app a host name means, so records are kept in memory; the table is
 * written first and stays the truth.
 */
export class Registry {
  readonly #storage: Storage
  readonly #byKey = new Map<string, AppRecord>()
  readonly #byId = new Map<string, AppRecord>()
  /** What apps export, by API and in the order of `list`; null until it is asked for after a change. */
  #byApi: Map<string, Export[]> | null = null

  constructor(storage: Storage) {
    this.#storage = storage
    for (const record of storage.apps.list()) this.#add(record)
  }

  /** By ID, alphabetically. */
  list(): AppRecord[] {
    return [...this.#byKey.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  get(key: string): AppRecord | null {
    return this.#byKey.get(key) ?? null
  }

  byId(id: string): AppRecord | null {
    return this.#byId.get(id) ?? null
  }

  /** Throws NOT_FOUND. */
  need(key: string): AppRecord {
    const record = this.get(key)
    if (record === null) throw new AppError('NOT_FOUND', 'This app is not installed any more.')
    return record
  }

  exportsOf(api: string): readonly Export[] {
    this.#byApi ??= this.#exports()
    return this.#byApi.get(api) ?? []
  }

  /** Writes about one app, and audits, as one: `change` runs in the transaction; memory follows once it is committed. */
  commit(key: string, change: (table: Storage['apps']) => void): void {
    this.#storage.transaction(() => change(this.#storage.apps))
    const before = this.#byKey.get(key)
    if (before !== undefined) this.#byId.delete(before.id)
    this.#byKey.delete(key)
    this.#byApi = null
    const after = this.#storage.apps.get(key)
    if (after !== null) this.#add(after)
  }

  #add(record: AppRecord): void {
    this.#byKey.set(record.key, record)
    this.#byId.set(record.id, record)
  }

  #exports(): Map<string, Export[]> {
    const byApi = new Map<string, Export[]>()
    for (const app of this.list()) {
      for (const entry of app.manifest.exports ?? []) {
        const known = byApi.get(entry.api)
        if (known === undefined) byApi.set(entry.api, [{ app, export: entry }])
        else known.push({ app, export: entry })
      }
    }
    return byApi
  }
}
