/**
 * Whether whoever made a call has left. In place of an AbortController, of which most calls would need nothing: one
 * listener at a time is enough on the way to an app, and a signal is made for whoever asks for one.
 */
export class CallerLeft {
  #left = false
  #listener: (() => void) | null = null
  #controller: AbortController | null = null

  get already(): boolean {
    return this.#left
  }

  /** Takes the place of the listener before. Never called when the caller has left already: ask `already` first. */
  listen(listener: (() => void) | null): void {
    this.#listener = listener
  }

  /** Aborted when the caller leaves. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#left) this.#controller.abort()
    }
    return this.#controller.signal
  }

  /** They have left. May be said again. */
  leave(): void {
    if (this.#left) return
    this.#left = true
    const listener = this.#listener
    this.#listener = null
    this.#controller?.abort()
    listener?.()
  }
}
