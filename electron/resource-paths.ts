import { join } from 'node:path'
import { app } from 'electron'

export interface ResourcePaths {
  preload: string
  renderer: string
  pages: string
  trafficWorker: string
  examples: string
  icon: string
  trayIcon: string
}

/** Where built files are. What other programs read (examples run as apps) is not in the archive. */
export function resourcePaths(): ResourcePaths {
  const out = join(app.getAppPath(), 'out')
  const outside = app.isPackaged ? process.resourcesPath : out
  const icons = app.isPackaged ? join(process.resourcesPath, 'icons') : join(app.getAppPath(), 'resources', 'icons')
  return {
    preload: join(out, 'preload', 'preload.cjs'),
    renderer: join(out, 'renderer'),
    pages: join(out, 'web', 'pages.js'),
    trafficWorker: join(out, 'runtime', 'traffic-worker.js'),
    examples: join(outside, 'examples'),
    icon: join(icons, 'icon.png'),
    trayIcon: join(icons, process.platform === 'darwin' ? 'trayTemplate.png' : 'tray.png'),
  }
}
