import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { app } from 'electron'
import { atomicWrite } from '../runtime/index.ts'

/** Starting at login: the system's own setting on macOS and Windows, an autostart entry on Linux. */
export interface LoginItem {
  readonly available: boolean
  isOn(): boolean
  set(on: boolean): Promise<void>
}

export function loginItem(): LoginItem {
  // In development the executable is the toolchain's, and would start without the project.
  if (!app.isPackaged) return { available: false, isOn: () => false, set: async () => {} }
  if (process.platform === 'linux') return linuxLoginItem()
  return {
    available: true,
    isOn: () => app.getLoginItemSettings().openAtLogin,
    set: async (on) => app.setLoginItemSettings({ openAtLogin: on }),
  }
}

/** freedesktop.org Desktop Application Autostart Specification. */
function linuxLoginItem(): LoginItem {
  const config = process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config')
  const file = join(config, 'autostart', 'atek-desktop.desktop')
  // An AppImage runs from a mount that changes at each start; the variable names the file itself.
  const executable = process.env.APPIMAGE ?? process.execPath
  return {
    available: true,
    isOn: () => existsSync(file),
    async set(on) {
      if (!on) return rm(file, { force: true })
      await mkdir(dirname(file), { recursive: true })
      await atomicWrite(
        file,
        [
          '[Desktop Entry]',
          'Type=Application',
          'Name=Atek',
          `Exec=${quoteExec(executable)}`,
          'Terminal=false',
          '',
        ].join('\n'),
      )
    },
  }
}

/** Quoting of the Exec key: double quotes, with the specification's reserved characters escaped, % doubled. */
export function quoteExec(path: string): string {
  return `"${path.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`
}
