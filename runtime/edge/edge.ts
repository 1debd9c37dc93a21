import type { Apps } from '../apps/apps.ts'
import type { AppClient } from '../apps/client/app-client.ts'
import { LIMITS } from '../contract/limits.ts'
import type { PagesModule } from '../contract/pages.ts'
import type { Clock } from '../core/clock.ts'
import { DisposableStore } from '../core/disposable.ts'
import type { RandomBytes } from '../core/ids.ts'
import type { Logger } from '../core/logger.ts'
import type { GatewayPort } from '../gateway/types.ts'
import type { Identity } from '../identity/identity.ts'
import type { Recorder } from '../traffic/recorder.ts'
import { Addresses } from './addresses.ts'
import { Admission } from './admission.ts'
import { AnswerRefusal } from './answer.ts'
import { AppEntrance } from './app-entrance.ts'
import { Binding } from './bind.ts'
import type { HostContext } from './host/context.ts'
import { GatewayWebSockets } from './host/gateway-websocket.ts'
import { HostApp } from './host/host-app.ts'
import { Pages } from './host/pages.ts'
import { Listener } from './listener.ts'
import { LiveConnections } from './live.ts'
import { LiveCheck } from './live-check.ts'
import { type RateSettings, Rates } from './rates.ts'
import { RefusalPages } from './refusal.ts'
import { type ReplayRequest, Replays } from './replays.ts'
import { RequestHandler } from './request-handler.ts'
import { REQUEST_SHARES, type ShareLimits, Shares, WEB_SOCKET_SHARES } from './shares.ts'
import { type BudgetLimits, SocketBudget } from './socket-budget.ts'
import { CLOSE } from './websocket/close-codes.ts'

export interface EdgeDeps {
  identity: Identity
  apps: Apps
  client: AppClient
  gateway: GatewayPort
  recorder: Recorder
  clock: Clock
  random: RandomBytes
  logger: Logger
  domain: string
  /** Other numbers than LIMITS has (C26). */
  rateLimits?: RateSettings | undefined
  /** Other numbers of connections to apps than LIMITS has (A45). */
  socketLimits?: Partial<BudgetLimits> | undefined
  callLimits?: Partial<BudgetLimits> | undefined
  /** Other shares of one person than LIMITS has (A45). */
  requestShares?: ShareLimits | undefined
  webSocketShares?: ShareLimits | undefined
  /** The built pages of renderer/web; asked for when the first page is. */
  loadPages(): Promise<PagesModule>
}

/** The host's one listener: browsers, apps and scripts come in here, and nowhere else. */
export class Edge {
  readonly #identity: Identity
  readonly #apps: Apps
  readonly #addresses: Addresses
  readonly #live: LiveConnections
  readonly #host: HostApp
  readonly #listener: Listener
  readonly #replays: Replays
  readonly #held = new DisposableStore()

  constructor(deps: EdgeDeps) {
    const { identity, apps, client, gateway, recorder, clock, random, logger } = deps
    this.#identity = identity
    this.#apps = apps
    const addresses = new Addresses(deps.domain)
    this.#addresses = addresses
    const refusals = new RefusalPages({ addresses, icon: (key) => apps.icon(key) })
    const pages = new Pages({ load: deps.loadPages, addresses })
    const live = new LiveConnections(clock.monotonic())
    this.#live = live
    const rates = new Rates({ clock, settings: deps.rateLimits })
    this.#replays = new Replays({ clock, random, port: () => addresses.port })
    const requestShares = new Shares(deps.requestShares ?? REQUEST_SHARES)
    const webSocketShares = new Shares(deps.webSocketShares ?? WEB_SOCKET_SHARES)
    const context: HostContext = {
      identity,
      apps,
      gateway,
      recorder,
      clock,
      random,
      logger,
      addresses,
      refusals,
      live,
      pages,
      rates,
      requestShares,
      webSocketShares,
      calls: new SocketBudget({ clock, limits: { perApp: LIMITS.callsUnderWay, ...deps.callLimits } }),
      replays: this.#replays,
    }
    const host = new HostApp(context)
    this.#host = host
    const answer = new AnswerRefusal((req, res, page, status) => host.page(req, res, page, status))
    const admission = new Admission({ identity, apps, pages: refusals, rates, logger })
    const binding = new Binding({ identity, addresses, random, pages: refusals, answer })
    const ports = { client, clock, random }
    const budget = new SocketBudget({ clock, limits: deps.socketLimits })
    const entrance = new AppEntrance({
      ...ports,
      budget,
      requestShares,
      webSocketShares,
      apps,
      gateway,
      recorder,
      live,
      admission,
      binding,
      answer,
      replays: this.#replays,
    })
    const webSockets = new GatewayWebSockets({ context, ports, answer, budget })
    const handler = new RequestHandler({ addresses, recorder, logger, host, entrance, webSockets, pages: refusals })
    this.#listener = new Listener({ handler, logger })

    this.#held.add(new LiveCheck({ live, identity, apps, clock }))
    this.#held.add(apps.removed.on(({ key }) => client.closeApp(key)))
    // What is still open to an app that lives elsewhere does not end with a process.
    this.#held.add(apps.changed.on(({ key }) => apps.target(key) === null && client.closeApp(key)))
  }

  /**
   * Listens on 127.0.0.1 and ::1, on the same port on both; on the next free one where that is taken on either, since
   * another program on ::1 would get the browsers that try it first. 0 takes any.
   * @returns the port, and the one that was asked for when it was taken
   */
  async listen(port: number): Promise<{ port: number; taken: number | null }> {
    await this.#host.ready()
    this.#addresses.port = await this.#listener.listen(port)
    return { port: this.#addresses.port, taken: port === 0 || port === this.#addresses.port ? null : port }
  }

  /** `http://atek.<domain>:<port>` */
  address(): string {
    return this.#addresses.host
  }

  appAddress(id: string): string {
    return this.#addresses.app(id)
  }

  /**
   * An address that signs the person's browser in, once, within LIMITS.ticketLife, and leads to the app (C15).
   * @param path of the app, beginning with one slash
   */
  openAddress(userKey: string, appKey: string, path: string): string {
    const id = this.#apps.get(appKey)?.id ?? ''
    return this.#addresses.open(this.#identity.tickets.issueSignIn(userKey), id, path)
  }

  /** Makes a recorded request again, as everybody's are made; see Replays. */
  replay(request: ReplayRequest): Promise<{ seq: number; status: number }> {
    return this.#replays.replay(request)
  }

  /** Ends everything that is open. */
  async close(): Promise<void> {
    this.#held.dispose()
    this.#live.closeAll({ code: CLOSE.GOING_AWAY, reason: 'The host is stopping.', atOnce: true })
    await this.#listener.close()
    await this.#host.close()
  }
}
