import { type BrowserWindow, nativeTheme } from 'electron'
import type { RuntimeEvent } from '../../runtime/contract/events.ts'
import type { AppSummary } from '../../runtime/contract/models.ts'
import type { Host } from '../host.ts'
import { CHANNELS, type PanelEvent } from '../ipc/contract.ts'
import type { PreferencesFile } from '../preferences.ts'
import type { ResourcePaths } from '../resource-paths.ts'
import { createPanelWindow } from './panel-window.ts'
import { HostTray } from './tray.ts'

export interface PanelShellDeps {
  host: Host
  preferences: PreferencesFile
  resources: ResourcePaths
  quitting(): boolean
  openApp(key: string): void
  notify(title: string, body: string): void
  quit(): void
}

/** The window and the tray: what is seen of the host. */
export class PanelShell {
  readonly #deps: PanelShellDeps
  readonly #tray: HostTray
  readonly #apps = new Map<string, AppSummary>()
  #window: BrowserWindow | null = null

  constructor(deps: PanelShellDeps) {
    this.#deps = deps
    this.#tray = new HostTray({
      icon: deps.resources.trayIcon,
      openPanel: () => this.show(),
      openApp: deps.openApp,
      quit: deps.quit,
    })
    deps.host.changed = () => this.#updateTray()
    deps.host.announced = (event) => this.#onEvent(event)
    nativeTheme.on('updated', () =>
      this.#window?.setBackgroundColor(nativeTheme.shouldUseDarkColors ? '#141517' : '#ffffff'),
    )
  }

  get window(): BrowserWindow | null {
    return this.#window
  }

  /** Brings the panel to the front, making it if there is none. */
  show(): void {
    if (this.#window === null) {
      const { resources, preferences, quitting } = this.#deps
      this.#window = createPanelWindow({
        preload: resources.preload,
        icon: resources.icon,
        preferences,
        quitting,
        hidden: () => this.#tellAboutTray(),
      })
      this.#window.on('closed', () => {
        this.#window = null
      })
      return
    }
    if (this.#window.isMinimized()) this.#window.restore()
    this.#window.show()
    this.#window.focus()
  }

  navigate(to: string): void {
    this.show()
    this.#window?.webContents.send(CHANNELS.event, { type: 'navigate', to } satisfies PanelEvent)
  }

  dispose(): void {
    // Apps that end while the host does are news that nobody is left to see.
    this.#deps.host.announced = () => {}
    this.#deps.host.changed = () => {}
    this.#tray.dispose()
  }

  #tellAboutTray(): void {
    const { preferences, notify } = this.#deps
    if (preferences.values.toldAboutTray) return
    preferences.set({ toldAboutTray: true }).catch(() => {})
    notify(
      'Atek keeps running',
      this.#tray.exists
        ? 'Your apps stay available. Use the tray icon to come back or to quit.'
        : 'Your apps stay available. Start Atek again to come back; quit from its File menu.',
    )
  }

  #onEvent(event: RuntimeEvent): void {
    if (event.type === 'app-changed') {
      const before = this.#apps.get(event.app.key)
      this.#apps.set(event.app.key, event.app)
      const gaveUp = event.app.state === 'crashed' && event.app.crash?.nextTryAt === null
      if (gaveUp && before?.state !== 'crashed') {
        this.#deps.notify(`${event.app.title} has stopped`, event.app.crash?.reason ?? 'It crashed.')
      }
    } else if (event.type === 'app-removed') {
      this.#apps.delete(event.key)
    } else if (event.type !== 'host-changed') return
    this.#updateTray()
  }

  #updateTray(): void {
    const status = this.#deps.host.runtime?.status()
    const running = [...this.#apps.values()].filter((app) => app.state === 'running')
    this.#tray.update({
      status: status === undefined ? 'Not running' : `Running on :${status.port}`,
      running: running.map(({ key, title }) => ({ key, title })).sort((a, b) => a.title.localeCompare(b.title)),
    })
  }
}
