import type { TrafficCaller, TrafficRow } from '../../../runtime/contract/models.ts'

/** Different callers and texts that are kept for sharing; then it starts anew. */
const MOST = 5000

/**
 * Fifty thousand rows are of a few apps and people. Parsed from text each row has copies of its own; shared, the rows
 * take a third of the room.
 */
export class SharedParts {
  readonly #texts = new Map<string, string>()
  readonly #callers = new Map<string, TrafficCaller>()

  /** The row itself, its parts replaced by equal ones that are there already. */
  share(row: TrafficRow): TrafficRow {
    row.appId = this.#text(row.appId)
    row.method = this.#text(row.method)
    if (row.appKey !== null) row.appKey = this.#text(row.appKey)
    if (row.caller !== null) row.caller = this.#caller(row.caller)
    return row
  }

  #text(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size >= MOST) this.#texts.clear()
    this.#texts.set(text, text)
    return text
  }

  #caller(caller: TrafficCaller): TrafficCaller {
    const key = `${caller.userKey} ${caller.username} ${caller.serviceKey} ${caller.serviceId}`
    const known = this.#callers.get(key)
    if (known !== undefined) return known
    if (this.#callers.size >= MOST) this.#callers.clear()
    this.#callers.set(key, caller)
    return caller
  }
}
