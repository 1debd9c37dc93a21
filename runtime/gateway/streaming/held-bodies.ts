import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'

/** The listener answers it as HTTP 503 with the time to wait. */
export class BodiesFullError extends AppError {
  constructor() {
    super('TOO_BUSY', 'Many long calls are under way. Try again in a few seconds.', {
      retryAfterSeconds: 5,
      reason: `Bodies of calls that are held as a whole take up ${LIMITS.heldCallBytes} bytes, or the caller’s share.`,
    })
  }
}

/**
 * How much of calls' bodies is in memory at a time, in all and for one caller: those that cannot be passed on as they
 * come. Calls may be 10 MB long and many may be under way at once; all of them held would end the host (A45).
 */
export class HeldBodies {
  /** Both kept by Held. */
  all = 0
  readonly byCaller = new Map<string, number>()

  /** Room for one call of this caller, which grows as its body comes and is given back at its end. */
  hold(caller: string): Held {
    return new Held(this, caller)
  }
}

/** What one call holds, its body and its answer's. */
export class Held {
  readonly #bodies: HeldBodies
  readonly #caller: string
  #bytes = 0

  constructor(bodies: HeldBodies, caller: string) {
    this.#bodies = bodies
    this.#caller = caller
  }

  /** Throws BodiesFullError. */
  add(bytes: number): void {
    const bodies = this.#bodies
    const own = (bodies.byCaller.get(this.#caller) ?? 0) + bytes
    if (bodies.all + bytes > LIMITS.heldCallBytes || own > LIMITS.heldCallBytesPerCaller) throw new BodiesFullError()
    this.#bytes += bytes
    bodies.all += bytes
    bodies.byCaller.set(this.#caller, own)
  }

  release(): void {
    // Nearly every call: it was short.
    if (this.#bytes === 0) return
    const bodies = this.#bodies
    const own = (bodies.byCaller.get(this.#caller) ?? 0) - this.#bytes
    bodies.all -= this.#bytes
    this.#bytes = 0
    if (own > 0) bodies.byCaller.set(this.#caller, own)
    else bodies.byCaller.delete(this.#caller)
  }
}
