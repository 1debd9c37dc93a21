/** Something open on behalf of a session. */
export interface LiveEntry {
  /** null for what no person stands behind, such as an app's own call. */
  userKey: string | null
  sessionId: string | null
  close(reason: string): void
}

/**
 * Requests, event streams and WebSockets that are open, by user, so that they end with the session that they were
 * opened under (C09): a session is checked when something is opened, and an open stream would outlive it.
 */
export class LiveConnections {
  readonly #byUser = new Map<string | null, Set<LiveEntry>>()

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
  closeSessions(userKey: string, sessionIds: readonly string[] | null): void {
    for (const entry of [...(this.#byUser.get(userKey) ?? [])]) {
      if (sessionIds !== null && (entry.sessionId === null || !sessionIds.includes(entry.sessionId))) continue
      this.remove(entry)
      entry.close('The session ended.')
    }
  }

  closeAll(reason: string): void {
    for (const entries of [...this.#byUser.values()]) for (const entry of [...entries]) entry.close(reason)
    this.#byUser.clear()
  }

  get size(): number {
    let size = 0
    for (const entries of this.#byUser.values()) size += entries.size
    return size
  }
}
