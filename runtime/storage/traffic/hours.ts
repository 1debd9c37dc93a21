import type Database from 'better-sqlite3'
import { z } from 'zod'

/** What happened to one app in one hour. `durations` is a histogram as traffic/histogram.ts writes it. */
export interface AppHour {
  /** When it begins. */
  hour: number
  appKey: string
  appId: string
  requests: number
  errors: number
  durations: Uint8Array
}

/** Calls from one place to another in one hour; `api` is empty for requests to an app's own address. */
export interface EdgeHour {
  hour: number
  source: string
  target: string
  api: string
  sourceLabel: string
  targetLabel: string
  requests: number
  errors: number
  durations: Uint8Array
}

const durations = z.instanceof(Uint8Array)
const appHour = z
  .object({
    hour: z.number(),
    app_key: z.string(),
    app_id: z.string(),
    requests: z.number(),
    errors: z.number(),
    durations,
  })
  .transform((row): AppHour => ({ ...row, appKey: row.app_key, appId: row.app_id }))
const edgeHour = z
  .object({
    hour: z.number(),
    source: z.string(),
    target: z.string(),
    api: z.string(),
    source_label: z.string(),
    target_label: z.string(),
    requests: z.number(),
    errors: z.number(),
    durations,
  })
  .transform((row): EdgeHour => ({ ...row, sourceLabel: row.source_label, targetLabel: row.target_label }))

/** The charts of the last days, hour by hour. */
export class TrafficHours {
  readonly #db: Database.Database

  constructor(db: Database.Database) {
    this.#db = db
  }

  /** Of the hours from `from` on. Rows that cannot be read are left out: a chart is no evidence. */
  apps(from: number): AppHour[] {
    const rows = this.#db.prepare('SELECT * FROM app_hours WHERE hour >= ?').all(from)
    return rows.flatMap((row) => appHour.safeParse(row).data ?? [])
  }

  edges(from: number): EdgeHour[] {
    const rows = this.#db.prepare('SELECT * FROM edge_hours WHERE hour >= ?').all(from)
    return rows.flatMap((row) => edgeHour.safeParse(row).data ?? [])
  }

  /** Each takes the place of what was stored for its hour. */
  set(apps: readonly AppHour[], edges: readonly EdgeHour[]): void {
    const app = this.#db.prepare(
      `INSERT OR REPLACE INTO app_hours (hour, app_key, app_id, requests, errors, durations)
       VALUES (:hour, :appKey, :appId, :requests, :errors, :durations)`,
    )
    const edge = this.#db.prepare(
      `INSERT OR REPLACE INTO edge_hours
       (hour, source, target, api, source_label, target_label, requests, errors, durations)
       VALUES (:hour, :source, :target, :api, :sourceLabel, :targetLabel, :requests, :errors, :durations)`,
    )
    this.#db
      .transaction(() => {
        for (const one of apps) app.run(one)
        for (const one of edges) edge.run(one)
      })
      .immediate()
  }

  purge(before: number): void {
    this.#db.prepare('DELETE FROM app_hours WHERE hour < ?').run(before)
    this.#db.prepare('DELETE FROM edge_hours WHERE hour < ?').run(before)
  }
}
