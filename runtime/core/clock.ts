import { type Disposable, toDisposable } from './disposable.ts'

/** The one source of time. Tests bring their own (runtime/testing/manual-clock.ts). */
export interface Clock {
  /** Milliseconds since 1970; may jump when the system's clock is set. */
  now(): number
  /** Milliseconds from an arbitrary point; never goes back. For durations. */
  monotonic(): number
  /** Runs once after `ms`. Does not keep the process alive. */
  after(ms: number, run: () => void): Disposable
  /** Runs every `ms`. Does not keep the process alive. */
  every(ms: number, run: () => void): Disposable
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref()
    return toDisposable(() => clearTimeout(timer))
  },
  every(ms, run) {
    const timer = setInterval(run, ms)
    timer.unref()
    return toDisposable(() => clearInterval(timer))
  },
}

/** Resolves after `ms` of this clock, or rejects with the signal's reason. */
export function delay(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      timer.dispose()
      reject(signal?.reason)
    }
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
