import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Apps } from '../apps/apps.ts'
import { AppClient } from '../apps/client/app-client.ts'
import { AuditLog } from '../audit/audit-log.ts'
import type { User } from '../contract/models.ts'
import type { PagesModule } from '../contract/pages.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import { hostPaths } from '../core/host-paths.ts'
import { systemRandom } from '../core/ids.ts'
import { type Logger, silentLogger } from '../core/logger.ts'
import { Edge } from '../edge/edge.ts'
import type { RateSettings } from '../edge/rates.ts'
import type { ShareLimits } from '../edge/shares.ts'
import type { BudgetLimits } from '../edge/socket-budget.ts'
import { Gateway } from '../gateway/gateway.ts'
import { Identity } from '../identity/identity.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { openStorage } from '../storage/open.ts'
import { Recorder } from '../traffic/recorder.ts'
import type { TestAppKind } from './test-app-sources.ts'
import { type TestAppOptions, TestApps } from './test-apps.ts'
import { TestBrowser } from './test-browser.ts'

export const PASSWORD = 'correct horse battery'

/** The pages' model as text: what a test wants to know of a page. */
export const testPages: PagesModule = {
  renderPage: (model, { stylesheetPath }) =>
    `<!doctype html><link rel="stylesheet" href="${stylesheetPath}"><pre>${JSON.stringify(model).replaceAll('<', '&lt;')}</pre>`,
  stylesheet: 'body { margin: 0 }',
}

export interface TestHostOptions {
  clock?: Clock
  logger?: Logger
  domain?: string
  systemAuthTokens?: string[]
  rateLimits?: RateSettings
  socketLimits?: Partial<BudgetLimits>
  callLimits?: Partial<BudgetLimits>
  requestShares?: ShareLimits
  webSocketShares?: ShareLimits
  pages?: () => Promise<PagesModule>
  /** Certificate authorities for apps at https addresses, as PEM. */
  authorities?: readonly string[]
}

/**
 * The whole host behind its listener, on a free port, with real storage and real app processes: its parts in the open, its
 * passwords cheap and its clock to be moved. Through createRuntime, as shells have it, it is in start-runtime.ts.
 */
export async function startTestHost(options: TestHostOptions = {}) {
  const { clock = systemClock, logger = silentLogger, domain = 'localhost' } = options
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'atek-host-')))
  const paths = hostPaths(join(folder, 'config'), folder)
  const testApps = await TestApps.create()
  const random = systemRandom
  await mkdir(paths.config, { recursive: true })
  const storage = openStorage(paths.database, { clock })
  const audit = new AuditLog({ storage, clock })
  // Cheap: what the passwords cost has tests of its own.
  const passwordCost = { memoryCost: 1024, timeCost: 2, parallelism: 1 }
  const identity = new Identity({ storage, audit, clock, random, logger, passwordCost })
  const recorder = new Recorder({ clock })
  let port = 0
  const apps = new Apps({
    storage,
    audit,
    serviceTokens: identity.serviceTokens,
    clock: systemClock,
    random,
    logger,
    paths,
    node: { execPath: process.execPath, env: {} },
    examplesFolder: join(folder, 'examples'),
    hostPort: () => port,
    domain,
    ...(options.authorities !== undefined && { authorities: options.authorities }),
  })
  const client = new AppClient({ target: (key) => apps.target(key), authorities: options.authorities })
  const gateway = new Gateway({
    identity,
    apps,
    client,
    storage,
    audit,
    random,
    logger,
    systemAuthTokens: options.systemAuthTokens ?? [],
    config: () => ({ domain, port }),
  })
  const loadPages = options.pages ?? (async () => testPages)
  const { rateLimits, socketLimits, callLimits, requestShares, webSocketShares } = options
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
    rateLimits,
    socketLimits,
    callLimits,
    requestShares,
    webSocketShares,
    loadPages,
  })
  await apps.init()
  ;({ port } = await edge.listen(0))

  return {
    port,
    paths,
    storage,
    identity,
    apps,
    client,
    gateway,
    recorder,
    edge,
    testApps,

    browser: () => new TestBrowser(port),

    /** The first one is an administrator. */
    async user(username: string): Promise<User> {
      const account = { username, password: PASSWORD }
      if (identity.needsFirstUser()) return identity.createFirstUser(account)
      return identity.users.create('system', { ...account, role: '' })
    },

    /** Installs and starts an app for this owner (a user key or `system`). */
    async install(kind: TestAppKind, owner: string, id: string, app: TestAppOptions = {}): Promise<AppRecord> {
      const source = await testApps.make(kind, { name: id, ...app })
      const reviewId = crypto.randomUUID()
      await apps.reviews.review({ reviewId, source, kind: 'folder', actor: owner })
      return apps.reviews.install({ reviewId, id, owner, allowScripts: false, actor: owner })
    },

    /** A browser that is signed in, at the host and at these apps. */
    async signedIn(username: string, ...ids: string[]): Promise<TestBrowser> {
      const browser = new TestBrowser(port)
      const answer = await browser.signIn(edge.address(), username, PASSWORD)
      if (answer.status !== 303) throw new Error(`Signing in was answered ${answer.status}.`)
      for (const id of ids) await browser.follow(`${edge.appAddress(id)}/`)
      return browser
    },

    async close(): Promise<void> {
      await edge.close()
      await apps.dispose()
      await client.dispose()
      recorder.dispose()
      storage.close()
      await testApps.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type TestHost = Awaited<ReturnType<typeof startTestHost>>
