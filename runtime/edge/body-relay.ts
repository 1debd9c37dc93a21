import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/**
 * A request's body on its way to the app. Stands between, because whoever sends a stream destroys it when the other
 * side breaks off, and destroying an IncomingMessage closes the client's connection before it could be answered.
 */
export class BodyRelay extends Readable {
  readonly #source: IncomingMessage
  #ended = false

  constructor(source: IncomingMessage, passing: (chunk: Buffer) => void) {
    super()
    this.#source = source
    // Whoever reads it hears of an error all the same. A caller may leave before anybody reads, while the call waits for
    // its turn or its credentials are looked at: unheard, the error would end the host (A45).
    this.on('error', () => {})
    source.on('data', (chunk: Buffer) => {
      passing(chunk)
      if (!this.destroyed && !this.push(chunk)) source.pause()
    })
    source.on('end', () => {
      this.#ended = true
      if (!this.destroyed) this.push(null)
    })
    // Cut off before its end: the app must not take what came for the whole (A13).
    source.on('close', () => {
      if (!this.#ended) this.destroy(new Error('The request ended before its body did.'))
    })
    source.on('error', (error) => this.destroy(error))
    // It was cut off before this was made: nothing more is told of that.
    if (source.destroyed && !source.complete) this.destroy(new Error('The request ended before its body did.'))
  }

  override _read(): void {
    this.#source.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // What is still to come is let run out unread, so that the answer can go out first.
    if (!this.#ended) this.#source.resume()
    callback(error)
  }
}

/** Whether a request has a body: only these two headers say so (RFC 9112, 6.3). */
export function hasBody({ rawHeaders }: IncomingMessage): boolean {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    // Not through `headers`, which would be made for this alone.
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (Number(rawHeaders[i + 1]) > 0) return true
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return true
  }
  return false
}
