import type { SeenValues } from '../../../runtime/contract/filter/complete.ts'
import type { TrafficRow } from '../../../runtime/contract/models.ts'

/** Different values that are counted, and that are offered. */
const MOST = 1000
const OFFERED = 50

/** What values there were, for completion: the most frequent first. */
export class SeenCounts {
  readonly #apps = new Map<string, number>()
  readonly #users = new Map<string, number>()
  readonly #methods = new Map<string, number>()
  readonly #statuses = new Map<number, number>()
  #changed = false

  count(row: TrafficRow): void {
    this.#add(this.#apps, row.appId)
    if (row.caller?.serviceId) this.#add(this.#apps, row.caller.serviceId)
    if (row.caller?.username) this.#add(this.#users, row.caller.username)
    this.#add(this.#methods, row.method)
    if (row.status !== null) this.#add(this.#statuses, row.status)
  }

  /** The values, when there is one that was not there the last time; otherwise null. */
  news(): SeenValues | null {
    if (!this.#changed) return null
    this.#changed = false
    return {
      apps: frequent(this.#apps),
      users: frequent(this.#users),
      methods: frequent(this.#methods),
      statuses: frequent(this.#statuses),
      headers: HEADERS,
    }
  }

  #add<T>(counts: Map<T, number>, value: T): void {
    const before = counts.get(value)
    if (before === undefined && counts.size >= MOST) return
    if (before === undefined) this.#changed = true
    counts.set(value, (before ?? 0) + 1)
  }
}

/** Rows carry no headers, so these are offered: what a person looks for, and what the host sets itself. */
const HEADERS = [
  'atek-auth-user',
  'atek-auth-service',
  'authorization',
  'cookie',
  'origin',
  'referer',
  'user-agent',
  'content-type',
  'if-none-match',
  'range',
  'x-forwarded-for',
]

function frequent<T>(counts: Map<T, number>): T[] {
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, OFFERED)
    .map(([value]) => value)
}
