import { createSecretKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { newKey, type RandomBytes } from '../core/ids.ts'
import type { Storage } from '../storage/storage.ts'

const SETTING = 'access-token-key'
const BYTES = 32
const storedSchema = z.object({ id: z.string(), secret: z.string() })

/**
 * The key that access tokens are signed with: made at first use, kept in the database, which only the host's own account
 * can read. The host alone makes and checks these tokens, so one secret key does, and there is no public key that could
 * be mistaken for it (RFC 8725, 2.1). The one place that reads and writes it: encryption at rest (C43) and renewal
 * (C47) belong here.
 */
export class SigningKey {
  readonly #storage: Storage
  readonly #random: RandomBytes
  /** `undefined` until it was looked for; nobody but this object makes one, so that `null` stays true until it does. */
  #loaded: { id: string; key: KeyObject } | null | undefined

  constructor(deps: { storage: Storage; random: RandomBytes }) {
    this.#storage = deps.storage
    this.#random = deps.random
  }

  /** Made if there is none yet. */
  get(): { id: string; key: KeyObject } {
    return this.current() ?? this.#make()
  }

  /** null as long as no token was ever signed. */
  current(): { id: string; key: KeyObject } | null {
    // Asked for every bearer that comes, and most hosts have never signed a token: that there is no key is kept, too.
    if (this.#loaded !== undefined) return this.#loaded
    const stored = this.#storage.settings.get(SETTING, storedSchema)
    if (stored !== null) return this.#keep(stored)
    this.#loaded = null
    return null
  }

  #make(): { id: string; key: KeyObject } {
    const made = { id: newKey(this.#random), secret: this.#random(BYTES).toString('base64url') }
    this.#storage.transaction(() => this.#storage.settings.set(SETTING, made))
    return this.#keep(made)
  }

  #keep({ id, secret }: z.output<typeof storedSchema>): { id: string; key: KeyObject } {
    const loaded = { id, key: createSecretKey(Buffer.from(secret, 'base64url')) }
    this.#loaded = loaded
    return loaded
  }
}
