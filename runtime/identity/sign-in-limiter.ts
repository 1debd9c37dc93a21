import { createHash } from 'node:crypto'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { foldAddress } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import type { Storage } from '../storage/storage.ts'
import { foldUsername } from '../storage/users-table.ts'

/**
 * Limits guesses at passwords: per address and user name, then per address (A26, C26); browsers that are known apart. Kept in the database, so that
 * a restart gives no fresh start. An attempt counts before the password is looked at, so that many at once are not
 * all let through; one that succeeds is taken back.
 */
export class SignInLimiter {
  readonly #storage: Storage
  readonly #clock: Clock

  constructor(deps: { storage: Storage; clock: Clock }) {
    this.#storage = deps.storage
    this.#clock = deps.clock
  }

  /** RATE_LIMITED with `details.retryAfterSeconds`; otherwise counts the attempt and hands back its end. */
  begin(address: string, username: string): { succeeded(): void } {
    const from = foldAddress(address)
    return this.#begin([
      { bucket: bucketOf('user', from, foldUsername(username)), most: LIMITS.signInPerUser },
      { bucket: bucketOf('address', from), most: LIMITS.signInPerAddress },
    ])
  }

  /** As begin, for a browser that this person has signed in with before (KnownBrowsers): counted by itself. */
  beginKnown(browser: string, userKey: string): { succeeded(): void } {
    return this.#begin([{ bucket: bucketOf('browser', browser, userKey), most: LIMITS.signInPerUser }])
  }

  /** For a password that is asked again of somebody who is signed in: a stolen session is no place to guess from. */
  beginOwn(userKey: string): { succeeded(): void } {
    return this.#begin([{ bucket: bucketOf('own', userKey), most: LIMITS.signInPerUser }])
  }

  #begin(limits: { bucket: string; most: number }[]): { succeeded(): void } {
    const table = this.#storage.signInAttempts
    const now = this.#clock.now()
    const since = now - LIMITS.signInWindow
    const ids = this.#storage.transaction(() => {
      table.deleteUntil(since)
      for (const { bucket, most } of limits) {
        const times = table.times(bucket, since, most)
        const oldest = times[most - 1]
        if (oldest !== undefined) throw limited(Math.ceil((oldest + LIMITS.signInWindow - now) / 1000))
      }
      return limits.map(({ bucket }) => table.insert(bucket, now))
    })
    return {
      succeeded: () => {
        const [own] = limits
        // Earlier slips of this person at this name are forgiven; other names tried from the address are not.
        if (own !== undefined) table.deleteBucket(own.bucket)
        for (const id of ids) table.delete(id)
      },
    }
  }
}

function limited(seconds: number): AppError {
  const wait = Math.max(1, Math.min(seconds, LIMITS.signInWindow / 1000))
  return new AppError('RATE_LIMITED', `Too many attempts to sign in. Wait ${wait} s and try again.`, {
    retryAfterSeconds: wait,
  })
}

/** Hashed: people type their password into the name's field by mistake, and it may not be stored (C51). */
function bucketOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
