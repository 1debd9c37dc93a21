import type { Clock } from '../core/clock.ts'
import { type Disposable, toDisposable } from '../core/disposable.ts'

interface Timer {
  due: number
  every: number | null
  run: () => void
}

/** Time that moves only when a test says so. */
export class ManualClock implements Clock {
  #now: number
  #timers = new Set<Timer>()

  constructor(start = 1_700_000_000_000) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  after(ms: number, run: () => void): Disposable {
    return this.#add({ due: this.#now + ms, every: null, run })
  }

  every(ms: number, run: () => void): Disposable {
    return this.#add({ due: this.#now + ms, every: ms, run })
  }

  /** Moves time on, running what falls due in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      this.#now = next.due
      if (next.every === null) this.#timers.delete(next)
      else next.due += next.every
      next.run()
    }
    this.#now = end
  }

  #add(timer: Timer): Disposable {
    this.#timers.add(timer)
    return toDisposable(() => this.#timers.delete(timer))
  }
}
