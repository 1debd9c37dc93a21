import { AppError } from '../../contract/errors.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import { appTitle } from '../app-title.ts'
import type { AppLogs } from '../logs/app-logs.ts'
import type { Registry } from '../registry.ts'
import type { ActorKey, AppStatus, AppsDeps, StartCause } from '../types.ts'
import { systemAuthorities } from './authorities.ts'
import { probe } from './probe.ts'
import { UpstreamApp } from './upstream-app.ts'
import { parseUpstream, type Upstream } from './upstream-url.ts'

export interface UpstreamsDeps extends Pick<AppsDeps, 'clock' | 'audit' | 'authorities'> {
  registry: Registry
  logs: AppLogs
  changed(key: string): void
}

/** Apps that live elsewhere (C23). They have no process: to start one is to let requests through to it. */
export class Upstreams {
  readonly #deps: UpstreamsDeps
  readonly #running = new Map<string, UpstreamApp>()

  constructor(deps: UpstreamsDeps) {
    this.#deps = deps
  }

  is(record: AppRecord): boolean {
    return record.sourceType === 'upstream'
  }

  /** Where requests to it go; null while it is stopped, and for every other app. */
  get(key: string): Upstream | null {
    return this.#running.get(key)?.upstream ?? null
  }

  state(record: AppRecord): AppStatus {
    const app = this.#running.get(record.key)
    const unreachable = app?.unreachable ?? null
    const state = app === undefined ? 'stopped' : unreachable === null ? 'running' : 'unreachable'
    return { state, crash: null, process: null, restarts: 0, socketPath: null, unreachable }
  }

  /** Lets requests through to all that are wanted. */
  begin(): void {
    for (const record of this.#deps.registry.list()) if (this.is(record) && record.enabled) this.#open(record)
  }

  /** Resolves when it was looked at; that it cannot be reached is its state, and no error. */
  async start(actor: ActorKey, key: string, cause: StartCause = 'person'): Promise<void> {
    if (this.#running.has(key)) return
    this.#record('app.start', actor, key, true, { cause })
    await this.#open(this.#deps.registry.need(key)).settled()
  }

  async stop(actor: ActorKey, key: string): Promise<void> {
    this.#record('app.stop', actor, key, false)
    this.close(key)
    this.#deps.changed(key)
  }

  /** Connections are made anew. */
  async restart(actor: ActorKey, key: string): Promise<void> {
    this.#record('app.restart', actor, key, true)
    this.close(key)
    this.#deps.changed(key)
    await this.#open(this.#deps.registry.need(key)).settled()
  }

  /** Its address was changed: requests go to the new one from now on. */
  moved(key: string): void {
    if (!this.#running.has(key)) return
    this.close(key)
    this.#open(this.#deps.registry.need(key))
  }

  /** Throws APP_STOPPED: a person stopped it, and no request starts it. */
  ensure(record: AppRecord): void {
    if (this.#running.has(record.key)) return
    throw new AppError('APP_STOPPED', `${appTitle(record)} is stopped. Its owner can start it in Atek.`)
  }

  close(key: string): void {
    this.#running.get(key)?.dispose()
    this.#running.delete(key)
  }

  dispose(): void {
    for (const key of [...this.#running.keys()]) this.close(key)
  }

  #open(record: AppRecord): UpstreamApp {
    const { key } = record
    const { clock, logs, authorities = systemAuthorities() } = this.#deps
    const app = new UpstreamApp(parseUpstream(record.sourceUrl), {
      clock,
      probe: (origin, signal) => probe(origin, { authorities, signal }),
      say: (text) => void logs.write(key, 'host', [text]),
      changed: () => this.#deps.changed(key),
    })
    this.#running.set(key, app)
    this.#deps.changed(key)
    return app
  }

  #record(
    action: 'app.start' | 'app.stop' | 'app.restart',
    actor: ActorKey,
    key: string,
    enabled: boolean,
    details?: Record<string, unknown>,
  ): void {
    const { registry, audit } = this.#deps
    registry.need(key)
    registry.commit(key, (table) => {
      table.update(key, { enabled })
      audit.record({ action, actor, subject: key, ...(details !== undefined && { details }) })
    })
  }
}
