import type { AppRecord } from '../storage/apps-table.ts'

/** What an app is called on every screen and page: by its manifest, else its package, else its ID. */
export function appTitle({ manifest, packageMeta, id }: AppRecord): string {
  return manifest.title ?? manifest.name ?? packageMeta.name ?? id
}
