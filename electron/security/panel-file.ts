import { join, normalize, sep } from 'node:path'

/**
 * The panel is served from a scheme of its own and not from file://, whose pages may read any file and share one
 * origin with every other (Electron security checklist, 18).
 */
export const PANEL_ORIGIN = 'atek://panel'

/** The file that an address of the panel means, or null when it is not one or leaves the folder (C45). */
export function panelFile(folder: string, address: string): string | null {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return null
  }
  if (`${url.protocol}//${url.host}` !== PANEL_ORIGIN) return null
  let path: string
  try {
    path = decodeURIComponent(url.pathname)
  } catch {
    return null
  }
  if (path.includes('\0') || path.includes('\\')) return null
  const file = normalize(join(folder, path === '/' ? 'index.html' : path))
  return file.startsWith(folder + sep) ? file : null
}
