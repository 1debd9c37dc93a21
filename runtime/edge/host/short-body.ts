import type { IncomingMessage } from 'node:http'
import { LIMITS } from '../../contract/limits.ts'

/** Whether a call says beforehand that it has no body, or one of LIMITS.hostFormBytes at most. */
export function isShortCall({ rawHeaders }: IncomingMessage): boolean {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (!(Number(rawHeaders[i + 1]) <= LIMITS.hostFormBytes)) return false
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return false
  }
  return true
}

/** The body of a short call, held until it is whole. It runs out unread where nobody asks for it. */
export class ShortBody {
  readonly #pieces: Buffer[] = []
  #whole: Buffer | null = null
  #waiting: ((body: Buffer | null) => void) | null = null
  #cut = false

  /** @param passing told of each piece */
  constructor(source: IncomingMessage, passing: (bytes: number) => void) {
    source.on('data', (piece: Buffer) => {
      passing(piece.length)
      this.#pieces.push(piece)
    })
    source.on('end', () => {
      const [first, ...others] = this.#pieces
      this.#whole = first !== undefined && others.length === 0 ? first : Buffer.concat(this.#pieces)
      this.#waiting?.(this.#whole)
    })
    // Heard of by `cut`; unheard, it would end the host (A45).
    source.on('error', () => {})
  }

  /** The caller has left: what is not whole by now will not be. */
  cut(): void {
    this.#cut = true
    this.#waiting?.(this.#whole)
  }

  /** All of it; null when the caller left before. */
  whole(): Promise<Buffer | null> {
    if (this.#whole !== null || this.#cut) return Promise.resolve(this.#whole)
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }
}
