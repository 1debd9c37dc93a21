/**
 * Counts per key within windows of a fixed length (C26). Counting is one look-up and one comparison, and nothing is
 * ever swept: a new window begins with an empty map. Two windows that meet let through twice as many at most.
 */
export class RateCounter {
  readonly #window: number
  readonly #keys: number
  #counts = new Map<string, number>()
  #ends = Number.NEGATIVE_INFINITY

  /** @param keys how many are told apart in one window. More share one count, so that no caller fills the memory. */
  constructor(options: { windowMs: number; keys: number }) {
    this.#window = options.windowMs
    this.#keys = options.keys
  }

  /**
   * Counts one.
   * @param now of the monotonic clock, in milliseconds
   * @returns 0 when it may pass, otherwise in how many milliseconds to try again
   */
  take(key: string, most: number, now: number): number {
    if (now >= this.#ends) {
      this.#counts = new Map()
      this.#ends = now + this.#window
    }
    let counted = key
    let count = this.#counts.get(key)
    if (count === undefined && this.#counts.size >= this.#keys) {
      counted = OTHERS
      count = this.#counts.get(OTHERS)
    }
    if (count === undefined) count = 0
    if (count >= most) return this.#ends - now
    this.#counts.set(counted, count + 1)
    return 0
  }

  /** Keys that are told apart now. */
  get size(): number {
    return this.#counts.size
  }
}

/** No user key, app key or address. */
const OTHERS = '…'
