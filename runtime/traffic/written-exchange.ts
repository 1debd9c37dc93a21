import { LIMITS } from '../contract/limits.ts'
import type { AuthHeaderLine, TrafficDetails, TrafficRow } from '../contract/models.ts'
import { maskPath } from '../core/mask.ts'
import { headerSet } from '../storage/traffic/filter-sql.ts'
import type { StoredDetails, StoredExchange } from '../storage/traffic/stored-exchange.ts'
import { maskedHeaders, maskedLines, unpackedHeaders } from './header-account.ts'

/** What became of the headers, line by line, secrets and all. */
export interface WrittenLines {
  auth: AuthHeaderLine[]
  request: AuthHeaderLine[]
  answer: AuthHeaderLine[]
}

/**
 * A request that is over on its way to the file, within the process: as it came, since masking costs more than all the
 * rest. `readBatch` masks it, where the store is.
 */
export interface WrittenExchange extends Pick<TrafficDetails, 'reason' | 'timing' | 'frames' | 'frameCounts'> {
  row: TrafficRow
  /** Packed (packedHeaders). */
  request: string
  answer: string
  /** null where there was no time to tell them. */
  lines: WrittenLines | null
}

/** @param texts of WrittenExchanges, each as JSON */
export function joinBatch(texts: readonly string[]): string {
  return `[${texts.join(',')}]`
}

/** Secrets are masked from here on: in none of what is stored is one (C51). */
export function readBatch(text: string): StoredExchange[] {
  return (JSON.parse(text) as WrittenExchange[]).map(masked)
}

function masked(written: WrittenExchange): StoredExchange {
  const { lines } = written
  const requestHeaders = maskedHeaders(unpackedHeaders(written.request))
  const answerHeaderLines = maskedLines(lines?.answer ?? [])
  const details: StoredDetails = {
    reason: written.reason,
    authHeaders: maskedLines(lines?.auth ?? []),
    requestHeaders,
    responseHeaders:
      answerHeaderLines.length === 0
        ? maskedHeaders(unpackedHeaders(written.answer))
        : answerHeaderLines.flatMap(({ name, received }) => (received === null ? [] : [[name, received]])),
    headerLines: maskedLines(lines?.request ?? []),
    answerHeaderLines,
    timing: written.timing,
    // What was in them is for the memory only.
    frames: written.frames.map((frame) => ({ ...frame, preview: null })),
    frameCounts: written.frameCounts,
  }
  return {
    row: { ...written.row, path: maskPath(written.row.path.slice(0, LIMITS.trafficHeaderBytes)) },
    headers: headerSet(requestHeaders.map(([name]) => name.toLowerCase())),
    details: JSON.stringify(details),
  }
}
