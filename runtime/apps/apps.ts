import { AppError } from '../contract/errors.ts'
import type { ExampleInfo, InstallProgress, LogLine, UpdateCheck, UpdateResult } from '../contract/models.ts'
import { DEFAULT_DOMAIN } from '../core/config-file.ts'
import { Emitter } from '../core/emitter.ts'
import { newKey } from '../core/ids.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import type { AppTarget } from './client/types.ts'
import { checkAppId, checkConfig, checkIdentityHeaders, configureApp, idTaken } from './configure.ts'
import { readExamples } from './examples.ts'
import { dataFolder, prepareFolders, processesFolder, sweepFolders } from './folders.ts'
import { IconCache } from './icon.ts'
import { Installer } from './installer.ts'
import { AppLogs } from './logs/app-logs.ts'
import { endOrphans } from './orphans.ts'
import { ProcessFiles } from './process/processes-file.ts'
import { type Export, Registry } from './registry.ts'
import { kindOfSource } from './sources/parse-source.ts'
import type { HostPlace } from './sources/upstream.ts'
import { Supervisor } from './supervisor.ts'
import type {
  ActorKey,
  AppStatus,
  AppsDeps,
  ConfigureInput,
  InstallNowInput,
  LoggedLines,
  LogQuery,
  ScriptConsent,
} from './types.ts'
import { uninstallApp } from './uninstall.ts'
import { Updater } from './updater.ts'
import type { Upstream } from './upstream/upstream-url.ts'
import { Upstreams } from './upstream/upstreams.ts'

export type { NodeRuntime } from './types.ts'

/**
 * Installed apps and their processes: what is installed, installing and removing, running, logs. Who may do what is
 * decided by the callers; `actor` is for the audit log.
 */
export class Apps {
  readonly reviews: Installer
  /** Something that `get` or `state` tells has changed. */
  readonly changed: Emitter<{ key: string }>
  readonly removed: Emitter<{ key: string }>
  readonly logged: Emitter<LoggedLines>
  readonly progress: Emitter<{ progress: InstallProgress; actor: string }>
  readonly #deps: AppsDeps
  readonly #registry: Registry
  readonly #logs: AppLogs
  readonly #icons: IconCache
  readonly #supervisor: Supervisor
  readonly #processes: ProcessFiles
  readonly #updater: Updater
  readonly #upstreams: Upstreams

  constructor(deps: AppsDeps) {
    this.#deps = deps
    const onError = (error: unknown) => deps.logger.error('a listener of apps failed', { error })
    this.changed = new Emitter(onError)
    this.removed = new Emitter(onError)
    this.logged = new Emitter(onError)
    this.progress = new Emitter(onError)
    this.#registry = new Registry(deps.storage)
    this.#icons = new IconCache()
    this.#processes = new ProcessFiles(processesFolder(deps.paths))
    this.#logs = new AppLogs({ ...deps, logged: this.logged })
    this.#supervisor = new Supervisor({
      ...deps,
      registry: this.#registry,
      logs: this.#logs,
      icons: this.#icons,
      processes: this.#processes,
      changed: (key) => this.changed.fire({ key }),
    })
    const hostPlace = () => this.#hostPlace()
    this.#upstreams = new Upstreams({
      ...deps,
      registry: this.#registry,
      logs: this.#logs,
      changed: (key) => this.changed.fire({ key }),
    })
    this.#updater = new Updater({
      ...deps,
      hostPlace,
      registry: this.#registry,
      logs: this.#logs,
      icons: this.#icons,
      supervisor: this.#supervisor,
    })
    this.reviews = new Installer({
      ...deps,
      hostPlace,
      registry: this.#registry,
      progress: (progress, actor) => this.progress.fire({ progress, actor }),
      installed: (record, actor) => this.#installed(record, actor),
    })
  }

  /**
   * Makes the folders, checks the socket folder (C22), clears what a killed host left: staging, packages that never
   * got their row, processes without a host. Starts nothing.
   */
  async init(): Promise<void> {
    await prepareFolders(this.#deps.paths)
    await endOrphans({ ...this.#deps, processes: this.#processes })
    await sweepFolders(this.#deps.paths, (key) => this.#registry.get(key))
    await Promise.all(this.#registry.list().map((record) => this.#icons.load(record)))
  }

  /** Starts the enabled apps with autostart `always`, and lets requests through to those elsewhere, in the background. To be called once the host listens. */
  startEnabled(): void {
    this.#upstreams.begin()
    this.#supervisor.startEnabled()
  }

  /** Stops everything: installations, apps with all their processes, logs. */
  async dispose(): Promise<void> {
    await this.reviews.dispose()
    this.#upstreams.dispose()
    await Promise.all([this.#updater.dispose(), this.#supervisor.dispose()])
    await this.#logs.dispose()
    for (const emitter of [this.changed, this.removed, this.logged, this.progress]) emitter.dispose()
  }

  list(): AppRecord[] {
    return this.#registry.list()
  }

  get(key: string): AppRecord | null {
    return this.#registry.get(key)
  }

  byId(id: string): AppRecord | null {
    return this.#registry.byId(id)
  }

  state(key: string): AppStatus {
    const record = this.#registry.get(key)
    if (record !== null && this.#upstreams.is(record)) return this.#upstreams.state(record)
    return this.#supervisor.state(key)
  }

  /** Where requests to the app go; null while it does not run. */
  target(key: string): AppTarget | null {
    return this.#upstreams.get(key)?.origin ?? this.#supervisor.socketPath(key)
  }

  /** Of an app that lives elsewhere and is not stopped; null for every other. */
  upstream(key: string): Upstream | null {
    return this.#upstreams.get(key)
  }

  /** The app's icon as a `data:` URL, or null. */
  icon(key: string): string | null {
    return this.#icons.get(key)
  }

  dataFolder(key: string): string {
    return dataFolder(this.#deps.paths, key)
  }

  /** Whether the running app was started with another config than it has now. */
  restartNeeded(key: string): boolean {
    return this.#supervisor.restartNeeded(key)
  }

  /** A person wants it to run. Resolves when it is ready; throws APP_START_FAILED, NOT_FOUND. */
  async start(actor: ActorKey, key: string): Promise<void> {
    return this.#runner(key).start(actor, key)
  }

  /** A person wants it not to run. Resolves when all its processes are gone. */
  async stop(actor: ActorKey, key: string): Promise<void> {
    return this.#runner(key).stop(actor, key)
  }

  async restart(actor: ActorKey, key: string): Promise<void> {
    return this.#runner(key).restart(actor, key)
  }

  /** Whether `ensureRunning` would resolve at once, for every call: nothing is made. */
  isReady(key: string): boolean {
    return this.#upstreams.get(key) !== null || this.#supervisor.isReady(key)
  }

  /**
   * For a request: resolves when the app runs, starting it if it may be started by a request. `signal` ends the
   * waiting, not the start. Throws APP_STOPPED, APP_START_FAILED, APP_NOT_INSTALLED.
   */
  async ensureRunning(key: string, signal?: AbortSignal): Promise<void> {
    const record = this.#registry.get(key)
    if (record !== null && this.#upstreams.is(record)) return this.#upstreams.ensure(record)
    return this.#supervisor.ensureRunning(key, signal)
  }

  /**
   * Changes ID, config, autostart, the wanted version or the source. A new ID is in force at once; a new config at the
   * app's next start, see `restartNeeded`; a wanted version at the next update. A new source is fetched and switched to
   * as by `update`, and throws as that does. All of a change is done, or nothing. Throws ID_TAKEN, BAD_INPUT, NOT_FOUND.
   */
  async configure(actor: ActorKey, key: string, change: ConfigureInput): Promise<AppRecord> {
    const { sourceUrl, ...rest } = change
    const before = this.#registry.need(key)
    const moves = sourceUrl !== undefined && sourceUrl !== before.sourceUrl
    const configure = (all: ConfigureInput) =>
      configureApp({ ...this.#deps, registry: this.#registry, hostPlace: () => this.#hostPlace() }, actor, key, all)
    if (moves && before.sourceType === 'upstream') {
      configure(change)
      this.#upstreams.moved(key)
    } else if (moves) {
      if (kindOfSource(sourceUrl) === 'upstream') {
        throw new AppError('BAD_INPUT', 'Install the app at that address as one of its own.')
      }
      await this.#updater.moveTo(actor, key, sourceUrl, rest)
    } else configure(rest)
    this.changed.fire({ key })
    return this.#registry.need(key)
  }

  /** Reviews and installs in one, without anybody who could be asked. Throws as both; leaves nothing behind then. */
  async install({ actor, sourceUrl, desiredVersion, ...rest }: InstallNowInput): Promise<AppRecord> {
    const reviewId = newKey(this.#deps.random)
    const kind = kindOfSource(sourceUrl)
    // What is wrong with these is told before anything is fetched.
    if (rest.id !== undefined && this.byId(checkAppId(rest.id)) !== null) throw idTaken(rest.id)
    checkConfig(rest.config ?? {})
    checkIdentityHeaders(rest.identityHeaders ?? [])
    const wanted = desiredVersion === undefined ? {} : { desiredVersion }
    const { suggestedId } = await this.reviews.review({ reviewId, source: sourceUrl, kind, actor, ...wanted })
    try {
      return await this.reviews.install({ id: suggestedId, ...rest, reviewId, actor })
    } finally {
      this.reviews.cancel(reviewId, actor)
    }
  }

  /** Asks the app's source for its newest version in the wanted range. Throws SOURCE_UNREACHABLE, SOURCE_INVALID. */
  checkForUpdate(key: string): Promise<UpdateCheck> {
    return this.#updater.check(key)
  }

  /**
   * Switches to the newest version in the wanted range; the versions are the same when there was none. When it does not
   * become ready the old one runs again, and APP_START_FAILED is thrown.
   */
  async update(actor: ActorKey, key: string, allowScripts: ScriptConsent): Promise<UpdateResult> {
    const versions = await this.#updater.update(actor, key, allowScripts)
    this.changed.fire({ key })
    return versions
  }

  /** Stops the app, removes it, its logs and its code (a folder that it runs in place is left), and if told its data. */
  async uninstall(actor: ActorKey, key: string, options: { deleteData: boolean }): Promise<void> {
    this.#upstreams.close(key)
    await uninstallApp(
      { ...this.#deps, registry: this.#registry, supervisor: this.#supervisor, logs: this.#logs, icons: this.#icons },
      actor,
      key,
      options,
    )
    this.removed.fire({ key })
  }

  examples(): Promise<ExampleInfo[]> {
    return readExamples(this.#deps.examplesFolder, this.#deps.logger)
  }

  /** The newest `limit` lines before `before`, oldest first. */
  async logs(key: string, query: LogQuery): Promise<LogLine[]> {
    return this.#logs.read(this.#registry.need(key).key, query)
  }

  /** Installed apps that provide an API, whoever owns them and whether they run or not. */
  exportsOf(api: string): readonly Export[] {
    return this.#registry.exportsOf(api)
  }

  async #installed(record: AppRecord, actor: ActorKey): Promise<void> {
    await this.#icons.load(record)
    this.changed.fire({ key: record.key })
    if (this.#upstreams.is(record)) await this.#upstreams.start(actor, record.key, 'install')
    else await this.#supervisor.startInstalled(actor, record.key)
  }

  #runner(key: string): Pick<Supervisor, 'start' | 'stop' | 'restart'> {
    return this.#upstreams.is(this.#registry.need(key)) ? this.#upstreams : this.#supervisor
  }

  #hostPlace(): HostPlace {
    const { hostPort, domain = DEFAULT_DOMAIN, authorities } = this.#deps
    return { domain, port: hostPort(), authorities }
  }
}
