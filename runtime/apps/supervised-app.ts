import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { AppState, CrashInfo } from '../contract/models.ts'
import type { Clock } from '../core/clock.ts'
import type { Disposable } from '../core/disposable.ts'
import type { AppRun, RunExit } from './process/app-run.ts'
import { backoff } from './process/backoff.ts'
import { waitUntilReady } from './process/ready.ts'
import { exitReason, failedStart, notReadyReason } from './process/reasons.ts'
import { socketPath } from './socket-folder.ts'
import type { StartCause } from './types.ts'

export interface SupervisedAppDeps {
  key: string
  clock: Clock
  sockets: string
  title(): string
  launch(): Promise<AppRun>
  /** What the host has to say in the app's log. */
  say(text: string): void
  changed(): void
  running(run: AppRun): void
  gone(run: AppRun): void
  crashed(info: CrashInfo, cause: StartCause): void
}

/**
 * One app's life: stopped -> starting -> running -> stopping -> stopped, and crashed, from where it is started again
 * after a growing wait. Starts and stops that come on top of one another end in what was asked for last.
 */
export class SupervisedApp {
  readonly #deps: SupervisedAppDeps
  #state: Exclude<AppState, 'installing'> = 'stopped'
  #run: AppRun | null = null
  #starting: { done: Promise<void>; stops: number } | null = null
  #stopping: Promise<void> | null = null
  #abort = new AbortController()
  #retry: Disposable | null = null
  #crash: CrashInfo | null = null
  #crashesInARow = 0
  #restarts = 0
  #readyAt: number | null = null
  /** Counts what a person asked for; a start that is older than the last stop comes to nothing. */
  #stops = 0

  constructor(deps: SupervisedAppDeps) {
    this.#deps = deps
  }

  get state(): Exclude<AppState, 'installing'> {
    return this.#state
  }

  get crash(): CrashInfo | null {
    return this.#state === 'crashed' ? this.#crash : null
  }

  get restarts(): number {
    return this.#restarts
  }

  get run(): AppRun | null {
    return this.#run
  }

  get socketPath(): string | null {
    return this.#state === 'running' && this.#run?.alive === true
      ? socketPath(this.#deps.sockets, this.#deps.key)
      : null
  }

  /** Whether a start would do anything that is not under way already. */
  get idle(): boolean {
    return this.#starting === null && this.#state !== 'running'
  }

  /** Resolves when it is ready. Throws APP_START_FAILED; APP_STOPPED when it was stopped meanwhile. */
  start(cause: StartCause): Promise<void> {
    // One that was stopped meanwhile comes to nothing; this one was asked for after that.
    if (this.#starting !== null && this.#starting.stops === this.#stops) return this.#starting.done
    if (this.#state === 'running') return Promise.resolve()
    this.#clearRetry()
    if (cause !== 'crash') {
      this.#crashesInARow = 0
      this.#restarts = 0
    }
    const done = this.#start(cause).finally(() => {
      if (this.#starting?.done === done) this.#starting = null
    })
    this.#starting = { done, stops: this.#stops }
    return done
  }

  /** Resolves when nothing of it is left. Never throws. */
  async stop(): Promise<void> {
    this.#stops++
    this.#clearRetry()
    const starting = this.#starting?.done
    if (this.#stopping !== null) return this.#stopping
    if (this.#run === null && starting === undefined) return this.#become('stopped')
    this.#become('stopping')
    this.#abort.abort()
    this.#stopping = (async () => {
      await this.#run?.stop()
      await starting?.catch(() => {})
      // What was spawned between the two is stopped by #start itself, which sees that it was aborted.
      this.#run = null
      this.#become('stopped')
      this.#deps.say('Stopped.')
      this.#stopping = null
    })()
    return this.#stopping
  }

  async #start(cause: StartCause): Promise<void> {
    const stops = this.#stops
    const stopped = () => new AppError('APP_STOPPED', `${this.#deps.title()} was stopped while it was starting.`)
    await this.#stopping
    if (stops !== this.#stops) throw stopped()
    const abort = new AbortController()
    this.#abort = abort
    this.#become('starting')
    this.#readyAt = null
    let run: AppRun | null = null
    try {
      run = await this.#deps.launch()
      this.#run = run
      if (abort.signal.aborted) throw stopped()
      this.#deps.changed()
      this.#deps.say(`Started (process ${run.pid}).`)
      await this.#ready(run, abort)
      if (abort.signal.aborted) throw stopped()
    } catch (error) {
      const exit = (abort.signal.aborted ? await run?.stop() : await run?.kill()) ?? null
      this.#run = null
      if (abort.signal.aborted) throw stopped()
      const reason = reasonOf(error)
      this.#fail({ reason, again: error instanceof NotStarted, exit, run, cause })
      throw new AppError('APP_START_FAILED', failedStart(this.#deps.title(), reason), { reason }, { cause: error })
    }
    this.#readyAt = this.#deps.clock.monotonic()
    this.#become('running')
    this.#deps.running(run)
    this.#watch(run, cause)
  }

  /** Throws NotStarted with the reason when the app ends or is not ready in time. */
  async #ready(run: AppRun, abort: AbortController): Promise<void> {
    const { clock, sockets, key } = this.#deps
    const ended = new AbortController()
    const signal = AbortSignal.any([abort.signal, ended.signal])
    const death = run.exited.then((exit) => {
      ended.abort()
      throw new NotStarted(exitReason(exit, false))
    })
    death.catch(() => {})
    const ready = waitUntilReady(socketPath(sockets, key), LIMITS.appReadyTimeout, clock, signal)
    ready.catch(() => {})
    const missing = await Promise.race([death, ready])
    if (missing !== null) throw new NotStarted(notReadyReason(missing))
    if (!run.alive) await death
  }

  #watch(run: AppRun, cause: StartCause): void {
    void run.exited.then((exit) => {
      this.#deps.gone(run)
      if (this.#run !== run || this.#state !== 'running') return
      this.#run = null
      this.#fail({ reason: exitReason(exit, true), again: true, exit, run, cause })
    })
  }

  #fail({ reason, again, exit, run, cause }: Failure): void {
    const { clock } = this.#deps
    const wasWell = this.#readyAt !== null && clock.monotonic() - this.#readyAt >= LIMITS.restartForgivenAfter
    this.#readyAt = null
    this.#crashesInARow = wasWell ? 1 : this.#crashesInARow + 1
    const wait = again ? backoff(this.#crashesInARow) : null
    this.#crash = {
      at: clock.now(),
      exitCode: exit?.exitCode ?? null,
      signal: exit?.signal ?? null,
      reason,
      lastLines: run?.lastErrors ?? [],
      restarts: this.#restarts,
      nextTryAt: wait === null ? null : clock.now() + wait,
    }
    if (wait !== null) {
      this.#retry = clock.after(wait, () => {
        this.#restarts++
        // How it ends is told by its state.
        this.start('crash').catch(() => {})
      })
    }
    this.#deps.crashed(this.#crash, cause)
    this.#deps.say(wait === null ? reason : `${reason} Trying again in ${wait / 1000} s.`)
    this.#become('crashed')
  }

  #become(state: Exclude<AppState, 'installing'>): void {
    if (this.#state === state && state === 'stopped') return
    this.#state = state
    this.#deps.changed()
  }

  #clearRetry(): void {
    this.#retry?.dispose()
    this.#retry = null
  }
}

interface Failure {
  reason: string
  /** False where another try would meet the same: a broken manifest, a missing folder. */
  again: boolean
  exit: RunExit | null
  run: AppRun | null
  cause: StartCause
}

/** The process ran, and did not come as far as being ready. */
class NotStarted extends Error {}

function reasonOf(error: unknown): string {
  if (error instanceof NotStarted || error instanceof AppError) return error.message
  // The text of a foreign error could hold anything (C51); it goes to the host's log with the cause.
  return 'The computer refused to start its process.'
}
