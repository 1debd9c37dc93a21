import { join } from 'node:path'
import { app, Notification, nativeTheme, session } from 'electron'
import { createLogger } from '../runtime/index.ts'
import { desktopHandlers, openApp } from './desktop-handlers.ts'
import { Host } from './host.ts'
import { CHANNELS, type PanelEvent } from './ipc/contract.ts'
import { registerIpc } from './ipc/register.ts'
import { logFileWriter } from './log-file.ts'
import { loginItem } from './login-item.ts'
import { PreferencesFile } from './preferences.ts'
import { resourcePaths } from './resource-paths.ts'
import { openSecretStore } from './secrets/keychain.ts'
import { guardAllContents, guardSession } from './security/guards.ts'
import { declarePanelScheme, servePanel } from './security/scheme.ts'
import { setApplicationMenu } from './windows/menu.ts'
import { PanelShell } from './windows/panel-shell.ts'

// Start-up order. What must happen before the app is ready stands before the first await.
declarePanelScheme()
guardAllContents()
app.setName('Atek')
// The same folder whatever the app is called, and the one that the headless host takes too.
if (!app.commandLine.hasSwitch('user-data-dir')) app.setPath('userData', join(app.getPath('appData'), 'atek-desktop'))

if (!app.requestSingleInstanceLock()) {
  // The first one is told by its 'second-instance' event and comes to the front.
  app.exit(0)
} else {
  // Not awaited: Electron becomes ready only after this module has been evaluated.
  void start().catch(fail)
}

async function start(): Promise<void> {
  const userData = app.getPath('userData')
  const configFolder = process.env.ATEK_CONFIG_DIR ?? join(userData, 'host')
  const write = logFileWriter(join(userData, 'logs', 'main.log'))
  const logger = createLogger(write)
  process.on('uncaughtException', (error) => logger.error('uncaught', { error }))
  process.on('unhandledRejection', (error) => logger.error('unhandled', { error }))

  const preferences = await PreferencesFile.open(join(userData, 'preferences.json'))
  const resources = resourcePaths()
  await app.whenReady()
  nativeTheme.themeSource = preferences.values.theme
  guardSession(session.defaultSession)
  servePanel(resources.renderer)

  const host = new Host({
    runtime: {
      configFolder,
      version: app.getVersion(),
      panelClient: `Atek on ${systemName()}`,
      examplesFolder: resources.examples,
      pagesFile: resources.pages,
      trafficWorkerFile: resources.trafficWorker,
      // A laptop has no Node: apps run on ours.
      node: { execPath: process.execPath, env: { ELECTRON_RUN_AS_NODE: '1' } },
    },
    openSecrets: () => openSecretStore(join(userData, 'secrets.json'), logger),
    logger,
    lastUsername: () => preferences.values.lastUsername,
    rememberUsername: (lastUsername) => void preferences.set({ lastUsername }),
  })

  let quitting = false
  const quit = () => app.quit()
  const shell = new PanelShell({
    host,
    preferences,
    resources,
    quitting: () => quitting,
    openApp: (key) => openApp(host, key).catch((error) => logger.warn('an app could not be opened', { error })),
    notify: (title, body) => Notification.isSupported() && new Notification({ title, body }).show(),
    quit,
  })
  host.send = (event: PanelEvent) => shell.window?.webContents.send(CHANNELS.event, event)

  registerIpc({
    panel: () => shell.window?.webContents ?? null,
    control: (method, input) => host.control(method, input),
    desktop: desktopHandlers({
      host,
      preferences,
      loginItem: loginItem(),
      window: () => shell.window,
      quit,
    }),
    logger,
  })
  setApplicationMenu({ navigate: (to) => shell.navigate(to), quit })

  app.on('second-instance', () => shell.show())
  app.on('activate', () => shell.show())
  // The host goes on in the tray.
  app.on('window-all-closed', () => {})
  app.on('before-quit', () => {
    quitting = true
  })
  app.on('will-quit', (event) => {
    event.preventDefault()
    shell.dispose()
    host.stop().finally(() => app.exit(0))
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit)

  shell.show()
  await host.start()
}

/** Nothing could be shown: the reason goes to the terminal, and no half-started host stays. */
function fail(error: unknown): void {
  console.error(error)
  app.exit(1)
}

function systemName(): string {
  return { darwin: 'macOS', win32: 'Windows' }[process.platform as string] ?? 'Linux'
}
