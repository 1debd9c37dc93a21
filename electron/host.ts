import { createHash } from 'node:crypto'
import { AppError, toErrorData } from '../runtime/contract/errors.ts'
import type { RuntimeEvent } from '../runtime/contract/events.ts'
import type { User } from '../runtime/contract/models.ts'
import {
  type Actor,
  createRuntime,
  type Disposable,
  type Logger,
  type PanelSession,
  type Runtime,
  type RuntimeConfig,
} from '../runtime/index.ts'
import type { PanelEvent, PanelInfo, PanelState, TrafficBatch } from './ipc/contract.ts'
import { BATCH_MS, foldEvents } from './ipc/events.ts'
import type { SecretStore } from './secrets/keychain.ts'
import { TrafficGather } from './traffic-gather.ts'

/** How long quitting waits for a start that is still under way. */
const STARTING_GRACE_MS = 5000

export interface HostDeps {
  runtime: Omit<RuntimeConfig, 'port' | 'domain'>
  openSecrets(): Promise<SecretStore>
  logger: Logger
  lastUsername(): string | null
  rememberUsername(username: string): void
}

/**
 * Owns the one Runtime of this process and the panel's session with it. What it tells, it tells through `send` to the
 * panel and `changed` to tray and menu.
 */
export class Host {
  readonly #deps: HostDeps
  readonly #account: string
  #runtime: Runtime | null = null
  #secrets: SecretStore | null = null
  #session: PanelSession | null = null
  #failure: { message: string; details: string | null } | null = null
  #pending: RuntimeEvent[] = []
  #flushing: NodeJS.Timeout | null = null
  readonly #traffic = new TrafficGather(() => performance.now())
  #watching: Disposable | null = null
  #started: Promise<void> | null = null
  #stopped: Promise<void> | null = null

  /** Towards the panel's page; set by whoever owns the window. */
  send: (event: PanelEvent) => void = () => {}
  changed: () => void = () => {}
  /** Every event as the host itself sees it, for tray and notifications. */
  announced: (event: RuntimeEvent) => void = () => {}

  constructor(deps: HostDeps) {
    this.#deps = deps
    // Several hosts of one person (another config folder) must not share one remembered token.
    const hash = createHash('sha256').update(deps.runtime.configFolder).digest('hex').slice(0, 16)
    this.#account = `panel:${hash}`
  }

  get runtime(): Runtime | null {
    return this.#runtime
  }

  start(): Promise<void> {
    this.#started ??= this.#start()
    return this.#started
  }

  async #start(): Promise<void> {
    try {
      const [secrets] = await Promise.all([this.#deps.openSecrets(), this.#startRuntime()])
      this.#secrets = secrets
      const remembered = await secrets.get(this.#account).catch(() => null)
      const session = remembered === null || this.#stopped !== null ? null : this.#ready().panel.resume(remembered)
      if (session !== null) await this.#keep(session)
    } catch (error) {
      this.#deps.logger.error('the host could not start', { error })
      const { message } = toErrorData(error)
      const details = error instanceof AppError ? null : error instanceof Error ? error.message : String(error)
      this.#failure = { message, details }
    }
    this.#announcePanel()
  }

  async #startRuntime(): Promise<void> {
    const runtime = await createRuntime(this.#deps.runtime, { logger: this.#deps.logger })
    this.#runtime = runtime
    runtime.events.on((event) => this.#onEvent(event))
  }

  /** Ends every app and closes every connection. Safe to call more than once, and while the host still starts. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    // A runtime that is half made cannot be disposed, and a keychain that answers after the end aborts the process.
    // It may be waiting for a person, though, who has just told the app to quit.
    await Promise.race([this.#started, new Promise((done) => setTimeout(done, STARTING_GRACE_MS))])
    if (this.#flushing !== null) clearTimeout(this.#flushing)
    await this.#runtime?.dispose()
  }

  info(): PanelInfo {
    return {
      state: this.#state(),
      notices: this.#notices(),
      keychain: this.#secrets?.isKeychain ?? true,
      platform: process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux',
    }
  }

  async createFirstUser(input: { username: string; password: string }): Promise<User> {
    return this.#begin(await this.#ready().panel.createFirstUser(input))
  }

  async signIn(input: { username: string; password: string }): Promise<User> {
    return this.#begin(await this.#ready().panel.signIn(input))
  }

  async signOut(): Promise<void> {
    const session = this.#session
    this.#session = null
    this.#leaveTraffic()
    if (session !== null) this.#ready().panel.signOut(session.token)
    await this.#secrets?.delete(this.#account)
    this.#announcePanel()
  }

  /** The control API for the panel: whoever its session says, asked anew at each call (C09). */
  async control(method: string, input: unknown): Promise<unknown> {
    return this.#ready().control.callUntyped(this.#actor(), method, input)
  }

  /** Rows of the live view for the panel, as text; with `watch` false it wants no more. */
  takeTraffic(watch: boolean): string {
    const actor = this.#actor()
    if (actor === null || !watch) {
      this.#leaveTraffic()
      return ''
    }
    const runtime = this.#ready()
    const batch = this.#traffic.take()
    // Only from here on: rows that nobody looks at cost the host nothing.
    this.#watching ??= runtime.watchTraffic((rows) => {
      if (this.#traffic.add(rows)) this.send({ type: 'traffic-waiting' })
    })
    const rows = runtime.visibleRows(actor, batch.rows)
    return JSON.stringify({ ...batch, rows } satisfies TrafficBatch)
  }

  #leaveTraffic(): void {
    this.#watching?.dispose()
    this.#watching = null
    this.#traffic.leave()
  }

  #actor(): Actor | null {
    return this.#session === null ? null : this.#ready().panel.actor(this.#session.token)
  }

  #ready(): Runtime {
    if (this.#runtime === null) throw new AppError('INTERNAL', 'The host is not running.')
    return this.#runtime
  }

  async #begin(session: PanelSession): Promise<User> {
    await this.#keep(session)
    this.#announcePanel()
    return session.me.user
  }

  async #keep(session: PanelSession): Promise<void> {
    this.#session = session
    this.#deps.rememberUsername(session.me.user.username)
    await this.#secrets?.set(this.#account, session.token).catch((error) => {
      this.#deps.logger.warn('the sign-in could not be remembered', { error })
    })
  }

  #state(): PanelState {
    if (this.#failure !== null) return { phase: 'failed', ...this.#failure }
    if (this.#runtime === null) return { phase: 'starting' }
    const actor = this.#actor()
    if (actor?.kind === 'user') return { phase: 'ready', me: { user: actor.user, sessionId: actor.sessionId } }
    if (this.#runtime.panel.needsFirstUser()) return { phase: 'first-run' }
    return { phase: 'locked', lastUsername: this.#deps.lastUsername() }
  }

  #notices(): string[] {
    const notices: string[] = []
    const status = this.#runtime?.status()
    if (status !== undefined && status.portTaken !== null) {
      notices.push(`Port ${status.portTaken} is used by another program, so Atek uses port ${status.port}.`)
    }
    if (this.#secrets?.isKeychain === false) {
      notices.push(
        'This computer offers no keychain. Your sign-in is remembered in a file that only your user account can read.',
      )
    }
    return notices
  }

  #onEvent(event: RuntimeEvent): void {
    this.announced(event)
    if (event.type === 'traffic-cleared' && this.#traffic.clear()) this.send({ type: 'traffic-waiting' })
    if (event.type === 'sessions-ended' && event.userKey === this.#session?.me.user.key && this.#actor() === null) {
      // Signed out from elsewhere, or the account is gone: the panel locks at once (C09).
      this.#session = null
      this.#leaveTraffic()
      this.#secrets?.delete(this.#account).catch(() => {})
      this.#announcePanel()
    } else if (event.type === 'users-changed') {
      // The signed-in person's own name may be what changed.
      this.#announcePanel()
    }
    this.#pending.push(event)
    this.#flushing ??= setTimeout(() => this.#flush(), BATCH_MS)
  }

  #flush(): void {
    this.#flushing = null
    const events = this.#pending.splice(0)
    const actor = this.#actor()
    const runtime = this.#runtime
    // Nobody is signed in: nothing of what happens is anybody's to see.
    if (actor === null || runtime === null) return
    const seen = foldEvents(events).flatMap((event) => runtime.visible(actor, event) ?? [])
    if (seen.length > 0) this.send({ type: 'runtime', events: seen })
  }

  #announcePanel(): void {
    // Window and tray are gone already; telling them would throw in the middle of the end.
    if (this.#stopped !== null) return
    this.send({ type: 'panel', info: this.info() })
    this.changed()
  }
}
