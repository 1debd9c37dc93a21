import argon2 from 'argon2'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { newPasswordSchema } from '../contract/schemas.ts'
import { newToken, type RandomBytes } from '../core/ids.ts'

/** What a hash costs: memory in KiB, passes over it, lanes. */
export interface PasswordCost {
  memoryCost: number
  timeCost: number
  parallelism: number
}

/**
 * Twice the minimum that OWASP's Password Storage Cheat Sheet recommends for argon2id ("19 MiB of memory, an
 * iteration count of 2, and 1 degree of parallelism"): 38 MiB, 2, 1. It takes about a tenth of a second, and several at a time
 * still fit beside everything else that runs there.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id
 */
export const PASSWORD_COST: PasswordCost = { memoryCost: 38 * 1024, timeCost: 2, parallelism: 1 }

/** Makes and checks password hashes: argon2id (C01, RFC 9106). */
export class Passwords {
  readonly #cost: PasswordCost
  readonly #nobody: Promise<string>
  readonly #running = new Set<Promise<unknown>>()

  constructor(deps: { random: RandomBytes; cost?: PasswordCost | undefined }) {
    this.#cost = deps.cost ?? PASSWORD_COST
    this.#nobody = this.hash(newToken(deps.random))
    // Reported by the sign-in that needs it; an unhandled rejection would end the process.
    this.#nobody.catch(() => undefined)
  }

  /** The hash in PHC form, parameters and salt included. */
  async hash(password: string): Promise<string> {
    return await this.#tracked(argon2.hash(normal(password), { ...this.#cost, type: argon2.argon2id }))
  }

  /**
   * Whether the password belongs to the hash. `null` stands for a user who does not exist: the same work is done
   * against a hash that nothing fits, so that the time taken does not tell which names there are (C01).
   */
  async verify(hash: string | null, password: string): Promise<boolean> {
    const fits = await this.#tracked(argon2.verify(hash ?? (await this.#nobody), normal(password)))
    return fits && hash !== null
  }

  /** Resolves when no hash is being made: a process that ends under one is aborted by argon2's addon. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async #tracked<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    try {
      return await work
    } finally {
      this.#running.delete(work)
    }
  }

  /** Whether the hash was made at another cost and should be made again. */
  isOutdated(hash: string): boolean {
    return argon2.needsRehash(hash, this.#cost)
  }
}

/** WEAK_PASSWORD unless it is long enough; there are no composition rules (C01, NIST SP 800-63B 5.1.1.2). */
export function checkNewPassword(password: string): void {
  // In the form that is hashed: ten code points may be five letters with an accent each.
  if (newPasswordSchema.safeParse(normal(password)).success) return
  if (password.length > LIMITS.passwordMaxLength) {
    throw new AppError(
      'WEAK_PASSWORD',
      `This password is too long. Use ${LIMITS.passwordMaxLength} characters at most.`,
    )
  }
  throw new AppError(
    'WEAK_PASSWORD',
    `This password is too short. Use at least ${LIMITS.passwordMinLength} characters; any characters will do.`,
  )
}

/** Systems send the same typed letter in different forms ("é" as one code point or two). */
function normal(password: string): string {
  return password.normalize('NFKC')
}
