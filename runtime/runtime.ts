import { chmod, mkdir } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { Apps, type NodeRuntime } from './apps/apps.ts'
import { AppClient } from './apps/client/app-client.ts'
import { AuditLog } from './audit/audit-log.ts'
import type { RuntimeEvent } from './contract/events.ts'
import { LIMITS } from './contract/limits.ts'
import type { HostStatus, TrafficRow } from './contract/models.ts'
import type { PagesModule } from './contract/pages.ts'
import type { Actor } from './control/actor.ts'
import { ConfiguredApps } from './control/configured-apps.ts'
import { Control } from './control/control.ts'
import { PanelSessions } from './control/panel-sessions.ts'
import type { Services } from './control/services.ts'
import { BODY_LIMIT, bodyLimitSchema } from './control/traffic-settings.ts'
import { visibleEvent, visibleRows } from './control/visibility.ts'
import { type Clock, systemClock } from './core/clock.ts'
import { DEFAULT_DOMAIN, DEFAULT_PORT, readConfigFile, updateConfigFile } from './core/config-file.ts'
import { type Disposable, DisposableStore } from './core/disposable.ts'
import { Emitter } from './core/emitter.ts'
import { removeHostFile, writeHostFile } from './core/host-file.ts'
import { hostPaths } from './core/host-paths.ts'
import { newToken, type RandomBytes, systemRandom } from './core/ids.ts'
import type { Logger } from './core/logger.ts'
import { Edge } from './edge/edge.ts'
import { Gateway } from './gateway/gateway.ts'
import { Identity } from './identity/identity.ts'
import { announceEvents } from './runtime-events.ts'
import { lockConfigFolder } from './storage/lock.ts'
import { openStorage } from './storage/open.ts'
import { openTrafficLog } from './traffic/open-traffic-log.ts'

export interface RuntimeConfig {
  configFolder: string
  /** Over those of config.json, for this run only. */
  port?: number | undefined
  domain?: string | undefined
  version: string
  /** What the audit log and the session list call the panel: "Atek on Linux". */
  panelClient: string
  /** Built files that ship with the host. */
  examplesFolder: string
  pagesFile: string
  /** The built thread that stores recorded requests; without it they are stored in the host's own thread. */
  trafficWorkerFile?: string | undefined
  /** The Node that apps run on. */
  node: NodeRuntime
  /** Where npm packages come from; npm's public registry unless told. */
  npmRegistry?: string
}

export interface RuntimePorts {
  logger: Logger
  clock?: Clock
  random?: RandomBytes
}

/** A running host. Everything that a shell (desktop or command line) needs; it knows neither. */
export interface Runtime {
  readonly control: Control
  readonly panel: PanelSessions
  readonly events: Emitter<RuntimeEvent>
  /** New rows of the record, and rows that changed (an answer came): the same `seq` replaces the older one. */
  watchTraffic(listener: (rows: TrafficRow[]) => void): Disposable
  /** Those of them that this actor may see. */
  visibleRows(actor: Actor, rows: TrafficRow[]): TrafficRow[]
  /** The event as this actor may see it, or null. */
  visible(actor: Actor, event: RuntimeEvent): RuntimeEvent | null
  status(): HostStatus
  /** Stops every app, closes every connection, lets go of the config folder. */
  dispose(): Promise<void>
}

/**
 * Puts a host together and starts it: takes the config folder, opens the storage, cleans up after a host that was
 * killed, listens, starts the apps. What fails undoes what came before it and throws an AppError: ALREADY_RUNNING,
 * CONFIG_DAMAGED, DATABASE_DAMAGED.
 */
export async function createRuntime(config: RuntimeConfig, ports: RuntimePorts): Promise<Runtime> {
  const { logger, clock = systemClock, random = systemRandom } = ports
  const paths = hostPaths(config.configFolder)
  await mkdir(paths.config, { recursive: true, mode: 0o700 })
  // Also where the folder was there before: database, tokens of config.json and what apps keep are in it.
  await chmod(paths.config, 0o700)

  const held = new DisposableStore()
  const closing: (() => Promise<void>)[] = []
  const dispose = async () => {
    for (const close of closing.splice(0).reverse()) {
      await close().catch((error) => logger.error('closing failed', { error }))
    }
    held.dispose()
  }

  try {
    held.add(lockConfigFolder(paths.lock))
    // Left by a host that was killed. From here on until it is written anew, the command line waits for this one.
    await removeHostFile(paths.hostFile)
    const file = await readConfigFile(paths.configFile)
    const domain = config.domain ?? file.domain ?? DEFAULT_DOMAIN
    const wantedPort = config.port ?? file.port ?? DEFAULT_PORT

    // Its thread comes up while the database is opened.
    const opening = openTrafficLog({
      clock,
      logger,
      file: paths.traffic,
      workerFile: config.trafficWorkerFile ?? null,
      ...(file.recordTraffic !== undefined && { recording: file.recordTraffic }),
    })
    closing.push(async () => (await opening).close())

    const storage = openStorage(paths.database, { clock })
    held.add({ dispose: () => storage.close() })
    const audit = new AuditLog({ storage, clock })
    const identity = new Identity({ storage, audit, clock, random, logger })
    closing.push(() => identity.dispose())
    const traffic = await opening
    const { recorder } = traffic
    const keepUsers = () => traffic.keepUsers((key) => key === 'system' || identity.users.get(key) !== null)
    held.add(identity.usersChanged.on(() => void keepUsers()))
    recorder.bodies.capture(storage.capturedApps.list())
    recorder.bodies.limit(storage.settings.get(BODY_LIMIT, bodyLimitSchema) ?? LIMITS.trafficBodyBytes)

    let port = 0
    let portTaken: number | null = null
    const startedAt = clock.now()
    const apps = new Apps({
      storage,
      audit,
      serviceTokens: identity.serviceTokens,
      clock,
      random,
      logger,
      paths,
      node: config.node,
      examplesFolder: config.examplesFolder,
      hostPort: () => port,
      domain,
      ...(config.npmRegistry !== undefined && { npmRegistry: config.npmRegistry }),
    })
    closing.push(() => apps.dispose())
    const client = new AppClient({ target: (key) => apps.target(key) })
    closing.push(() => client.dispose())
    const configForInspect = () => ({ domain, port, configDir: paths.config })
    const commandToken = newToken(random)
    const gateway = new Gateway({
      identity,
      apps,
      client,
      storage,
      audit,
      random,
      logger,
      systemAuthTokens: [...(file.systemAuthTokens ?? []), commandToken],
      config: configForInspect,
    })
    const edge = new Edge({
      identity,
      apps,
      client,
      gateway,
      recorder,
      clock,
      random,
      logger,
      domain,
      rateLimits: file.rateLimits,
      loadPages: () => import(/* @vite-ignore */ pathToFileURL(config.pagesFile).href) as Promise<PagesModule>,
    })
    closing.push(() => edge.close())

    const status = (): HostStatus => ({
      version: config.version,
      startedAt,
      domain,
      port,
      portTaken,
      address: edge.address(),
      requestsPerSecond: recorder.rate(),
      recentRequests: recorder.recentRequests(),
      trafficDropped: recorder.dropped,
      configFolder: paths.config,
    })
    let settings = { port: file.port ?? DEFAULT_PORT, domain: file.domain ?? DEFAULT_DOMAIN }
    const settingsView = () => ({
      ...settings,
      restartNeeded: settings.domain !== domain || settings.port !== wantedPort,
    })
    const services: Services = {
      storage,
      audit,
      identity,
      apps,
      recorder,
      traffic,
      clock,
      host: {
        appAddress: (id) => edge.appAddress(id),
        address: () => edge.address(),
        isHostToken: (token) => gateway.bearers.isHosts(token),
        replay: (request) => edge.replay(request),
        openAddress: (userKey, appKey, path) => edge.openAddress(userKey, appKey, path),
        status,
        settings: settingsView,
        async updateSettings(patch) {
          const next = {
            ...(patch.port !== undefined && { port: patch.port }),
            ...(patch.domain !== undefined && { domain: patch.domain }),
          }
          await updateConfigFile(paths.configFile, next)
          settings = { ...settings, ...next }
          return settingsView()
        },
      },
    }

    const ownerOf = (key: string) => apps.get(key)?.owner ?? null
    const events = held.add(new Emitter<RuntimeEvent>((error) => logger.error('an event listener failed', { error })))
    held.add(announceEvents(services, events))

    await apps.init()
    ;({ port, taken: portTaken } = await edge.listen(wantedPort))
    if (portTaken !== null) logger.warn(`Port ${portTaken} is taken; using ${port}.`)
    closing.push(() => removeHostFile(paths.hostFile))
    await writeHostFile(paths.hostFile, { pid: process.pid, port, domain, token: commandToken })
    apps.startEnabled()
    // Of users who were deleted just before an earlier host was killed.
    void keepUsers()
    const configured = new ConfiguredApps({ apps, identity, logger, file })
    // Before the apps, so that nothing new begins while they end.
    closing.push(async () => configured.dispose())
    storage.transaction(() => audit.record({ action: 'host.start', actor: 'system', details: { port } }))

    return {
      control: new Control(services),
      panel: new PanelSessions(identity, config.panelClient),
      events,
      watchTraffic: (listener) => recorder.changed.on(listener),
      visibleRows: (actor, rows) => visibleRows(actor, rows, ownerOf),
      visible: (actor, event) => visibleEvent(actor, event, ownerOf),
      status,
      dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}
