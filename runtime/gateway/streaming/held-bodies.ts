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
  #all = 0
  readonly #byCaller = new Map<string, number>()

  /** Room for one call of this caller, which grows as its body comes and is given back at its end. */
  hold(caller: string): { add(bytes: number): void; release(): void } {
    let held = 0
    return {
      /** Throws BodiesFullError. */
      add: (bytes) => {
        const own = (this.#byCaller.get(caller) ?? 0) + bytes
        if (this.#all + bytes > LIMITS.heldCallBytes || own > LIMITS.heldCallBytesPerCaller) throw new BodiesFullError()
        held += bytes
        this.#all += bytes
        this.#byCaller.set(caller, own)
      },
      release: () => {
        const own = (this.#byCaller.get(caller) ?? 0) - held
        this.#all -= held
        held = 0
        if (own > 0) this.#byCaller.set(caller, own)
        else this.#byCaller.delete(caller)
      },
    }
  }
}
