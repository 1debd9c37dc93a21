import { LIMITS } from '../contract/limits.ts'
import { maskPath } from '../core/mask.ts'
import { headerSet } from '../storage/traffic/filter-sql.ts'
import type { StoredDetails, StoredExchange } from '../storage/traffic/stored-exchange.ts'
import { type HeaderLines, maskedHeaders, maskedLines, unpackedHeaders } from './header-account.ts'
import { type RecordFields, readRecord, recordBytes, recordRoom } from './record-bytes.ts'

/** Frames of a WebSocket that are stored: the last ones. */
const STORED_FRAMES = 50

/**
 * Requests that are over on their way to the file, within the process: as they came, since masking costs more than all
 * the rest. `readBatch` masks them, where the store is.
 */
export interface WrittenBatch {
  /** Records one behind the other. */
  records: Uint8Array<ArrayBuffer>
  /** What became of the headers of each; null where there was no time to tell it. */
  lines: (HeaderLines | null)[] | null
}

/** Secrets are masked from here on: in none of what is stored is one (C51). @param batch a WrittenBatch */
export function readBatch(batch: unknown): StoredExchange[] {
  const { records, lines } = batch as WrittenBatch
  const room = recordRoom(records)
  const stored: StoredExchange[] = []
  for (let at = 0; at < records.length; at += recordBytes(room, at))
    stored.push(masked(readRecord(room, at), lines?.[stored.length] ?? null))
  return stored
}

function masked(record: RecordFields, lines: HeaderLines | null): StoredExchange {
  const { row } = record
  const requestHeaders = maskedHeaders(unpackedHeaders(record.requestHeaders))
  const answerHeaderLines = maskedLines(lines?.answer ?? [])
  const details: StoredDetails = {
    reason: record.reason,
    authHeaders: maskedLines(lines?.auth ?? []),
    requestHeaders,
    responseHeaders:
      answerHeaderLines.length === 0
        ? maskedHeaders(unpackedHeaders(record.answerHeaders))
        : answerHeaderLines.flatMap(({ name, received }) => (received === null ? [] : [[name, received]])),
    headerLines: maskedLines(lines?.request ?? []),
    answerHeaderLines,
    timing: record.timing,
    // What was in them is for the memory only.
    frames: record.frames.slice(-STORED_FRAMES).map((frame) => ({ ...frame, preview: null })),
    frameCounts: record.frameCounts,
  }
  return {
    row: { ...row, path: maskPath(row.path.slice(0, LIMITS.trafficHeaderBytes)) },
    headers: headerSet(requestHeaders.map(([name]) => name.toLowerCase())),
    details: JSON.stringify(details),
  }
}
