import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { InstallProgress, InstallReview, InstallStep } from '../contract/models.ts'
import type { Disposable } from '../core/disposable.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { cancelled, fetchFailed } from './fetch-error.ts'
import { remove } from './folders.ts'
import { Installation, type InstallationDeps } from './installation.ts'
import type { ActorKey, AppsDeps, InstallInput, ReviewInput } from './types.ts'

export interface InstallerDeps extends InstallationDeps, Pick<AppsDeps, 'logger'> {
  progress(progress: InstallProgress, actor: ActorKey): void
  /** The app's row is written: show it and start it. Does not throw. */
  installed(record: AppRecord, actor: ActorKey): Promise<void>
}

interface Job {
  reviewId: string
  actor: ActorKey
  source: string
  phase: 'busy' | 'reviewed' | 'committed'
  step: InstallStep
  abort: AbortController
  installation: Installation
  expiry: Disposable | null
}

/** Reviews and installs apps. What fails, is cancelled or is left lying for ten minutes leaves nothing behind. */
export class Installer {
  readonly #deps: InstallerDeps
  readonly #jobs = new Map<string, Job>()
  /** Work and removals under way, waited for when the host stops. */
  readonly #running = new Set<Promise<unknown>>()
  readonly #cleaning = new Set<Promise<void>>()

  constructor(deps: InstallerDeps) {
    this.#deps = deps
  }

  /**
   * Fetches a source and says what it is. Throws SOURCE_INVALID, SOURCE_UNREACHABLE, MANIFEST_INVALID, DISK_FULL,
   * TOO_LARGE, CANCELLED, CONFLICT (the review ID is used already).
   */
  review(input: ReviewInput): Promise<InstallReview> {
    if (this.#jobs.has(input.reviewId)) {
      return Promise.reject(new AppError('CONFLICT', 'This installation is under way already.'))
    }
    const job = this.#begin(input)
    return this.#guard(job, async () => {
      const review = await job.installation.review(input)
      job.phase = 'reviewed'
      job.expiry = this.#deps.clock.after(LIMITS.reviewLife, () => this.#drop(job))
      return review
    })
  }

  /**
   * Installs what was reviewed, and starts it; if that fails the installation stands. Throws NOT_FOUND when there is
   * no such review (any more), BAD_INPUT and ID_TAKEN (the review stays valid), otherwise as `review`.
   */
  async install(input: InstallInput): Promise<AppRecord> {
    const job = this.#jobs.get(input.reviewId)
    if (job === undefined || job.actor !== input.actor || job.phase !== 'reviewed') {
      throw new AppError('NOT_FOUND', 'What you reviewed is not kept any more. Review the app again.')
    }
    job.installation.check(input)
    job.expiry?.dispose()
    job.phase = 'busy'
    const record = await this.#guard(job, async () => {
      const installed = await job.installation.install(input)
      job.phase = 'committed'
      return installed
    })
    this.#drop(job)
    this.#tell(job, 'start', 'running', 'Starting it')
    await this.#deps.installed(record, job.actor)
    this.#tell(job, 'ready', 'done', 'Installed')
    return record
  }

  /** Only its own actor can cancel a review or an installation; once the app has its row it is too late. */
  cancel(reviewId: string, actor: ActorKey): void {
    const job = this.#jobs.get(reviewId)
    if (job === undefined || job.actor !== actor || job.phase === 'committed') return
    if (job.phase === 'reviewed') this.#drop(job)
    else job.abort.abort(cancelled())
  }

  async dispose(): Promise<void> {
    for (const job of [...this.#jobs.values()]) {
      if (job.phase === 'reviewed') this.#drop(job)
      else job.abort.abort(cancelled())
    }
    await Promise.allSettled(this.#running)
    await Promise.all(this.#cleaning)
  }

  #begin(input: ReviewInput): Job {
    const abort = new AbortController()
    const waiting = [...this.#jobs.values()].filter((job) => job.actor === input.actor && job.phase === 'reviewed')
    const oldest = waiting[0]
    if (oldest !== undefined && waiting.length >= LIMITS.reviewsOutstanding) this.#drop(oldest)
    const job: Job = {
      reviewId: input.reviewId,
      actor: input.actor,
      source: input.source,
      phase: 'busy',
      step: 'fetch',
      abort,
      expiry: null,
      installation: new Installation(this.#deps, {
        signal: abort.signal,
        say: (message) => this.#tell(job, job.step, 'running', message),
        step: async (step, message, work) => {
          abort.signal.throwIfAborted()
          job.step = step
          this.#tell(job, step, 'running', message)
          const result = await work()
          abort.signal.throwIfAborted()
          this.#tell(job, step, 'done', message)
          return result
        },
      }),
    }
    this.#jobs.set(job.reviewId, job)
    return job
  }

  /**
   * Runs work that can be cancelled and may take its time to notice: the caller is answered at once, the staging
   * folder goes when nothing writes into it any more.
   */
  async #guard<T>(job: Job, run: () => Promise<T>): Promise<T> {
    const { signal } = job.abort
    const timer = this.#deps.clock.after(LIMITS.installTimeout, () =>
      job.abort.abort(new AppError('SOURCE_UNREACHABLE', 'Fetching the app took too long. Try again later.')),
    )
    const work = run().finally(() => this.#running.delete(work))
    this.#running.add(work)
    try {
      return await Promise.race([work, aborted(signal)])
    } catch (error) {
      const shown = signal.aborted ? fetchFailed(signal.reason) : fetchFailed(error)
      this.#drop(job, work)
      if (shown.code === 'INTERNAL') this.#deps.logger.error('an installation failed', { source: job.source, error })
      this.#tell(job, job.step, 'failed', shown.message)
      throw shown
    } finally {
      timer.dispose()
    }
  }

  #drop(job: Job, work: Promise<unknown> = Promise.resolve()): void {
    if (!this.#jobs.delete(job.reviewId)) return
    job.expiry?.dispose()
    const cleaning = work
      .catch(() => {})
      .then(() => remove(job.installation.staging))
      .catch((error) => this.#deps.logger.warn('a staging folder could not be removed', { error }))
      .finally(() => this.#cleaning.delete(cleaning))
    this.#cleaning.add(cleaning)
  }

  #tell(job: Job, step: InstallStep, state: InstallProgress['state'], message: string): void {
    this.#deps.progress({ reviewId: job.reviewId, step, state, message }, job.actor)
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
