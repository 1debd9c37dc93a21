import type { CloseCode } from './websocket/close-codes.ts'

/** Why something open ends before its end. */
export interface LiveEnd {
  /** What a WebSocket is told. */
  code: CloseCode
  /** For the record and for the client: general words. */
  reason: string
  /** Without waiting for the other side to agree. */
  atOnce?: boolean
}

/** Something open on behalf of a session or an app. */
export interface LiveEntry {
  /** null for what no person stands behind, such as an app's own call. */
  readonly userKey: string | null
  readonly sessionId: string | null
  /** The app that it leads to. */
  readonly appKey: string | null
  /** The app whose bearer token opened it, and which of its tokens: each start has a new one. */
  readonly caller: { appKey: string; token: string } | null
  /** Monotonic time at which it was open for sure; set by LiveConnections, so that opening needs no clock. */
  since: number | null
  /** May be called again while it takes its time to close. */
  close(end: LiveEnd): void
}

/**
 * Requests, event streams and WebSockets that are open, by user, so that they end with the session that they were
 * opened under (C09): a session is checked when something is opened, and an open stream would outlive it.
 */
export class LiveConnections {
  readonly #byUser = new Map<string | null, Set<LiveEntry>>()
  #lastSweep: number

  /** @param now monotonic */
  constructor(now: number) {
    this.#lastSweep = now
  }

  add(entry: LiveEntry): void {
    const entries = this.#byUser.get(entry.userKey)
    if (entries === undefined) this.#byUser.set(entry.userKey, new Set([entry]))
    else entries.add(entry)
  }

  remove(entry: LiveEntry): void {
    const entries = this.#byUser.get(entry.userKey)
    if (entries?.delete(entry) && entries.size === 0) this.#byUser.delete(entry.userKey)
  }

  /** @param sessionIds null means all of the user's */
  closeSessions(userKey: string, sessionIds: readonly string[] | null, end: LiveEnd): void {
    for (const entry of [...(this.#byUser.get(userKey) ?? [])]) {
      if (sessionIds !== null && (entry.sessionId === null || !sessionIds.includes(entry.sessionId))) continue
      entry.close(end)
    }
  }

  /** Closes what `over` gives a reason for. */
  closeWhere(over: (entry: LiveEntry) => LiveEnd | null): void {
    for (const entry of this.#all()) {
      const end = over(entry)
      if (end !== null) entry.close(end)
    }
  }

  /**
   * As closeWhere, and what has been open for longer than `bound` ends, too: it counts from the sweep before the first
   * one that found it, so it never gets more than that.
   * @param now monotonic
   */
  sweep(now: number, bound: number, tooLong: LiveEnd, over: (entry: LiveEntry) => LiveEnd | null): void {
    const before = this.#lastSweep
    this.#lastSweep = now
    this.closeWhere((entry) => {
      entry.since ??= before
      return now - entry.since >= bound ? tooLong : over(entry)
    })
  }

  closeAll(end: LiveEnd): void {
    for (const entry of this.#all()) entry.close(end)
  }

  get size(): number {
    let size = 0
    for (const entries of this.#byUser.values()) size += entries.size
    return size
  }

  /** A copy: what closes is removed. */
  #all(): LiveEntry[] {
    const all: LiveEntry[] = []
    for (const entries of this.#byUser.values()) all.push(...entries)
    return all
  }
}
