import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron'

export interface TrayApp {
  key: string
  title: string
}

export interface TrayDeps {
  icon: string
  openPanel(): void
  openApp(key: string): void
  quit(): void
}

/** What the tray shows; null while the host is not there. */
export interface TrayState {
  status: string
  running: TrayApp[]
}

/** The host's presence while its window is closed: its state, the running apps, and the way out. */
export class HostTray {
  readonly #deps: TrayDeps
  readonly #tray: Tray | null
  #shown = ''

  constructor(deps: TrayDeps) {
    this.#deps = deps
    this.#tray = createTray(deps.icon)
    this.#tray?.on('click', () => deps.openPanel())
    this.update({ status: 'Starting', running: [] })
  }

  /** False where the desktop has no tray: then a second start of the app brings the window back. */
  get exists(): boolean {
    return this.#tray !== null
  }

  update(state: TrayState): void {
    const text = JSON.stringify(state)
    if (this.#tray === null || text === this.#shown) return
    this.#shown = text
    this.#tray.setToolTip(`Atek: ${state.status}`)
    this.#tray.setContextMenu(Menu.buildFromTemplate(trayMenu(state, this.#deps)))
  }

  dispose(): void {
    this.#tray?.destroy()
  }
}

export function trayMenu(state: TrayState, deps: Omit<TrayDeps, 'icon'>): MenuItemConstructorOptions[] {
  const apps = state.running.map((app) => ({ label: app.title, click: () => deps.openApp(app.key) }))
  return [
    { label: state.status, enabled: false },
    { type: 'separator' },
    ...(apps.length > 0 ? apps : [{ label: 'No app is running', enabled: false }]),
    { type: 'separator' },
    { label: 'Open Atek', click: () => deps.openPanel() },
    { label: 'Quit', click: () => deps.quit() },
  ]
}

function createTray(icon: string): Tray | null {
  try {
    const image = nativeImage.createFromPath(icon)
    if (process.platform === 'darwin') image.setTemplateImage(true)
    return new Tray(image)
  } catch {
    return null
  }
}
