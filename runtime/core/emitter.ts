import { type Disposable, toDisposable } from './disposable.ts'

/** Announces values to listeners. A listener that throws is reported and harms neither the others nor the source. */
export class Emitter<T> implements Disposable {
  #listeners = new Set<(value: T) => void>()
  #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void = (error) => console.error(error)) {
    this.#onError = onError
  }

  on(listener: (value: T) => void): Disposable {
    // Wrapped, so that the same function registered twice is two registrations.
    const entry = (value: T) => listener(value)
    this.#listeners.add(entry)
    return toDisposable(() => this.#listeners.delete(entry))
  }

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value)
      } catch (error) {
        this.#onError(error)
      }
    }
  }

  get listening(): boolean {
    return this.#listeners.size > 0
  }

  dispose(): void {
    this.#listeners.clear()
  }
}
