import { BrowserWindow, nativeTheme, screen } from 'electron'
import type { PreferencesFile } from '../preferences.ts'
import { PANEL_ORIGIN } from '../security/panel-file.ts'

const FIRST_SIZE = { width: 1200, height: 780 }
const LEAST_SIZE = { minWidth: 900, minHeight: 600 }

export interface PanelWindowDeps {
  preload: string
  icon: string
  preferences: PreferencesFile
  /** True while the whole app is quitting: then a closed window is really closed. */
  quitting(): boolean
  /** Called when closing only hid the window. */
  hidden(): void
}

/** The control panel's window. Sandboxed, isolated, without Node (Electron security checklist, 2–4). */
export function createPanelWindow(deps: PanelWindowDeps): BrowserWindow {
  const { preferences } = deps
  const window = new BrowserWindow({
    ...FIRST_SIZE,
    ...visiblePlace(preferences.values.window),
    ...LEAST_SIZE,
    title: 'Atek',
    icon: deps.icon,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#141517' : '#ffffff',
    autoHideMenuBar: true,
    webPreferences: {
      preload: deps.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  })
  if (preferences.values.window?.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', (event) => {
    const { x, y, width, height } = window.getNormalBounds()
    preferences.set({ window: { x, y, width, height, maximized: window.isMaximized() } }).catch(() => {})
    if (deps.quitting()) return
    event.preventDefault()
    window.hide()
    deps.hidden()
  })
  // The page's own title would replace the window's.
  window.on('page-title-updated', (event) => event.preventDefault())
  void window.loadURL(`${PANEL_ORIGIN}/index.html`)
  return window
}

/** The remembered place, if a screen still shows it: a window on a display that is gone could not be reached. */
function visiblePlace(place: PreferencesFile['values']['window']) {
  if (place === null) return {}
  const { width, height, x, y } = place
  if (x === undefined || y === undefined) return { width, height }
  const seen = screen.getAllDisplays().some(({ workArea }) => {
    const right = workArea.x + workArea.width
    const bottom = workArea.y + workArea.height
    return x + 100 > workArea.x && x + 100 < right && y >= workArea.y && y + 50 < bottom
  })
  return seen ? { width, height, x, y } : { width, height }
}
