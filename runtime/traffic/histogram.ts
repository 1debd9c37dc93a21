/** Each doubling of a duration is cut into this many buckets, so that a value is told within 3 %. */
const PER_OCTAVE = 16
/** The shortest duration that is told from none: 2^-4 ms. */
const LOWEST = -4
/** Up to 2^21 ms, about half an hour; whatever takes longer counts as that. */
const OCTAVES = 25
const LAST = PER_OCTAVE * OCTAVES

/**
 * How long things took: a number for each bucket of durations, and nothing else, so that it stays small whatever it
 * counts, and several of them are added up without losing anything.
 */
export class Histogram {
  readonly #counts = new Map<number, number>()
  #total = 0

  get total(): number {
    return this.#total
  }

  /** @param ms not negative */
  add(ms: number): void {
    this.#count(bucketOf(ms), 1)
  }

  merge(other: Histogram): void {
    for (const [bucket, count] of other.#counts) this.#count(bucket, count)
  }

  /**
   * The duration that the share `q` of all stay at or below, in milliseconds; null when nothing was counted.
   * @param q from 0 to 1: 0.5 for the median
   */
  quantile(q: number): number | null {
    if (this.#total === 0) return null
    let left = Math.max(1, Math.ceil(q * this.#total))
    for (const bucket of [...this.#counts.keys()].sort((a, b) => a - b)) {
      left -= this.#counts.get(bucket) ?? 0
      if (left <= 0) return middleOf(bucket)
    }
    return null
  }

  /** As bytes: bucket and count, each a number of 7 bits a byte, the last one without the high bit. */
  encode(): Uint8Array {
    const bytes: number[] = []
    for (const [bucket, count] of this.#counts) {
      for (let value of [bucket, count]) {
        for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80)
        bytes.push(value)
      }
    }
    return Uint8Array.from(bytes)
  }

  /** What is not understood is left out: it comes from a file. */
  static decode(bytes: Uint8Array): Histogram {
    const histogram = new Histogram()
    const values: number[] = []
    let value = 0
    let factor = 1
    for (const byte of bytes) {
      value += (byte & 0x7f) * factor
      factor *= 0x80
      if (byte >= 0x80) continue
      values.push(value)
      value = 0
      factor = 1
    }
    for (let at = 0; at + 1 < values.length; at += 2) {
      const [bucket = 0, count = 0] = [values[at], values[at + 1]]
      if (bucket <= LAST && Number.isSafeInteger(count)) histogram.#count(bucket, count)
    }
    return histogram
  }

  #count(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count)
    this.#total += count
  }
}

function bucketOf(ms: number): number {
  const octave = Math.floor(Math.log2(ms))
  if (!(octave >= LOWEST)) return 0
  const part = Math.floor((ms / 2 ** octave - 1) * PER_OCTAVE)
  return Math.min(LAST, (octave - LOWEST) * PER_OCTAVE + part + 1)
}

function middleOf(bucket: number): number {
  if (bucket === 0) return 0
  const octave = Math.floor((bucket - 1) / PER_OCTAVE)
  const part = (bucket - 1) % PER_OCTAVE
  return 2 ** (octave + LOWEST) * (1 + (part + 0.5) / PER_OCTAVE)
}
