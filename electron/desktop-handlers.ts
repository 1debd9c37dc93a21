import { writeFile } from 'node:fs/promises'
import { type BrowserWindow, clipboard, dialog, nativeTheme, shell } from 'electron'
import { AppError } from '../runtime/contract/errors.ts'
import type { TrafficExport } from '../runtime/contract/traffic.ts'
import type { Host } from './host.ts'
import type { Preferences } from './ipc/contract.ts'
import type { DesktopHandlers } from './ipc/register.ts'
import type { LoginItem } from './login-item.ts'
import type { PreferencesFile } from './preferences.ts'
import { mayOpenExternally } from './security/external-links.ts'

export interface DesktopDeps {
  host: Host
  preferences: PreferencesFile
  loginItem: LoginItem
  window(): BrowserWindow | null
  quit(): void
}

/** The methods that only a desktop has. */
export function desktopHandlers(deps: DesktopDeps): DesktopHandlers {
  const { host, preferences, loginItem } = deps
  const current = (): Preferences => ({
    theme: preferences.values.theme,
    startAtLogin: loginItem.isOn(),
    canStartAtLogin: loginItem.available,
  })
  return {
    'panel.info': () => host.info(),
    'panel.createFirstUser': (input) => host.createFirstUser(input),
    'panel.signIn': (input) => host.signIn(input),
    'panel.signOut': () => host.signOut(),
    'desktop.preferences': current,
    'desktop.setPreferences': async ({ theme, startAtLogin }) => {
      if (theme !== undefined) {
        nativeTheme.themeSource = theme
        await preferences.set({ theme })
      }
      if (startAtLogin !== undefined) await loginItem.set(startAtLogin)
      return current()
    },
    'desktop.pickFolder': async () => {
      const window = deps.window()
      const options = { title: 'Choose the app’s folder', properties: ['openDirectory' as const] }
      const { filePaths } = await (window === null
        ? dialog.showOpenDialog(options)
        : dialog.showOpenDialog(window, options))
      return filePaths[0] ?? null
    },
    'desktop.openApp': ({ key, path }) => openApp(host, key, path),
    'desktop.copyText': ({ text }) => clipboard.writeText(text),
    'desktop.exportTraffic': async (input) => {
      // Asked for first: who may not export is told so before a file is chosen.
      const { text, entries, truncated } = (await host.control('traffic.exportHar', input)) as TrafficExport
      const path = await chooseFile(deps.window(), `atek-requests-${fileTime(new Date())}.har`)
      if (path === null) return null
      try {
        // Even a masked record says who visited what: nobody else's to read.
        await writeFile(path, text, { mode: 0o600 })
      } catch (error) {
        throw new AppError('BAD_INPUT', 'The file could not be written there. Choose another folder.', undefined, {
          cause: error,
        })
      }
      return { path, entries, truncated }
    },
    'panel.takeTraffic': ({ watch }) => host.takeTraffic(watch),
    'desktop.quit': () => deps.quit(),
  }
}

async function chooseFile(window: BrowserWindow | null, name: string): Promise<string | null> {
  const options = {
    title: 'Export requests',
    defaultPath: name,
    filters: [{ name: 'HTTP archive', extensions: ['har'] }],
  }
  const chosen = await (window === null ? dialog.showSaveDialog(options) : dialog.showSaveDialog(window, options))
  return chosen.canceled || chosen.filePath === '' ? null : chosen.filePath
}

/** "2026-03-01-1405": no colons, which Windows does not take in a name. */
function fileTime(now: Date): string {
  return now.toISOString().slice(0, 16).replace('T', '-').replace(':', '')
}

/** Opens an app in the system browser with a one-time ticket (C15), for the person who is signed in to the panel. */
export async function openApp(host: Host, key: string, path?: string): Promise<void> {
  const { url } = (await host.control('apps.openAddress', path === undefined ? { key } : { key, path })) as {
    url: string
  }
  const status = host.runtime?.status()
  if (status === undefined || !mayOpenExternally(url, status)) {
    throw new AppError('FORBIDDEN', 'This address is not one of the host’s own.')
  }
  await shell.openExternal(url)
}
