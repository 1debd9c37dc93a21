import type { SourceType } from '../../contract/models.ts'

/** What fetching a source needs. */
export interface FetchContext {
  /** A folder of its own; what is fetched goes into `<staging>/package`. */
  staging: string
  signal: AbortSignal
  progress(message: string): void
  examplesFolder: string
  /** Another registry than npm's own default. */
  npmRegistry: string | undefined
}

/** A package on this disk, not looked at yet. */
export interface Fetched {
  folder: string
  /** The address as it is kept. */
  sourceUrl: string
  sourceType: SourceType
  desiredVersion: string | null
  /** From the tag or the registry; null where only package.json knows it. */
  version: string | null
  /** False for a folder that is run in place and never touched. */
  copied: boolean
  /** What the person should know before it is installed. */
  warnings?: string[]
}
