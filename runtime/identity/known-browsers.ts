import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { equalSecrets, type RandomBytes } from '../core/ids.ts'
import type { Storage } from '../storage/storage.ts'

const SETTING = 'known-browsers-key'
const KEY_BYTES = 32
const NONCE_BYTES = 16
/** People who share a browser: the last ones to sign in are known there. */
const PEOPLE = 4
const PROOF = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/

/**
 * Browsers that people have signed in with before. Every program of this computer comes from the same address, so
 * that any of them could keep a person out by guessing wrongly all the time (A26). A browser that proves, with a
 * cookie, that this person signed in there has a count of its own instead (OWASP, "Slow Down Online Guessing Attacks
 * with Device Cookies"). The proof opens nothing: the password is asked for as ever, and as seldom. It holds for one
 * person and their present password, and is checked without being stored.
 */
export class KnownBrowsers {
  readonly #storage: Storage
  readonly #random: RandomBytes
  #key: Buffer | null = null

  constructor(deps: { storage: Storage; random: RandomBytes }) {
    this.#storage = deps.storage
    this.#random = deps.random
  }

  /** What tells this browser apart, for counting; null when the cookie proves nothing about this person. */
  known(cookie: string, userKey: string): string | null {
    for (const proof of cookie.split('~', PEOPLE)) {
      const [, nonce, mac] = PROOF.exec(proof) ?? []
      if (nonce !== undefined && mac !== undefined && equalSecrets(mac, this.#mac(nonce, userKey))) return nonce
    }
    return null
  }

  /** The cookie of a browser in which this person has just signed in. */
  remember(cookie: string, userKey: string): string {
    if (this.known(cookie, userKey) !== null) return cookie
    const nonce = this.#random(NONCE_BYTES).toString('base64url')
    const others = cookie.split('~', PEOPLE).filter((proof) => PROOF.test(proof))
    return [`${nonce}.${this.#mac(nonce, userKey)}`, ...others].slice(0, PEOPLE).join('~')
  }

  #mac(nonce: string, userKey: string): string {
    const password = this.#storage.credentials.get(userKey) ?? ''
    const said = JSON.stringify([nonce, userKey, password])
    return createHmac('sha256', this.#secret()).update(said).digest('base64url')
  }

  #secret(): Buffer {
    if (this.#key !== null) return this.#key
    const stored = this.#storage.settings.get(SETTING, z.string())
    this.#key = stored === null ? this.#random(KEY_BYTES) : Buffer.from(stored, 'base64url')
    if (stored === null) this.#storage.settings.set(SETTING, this.#key.toString('base64url'))
    return this.#key
  }
}
