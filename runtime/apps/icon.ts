import { open } from 'node:fs/promises'
import { extname } from 'node:path'
import { LIMITS } from '../contract/limits.ts'
import type { Manifest } from '../contract/manifest.ts'
import { containedPath, OPEN_WITHOUT_WAITING } from '../core/contained-path.ts'
import type { AppRecord } from '../storage/apps-table.ts'

/** Only what an <img> shows without running anything: scripts in an SVG stay inert there (A29). */
const TYPES: Record<string, string> = { '.svg': 'image/svg+xml', '.png': 'image/png' }
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** The icon that a manifest names as a `data:` URL; null when there is none, or it leaves the package, or is no icon. */
export async function readIcon(packageFolder: string, manifest: Manifest): Promise<string | null> {
  if (manifest.icon === undefined) return null
  const type = TYPES[extname(manifest.icon).toLowerCase()]
  if (type === undefined) return null
  try {
    const path = await containedPath(packageFolder, manifest.icon)
    const file = await open(path, OPEN_WITHOUT_WAITING)
    try {
      const { size } = await file.stat()
      if (size === 0 || size > LIMITS.iconBytes) return null
      const bytes = await file.readFile()
      const fits = type === 'image/png' ? bytes.subarray(0, 8).equals(PNG) : /<svg[\s>]/.test(bytes.toString('utf8'))
      return fits ? `data:${type};base64,${bytes.toString('base64')}` : null
    } finally {
      await file.close()
    }
  } catch {
    // An icon is decoration: an app without one gets its letter.
    return null
  }
}

/** Icons of installed apps, read when an app is installed or started and at the host's start. */
export class IconCache {
  readonly #icons = new Map<string, string>()

  get(key: string): string | null {
    return this.#icons.get(key) ?? null
  }

  async load(record: AppRecord): Promise<void> {
    const icon = await readIcon(record.packageFolder, record.manifest)
    if (icon === null) this.#icons.delete(record.key)
    else this.#icons.set(record.key, icon)
  }

  delete(key: string): void {
    this.#icons.delete(key)
  }
}
