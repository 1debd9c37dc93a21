import { z } from 'zod'
import { FILTER_LENGTH } from './filter/fields.ts'
import { LIMITS } from './limits.ts'
import type { TrafficRow } from './models.ts'
import { keySchema } from './schemas.ts'

/**
 * What the live view asks of the record of requests. Everything here holds for what a person may see anyway: an
 * administrator all of it, others what they called themselves and what was called in their apps.
 */

const seq = z.number().int().positive()
const bySeq = z.strictObject({ seq })
const filterText = z.string().max(FILTER_LENGTH)
const range = z.enum(['minutes', 'days'])

export const TRAFFIC_INPUT = {
  search: z.strictObject({
    /** In the filter language (contract/filter); empty for everything. BAD_INPUT when it cannot be read. */
    filter: filterText.default(''),
    /** Rows with a lower number only: `next` of the page before. */
    before: seq.optional(),
    /** Rows with a higher number only, to follow what comes in. */
    after: z.number().int().nonnegative().optional(),
    appKey: keySchema.optional(),
    limit: z.number().int().min(1).max(2000).default(200),
  }),
  bySeq,
  body: z.strictObject({ seq, side: z.enum(['request', 'response']) }),
  stats: z.strictObject({ range, appKey: keySchema.optional() }),
  graph: z.strictObject({ range }),
  exportHar: z.strictObject({
    /** Which requests: by number, or the newest that a filter lets through. */
    seqs: z.array(seq).max(LIMITS.harEntries).optional(),
    filter: filterText.optional(),
    appKey: keySchema.optional(),
    /** False, for administrators only and audited: with secrets, as far as they are still in memory. */
    masked: z.boolean().default(true),
  }),
  curl: z.strictObject({ seq, masked: z.boolean().default(true) }),
  replay: z.strictObject({
    seq,
    /** As somebody else than oneself, for administrators: a user, or an app calling the gateway. */
    as: z.union([z.strictObject({ user: keySchema }), z.strictObject({ app: keySchema })]).optional(),
    /** Must be true for anything but GET, HEAD and OPTIONS: the app may do again what it did then. */
    confirm: z.boolean().default(false),
  }),
  setCapture: z.strictObject({ appKey: keySchema, bodies: z.boolean() }),
  setCaptureLimit: z.strictObject({ bytes: z.number().int().min(1024).max(LIMITS.trafficBodyBytesMost) }),
  saveFilter: z.strictObject({ name: z.string().trim().min(1, 'Enter a name.').max(100), filter: filterText }),
  deleteFilter: z.strictObject({ name: z.string().max(100) }),
} as const

/** The newest matching rows, oldest first. */
export interface TrafficSearchPage {
  rows: TrafficRow[]
  /**
   * For `before` of the next page; null when there is nothing older. A search ends at its time limit, too: a page that
   * is not full, or empty, with a `next` says that it looked back as far as that row, and one may ask on.
   */
  next: number | null
  /** How many match: counted as far as the search went. */
  total: { count: number; exact: boolean }
  tookMs: number
}

/** What became of every request since the host started: made = open + waiting + stored + lost. */
export interface TrafficCounts {
  made: number
  /** Under way. */
  open: number
  /** Ended, and not written to the disk yet. */
  waiting: number
  stored: number
  /** Ended, and not stored: they came faster than the disk took them, or it took none. */
  lost: number
  /** Rows in memory, and those that left it since the start or the last clear; they are still stored. */
  inMemory: number
  leftMemory: number
  /** On the disk, of earlier runs too. */
  onDisk: { rows: number; bytes: number; oldestAt: number | null }
  /** Why nothing is stored, as a sentence; null while all is well. */
  problem: string | null
}

/** A request and what it set off, as far as one may see it: rows by number, joined by their `cause`. */
export interface TrafficChain {
  rows: TrafficRow[]
  /** More than these belong to it. */
  truncated: boolean
}

/** What was kept of a body, decoded for reading. Exactly one of `text` and `base64` is set. */
export interface TrafficBody {
  /** Content-Type without parameters, lower case; null when the message did not say. */
  type: string | null
  /** As it went over the wire. */
  bytes: number
  /** What `text` or `base64` stand for; less than all of it where `truncated`. */
  shownBytes: number
  truncated: boolean
  /** Content-Encoding that was undone for the preview, or could not be: see `problem`. */
  encoding: string | null
  problem: string | null
  text: string | null
  base64: string | null
}

/** Secrets of a request that is still in memory. The host's own never come back, not even here. */
export interface TrafficSecrets {
  path: string
  requestHeaders: [name: string, value: string][]
  responseHeaders: [name: string, value: string][]
}

/** One value a span, oldest first; null where there was no request. Durations in milliseconds, within 5 %. */
export interface TrafficSeries {
  appKey: string
  appId: string
  requestsPerSecond: number[]
  errorsPerSecond: number[]
  p50: (number | null)[]
  p99: (number | null)[]
}

export interface TrafficStats {
  /** When the first span begins. */
  from: number
  spanMs: number
  spans: number
  apps: TrafficSeries[]
}

/** `people` stands for every person, `host` for the host's own APIs; apps by their key. */
export interface TrafficGraphNode {
  id: string
  kind: 'people' | 'host' | 'app'
  /** The app's ID, as last seen. */
  label: string
}

export interface TrafficGraphEdge {
  from: string
  to: string
  /** null for requests to an app's own address. */
  api: string | null
  requests: number
  errors: number
  /** Median and 99th percentile of their duration. */
  p50: number | null
  p99: number | null
}

export interface TrafficGraph {
  /** Counted since. */
  from: number
  nodes: TrafficGraphNode[]
  edges: TrafficGraphEdge[]
}

export interface TrafficExport {
  /** HAR 1.2 as JSON. */
  text: string
  entries: number
  /** More matched than one file takes (LIMITS.harEntries). */
  truncated: boolean
}

export interface TrafficReplay {
  /** The replay's own row. */
  seq: number
  status: number
}

export interface TrafficCapture {
  /** Apps whose bodies are kept. */
  apps: string[]
  /** Of one message, of all together, and held now. */
  limitBytes: number
  totalBytes: number
  heldBytes: number
}

export interface SavedFilter {
  name: string
  filter: string
}
