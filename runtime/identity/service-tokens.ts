import { isTokenForm, newToken, type RandomBytes, tokenHash } from '../core/ids.ts'

/** Bearer tokens of running apps: new at every start, in memory only, and even there as hashes (C04, PROTOCOL). */
export class ServiceTokens {
  readonly #random: RandomBytes
  readonly #appByHash = new Map<string, string>()
  readonly #hashByApp = new Map<string, string>()

  constructor(deps: { random: RandomBytes }) {
    this.#random = deps.random
  }

  /** A new token for this app; the one before stops working. */
  issue(appKey: string): string {
    this.revoke(appKey)
    const token = newToken(this.#random)
    const hash = tokenHash(token)
    this.#appByHash.set(hash, appKey)
    this.#hashByApp.set(appKey, hash)
    return token
  }

  revoke(appKey: string): void {
    const hash = this.#hashByApp.get(appKey)
    if (hash === undefined) return
    this.#hashByApp.delete(appKey)
    this.#appByHash.delete(hash)
  }

  /** Names the token that the app has now, to see later whether it is still the same; null when it has none. */
  current(appKey: string): string | null {
    return this.#hashByApp.get(appKey) ?? null
  }

  /** As `verify`, of a token whose hash is known. */
  byHash(hash: string): string | null {
    return this.#appByHash.get(hash) ?? null
  }

  /** The app's key, or null. */
  verify(token: string): string | null {
    return isTokenForm(token) ? (this.#appByHash.get(tokenHash(token)) ?? null) : null
  }
}
