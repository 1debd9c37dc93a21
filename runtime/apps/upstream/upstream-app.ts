import { LIMITS } from '../../contract/limits.ts'
import type { Clock } from '../../core/clock.ts'
import type { Disposable } from '../../core/disposable.ts'
import type { Upstream } from './upstream-url.ts'

export interface UpstreamAppDeps {
  clock: Clock
  /** Null, or why it cannot be reached. */
  probe(origin: string, signal: AbortSignal): Promise<string | null>
  /** What the host has to say in the app's log. */
  say(text: string): void
  changed(): void
}

/** An app that lives elsewhere, while it is wanted: looked at from time to time, so that its state is known. */
export class UpstreamApp implements Disposable {
  readonly upstream: Upstream
  readonly #deps: UpstreamAppDeps
  readonly #abort = new AbortController()
  #timer: Disposable | null = null
  #reason: string | null = null
  #first: Promise<void>

  constructor(upstream: Upstream, deps: UpstreamAppDeps) {
    this.upstream = upstream
    this.#deps = deps
    this.#first = this.#look()
  }

  /** Why it cannot be reached, as a sentence; null while it can. */
  get unreachable(): string | null {
    return this.#reason
  }

  /** Resolves when it was looked at for the first time. */
  settled(): Promise<void> {
    return this.#first
  }

  dispose(): void {
    this.#abort.abort()
    this.#timer?.dispose()
  }

  async #look(): Promise<void> {
    const { signal } = this.#abort
    const reason = await this.#deps.probe(this.upstream.origin, signal)
    if (signal.aborted) return
    if (reason !== this.#reason) {
      this.#reason = reason
      this.#deps.say(reason === null ? 'It can be reached again.' : `It cannot be reached: ${reason}`)
      this.#deps.changed()
    }
    this.#timer = this.#deps.clock.after(LIMITS.upstreamProbeEvery, () => void this.#look())
  }
}
