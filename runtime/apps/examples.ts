import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExampleInfo } from '../contract/models.ts'
import type { Logger } from '../core/logger.ts'
import { readIcon } from './icon.ts'
import { readPackage } from './manifest.ts'

/** What ships as examples. A folder that is no app is left out and reported to the log. */
export async function readExamples(folder: string, logger: Logger): Promise<ExampleInfo[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    logger.warn('the examples cannot be read', { folder, error })
    return []
  })
  const found: ExampleInfo[] = []
  for (const entry of entries.filter((item) => item.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    try {
      const { manifest, title } = await readPackage(path)
      found.push({
        name: entry.name,
        title,
        description: manifest.description ?? '',
        icon: await readIcon(path, manifest),
        sourceUrl: `example:${entry.name}`,
      })
    } catch (error) {
      logger.warn('an example is no app', { path, error })
    }
  }
  return found
}
