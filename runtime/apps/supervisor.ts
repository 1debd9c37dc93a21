import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { CrashInfo } from '../contract/models.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { appTitle } from './app-title.ts'
import type { IconCache } from './icon.ts'
import type { AppLogs } from './logs/app-logs.ts'
import { launch, refreshed } from './process/launch.ts'
import type { ProcessFiles } from './process/processes-file.ts'
import { Sampler } from './process/sampler.ts'
import { Sweeper } from './process/sweeper.ts'
import type { Registry } from './registry.ts'
import { SupervisedApp } from './supervised-app.ts'
import type { ActorKey, AppStatus, AppsDeps, StartCause } from './types.ts'

export interface SupervisorDeps extends AppsDeps {
  registry: Registry
  logs: AppLogs
  icons: IconCache
  processes: ProcessFiles
  changed(key: string): void
}

/** Runs apps: starts, stops, restarts after crashes. What a person wants (`enabled`) is written before it is done. */
export class Supervisor {
  readonly #deps: SupervisorDeps
  readonly #apps = new Map<string, SupervisedApp>()
  /** What is tried out at the moment, and not written yet: every start of such an app is one of the trial. */
  readonly #trials = new Map<string, Partial<AppRecord>>()
  readonly #configAtStart = new Map<string, string>()
  readonly #sampler: Sampler
  readonly #sweeper = new Sweeper()
  #disposed = false

  constructor(deps: SupervisorDeps) {
    this.#deps = deps
    this.#sampler = new Sampler({ clock: deps.clock, sampled: (pid) => this.#sampled(pid) })
  }

  state(key: string): AppStatus {
    const app = this.#apps.get(key)
    if (app === undefined)
      return { state: 'stopped', crash: null, process: null, restarts: 0, socketPath: null, unreachable: null }
    const { run, state, crash, restarts, socketPath } = app
    const process =
      run === null || run.pid === null || !run.alive
        ? null
        : {
            pid: run.pid,
            startedAt: run.startedAt,
            memoryBytes: this.#sampler.get(run.pid)?.memoryBytes ?? null,
            cpuPercent: this.#sampler.get(run.pid)?.cpuPercent ?? null,
          }
    return { state, crash, process, restarts, socketPath, unreachable: null }
  }

  /** As in `state`, for every request: nothing else of it is made. */
  socketPath(key: string): string | null {
    return this.#apps.get(key)?.socketPath ?? null
  }

  /** Whether it runs, and its process has not just ended. */
  isReady(key: string): boolean {
    const app = this.#apps.get(key)
    return app !== undefined && app.state === 'running' && app.run?.alive === true
  }

  restartNeeded(key: string): boolean {
    const started = this.#configAtStart.get(key)
    const running = this.#apps.get(key)?.state === 'running'
    return running && started !== configText(this.#deps.registry.need(key))
  }

  startEnabled(): void {
    const waiting = this.#deps.registry
      .list()
      .filter((record) => record.enabled && record.autostart === 'always' && record.sourceType !== 'upstream')
    const next = async (): Promise<void> => {
      for (let record = waiting.shift(); record !== undefined && !this.#disposed; record = waiting.shift()) {
        await this.#begin('system', record.key, 'host-start').catch((error) => this.#report(error))
      }
    }
    for (let lane = 0; lane < LIMITS.startsAtOnce; lane++) void next()
  }

  /** The first start after the installation, which stands even if this fails. Does not throw. */
  async startInstalled(actor: ActorKey, key: string): Promise<void> {
    await this.#begin(actor, key, 'install').catch((error) => this.#report(error))
  }

  async start(actor: ActorKey, key: string): Promise<void> {
    this.#deps.registry.need(key)
    await this.#begin(actor, key, 'person')
  }

  async stop(actor: ActorKey, key: string): Promise<void> {
    this.#record('app.stop', actor, key, { enabled: false })
    await this.#app(key).stop()
  }

  async restart(actor: ActorKey, key: string): Promise<void> {
    this.#record('app.restart', actor, key, { enabled: true })
    const app = this.#app(key)
    await app.stop()
    await app.start('person')
  }

  async ensureRunning(key: string, signal?: AbortSignal): Promise<void> {
    const record = this.#deps.registry.get(key)
    if (record === null) throw new AppError('APP_NOT_INSTALLED', 'This app is not installed any more.')
    const app = this.#app(key)
    if (app.state === 'running') {
      if (app.run?.alive === true) return
      // It has just ended; what comes of it is told in a moment.
      await app.run?.exited
    }
    if (app.state === 'crashed') throw crashedError(record, app)
    const mayStart = record.enabled && record.autostart !== 'never'
    // A version that is tried out of a stopped app runs for the host alone.
    if (app.idle ? !mayStart : !record.enabled && this.#trials.has(key)) {
      throw new AppError('APP_STOPPED', `${appTitle(record)} is stopped. Its owner can start it in Atek.`)
    }
    await untilAborted(this.#begin('system', key, 'request'), signal)
  }

  /**
   * Starts an app as it would be with `change`; once it is ready, `commit` writes that. When it does not become ready,
   * or cannot be written, the app runs again as it is, if it ran, and the reason is thrown. An app that a
   * person has stopped is stopped again afterwards. Requests that come meanwhile wait for the start.
   */
  async tryChange(key: string, change: Partial<AppRecord>, commit: () => void): Promise<void> {
    this.#deps.registry.need(key)
    const app = this.#app(key)
    const ran = app.state !== 'stopped' && app.state !== 'stopping'
    this.#trials.set(key, change)
    try {
      await app.stop()
      await this.#startAgain(app)
      commit()
    } catch (error) {
      this.#trials.delete(key)
      await app.stop()
      const record = this.#deps.registry.get(key)
      if (record === null) this.#apps.delete(key)
      else if (ran && record.enabled) await this.#startAgain(app).catch((failure) => this.#report(failure))
      throw error
    }
    this.#trials.delete(key)
    if (this.#deps.registry.get(key)?.enabled !== true) await app.stop()
  }

  async #startAgain(app: SupervisedApp): Promise<void> {
    if (this.#disposed) throw new AppError('APP_STOPPED', 'Atek is shutting down.')
    await app.start('update')
  }

  /** Stops and forgets an app whose row is gone: nothing can start it again. */
  async remove(key: string): Promise<void> {
    await this.#apps.get(key)?.stop()
    this.#apps.delete(key)
    this.#configAtStart.delete(key)
  }

  async dispose(): Promise<void> {
    this.#disposed = true
    await Promise.all([...this.#apps.values()].map((app) => app.stop()))
  }

  async #begin(actor: ActorKey, key: string, cause: StartCause): Promise<void> {
    if (this.#disposed) throw new AppError('APP_STOPPED', 'Atek is shutting down.')
    const app = this.#app(key)
    // Starts that join one under way are no new event; a person's wish is kept all the same.
    if (app.idle || !this.#deps.registry.need(key).enabled) {
      this.#record('app.start', actor, key, { enabled: true }, { cause })
    }
    await app.start(cause)
  }

  #record(
    action: 'app.start' | 'app.stop' | 'app.restart',
    actor: ActorKey,
    key: string,
    change: { enabled: boolean },
    details?: Record<string, unknown>,
  ): void {
    this.#deps.registry.need(key)
    this.#deps.registry.commit(key, (table) => {
      table.update(key, change)
      this.#deps.audit.record({ action, actor, subject: key, ...(details !== undefined && { details }) })
    })
  }

  #app(key: string): SupervisedApp {
    const known = this.#apps.get(key)
    if (known !== undefined) return known
    const { clock, paths, registry, logs } = this.#deps
    const app = new SupervisedApp({
      key,
      clock,
      sockets: paths.sockets,
      title: () => titleOf(registry.get(key)),
      launch: () => this.#launch(key),
      say: (text) => void logs.write(key, 'host', [text]),
      changed: () => this.#deps.changed(key),
      running: (run) => run.pid !== null && this.#sampler.add(run.pid),
      gone: (run) => run.pid !== null && this.#sampler.remove(run.pid),
      crashed: (crash) => this.#recordCrash(key, crash),
    })
    this.#apps.set(key, app)
    return app
  }

  #recordCrash(key: string, { reason, exitCode, signal }: CrashInfo): void {
    const { registry, audit, logger } = this.#deps
    if (registry.get(key) === null) return
    const details = { reason, exitCode, signal }
    try {
      registry.commit(key, () =>
        audit.record({ action: 'app.crash', actor: 'system', subject: key, outcome: 'failed', details }),
      )
    } catch (error) {
      // On a full disk the app must be tried again all the same.
      logger.error('a crash could not be recorded', { key, error })
    }
  }

  async #launch(key: string) {
    const { registry, icons } = this.#deps
    const trial = this.#trials.get(key)
    const change = trial === undefined ? await refreshed(registry.need(key)) : null
    if (change !== null) {
      registry.commit(key, (table) => table.update(key, change))
      await icons.load(registry.need(key))
    }
    const record = { ...registry.need(key), ...trial }
    this.#configAtStart.set(key, configText(record))
    return launch({ ...this.#deps, sweeper: this.#sweeper }, record)
  }

  #sampled(pid: number): void {
    for (const [key, app] of this.#apps) if (app.run?.pid === pid) this.#deps.changed(key)
  }

  /** The app's own failure is in its state and its log; anything else belongs into the host's. */
  #report(error: unknown): void {
    if (!(error instanceof AppError)) this.#deps.logger.error('an app could not be started', { error })
  }
}

function titleOf(record: AppRecord | null): string {
  return record === null ? 'The app' : appTitle(record)
}

function configText(record: AppRecord): string {
  return JSON.stringify(Object.entries(record.config).sort())
}

/** A request does not cut a crashed app's wait short: a page that reloads itself would keep the computer busy. */
function crashedError(record: AppRecord, app: SupervisedApp): AppError {
  const { crash } = app
  const next =
    crash?.nextTryAt == null
      ? 'It is not tried again by itself; its owner can start it in Atek.'
      : 'It is tried again in a moment.'
  return new AppError('APP_START_FAILED', `${titleOf(record)} has crashed. ${crash?.reason ?? ''} ${next}`, {
    reason: crash?.reason ?? null,
    nextTryAt: crash?.nextTryAt ?? null,
  })
}

function untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const cancelled = () => reject(new AppError('CANCELLED', 'The request was ended while the app was starting.'))
    if (signal.aborted) cancelled()
    signal.addEventListener('abort', cancelled, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancelled))
  })
}
