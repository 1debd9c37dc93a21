import { z } from 'zod'
import type { ErrorCode } from '../../contract/errors.ts'
import { ERRORS } from '../../contract/errors.ts'
import type { TrafficDetails, TrafficRow } from '../../contract/models.ts'
import type { Names } from './names.ts'

/** An exchange that is over, as it is handed over to be stored: secrets masked already (C51). */
export interface StoredExchange {
  row: TrafficRow
  /** See headerSet. */
  headers: string
  /** StoredDetails as JSON. */
  details: string
}

export type StoredDetails = Pick<
  TrafficDetails,
  | 'reason'
  | 'authHeaders'
  | 'requestHeaders'
  | 'responseHeaders'
  | 'headerLines'
  | 'answerHeaderLines'
  | 'timing'
  | 'frames'
  | 'frameCounts'
>

/** A longer path would make every search slower; the beginning tells what it was. */
const PATH_LENGTH = 4096

const KINDS = ['http', 'websocket', 'gateway'] as const

export const COLUMNS = [
  'seq',
  'at',
  'kind',
  'app_key',
  'app_id',
  'user_key',
  'username',
  'service_key',
  'service_id',
  'method',
  'path',
  'status',
  'aborted',
  'duration',
  'bytes_in',
  'bytes_out',
  'refused',
  'rpc_api',
  'rpc_method',
  'cause',
  'cause_sure',
  'replay_of',
  'headers',
] as const

/** The values of COLUMNS. */
export function toColumns({ row, headers }: StoredExchange, names: Names): (string | number | null)[] {
  const id = (text: string | null | undefined) => (text === null || text === undefined ? null : names.id(text))
  const { caller, path } = row
  return [
    row.seq,
    row.at,
    KINDS.indexOf(row.kind),
    id(row.appKey),
    names.id(row.appId),
    id(caller?.userKey),
    id(caller?.username),
    id(caller?.serviceKey),
    id(caller?.serviceId),
    names.id(row.method),
    path.length > PATH_LENGTH ? `${path.slice(0, PATH_LENGTH)}…` : path,
    row.status,
    row.state === 'aborted' ? 1 : 0,
    row.durationMs,
    row.bytesIn,
    row.bytesOut,
    id(row.refused),
    id(row.rpcApi),
    id(row.rpcMethod),
    row.cause?.seq ?? null,
    row.cause?.sure ? 1 : 0,
    row.replayOf,
    names.id(headers),
  ]
}

/** What SQLite's STRICT tables hold for these columns; a file that says otherwise is damaged. */
interface Columns {
  seq: number
  at: number
  kind: number
  app_key: number | null
  app_id: number
  user_key: number | null
  username: number | null
  service_key: number | null
  service_id: number | null
  method: number
  path: string
  status: number | null
  aborted: number
  duration: number | null
  bytes_in: number
  bytes_out: number
  refused: number | null
  rpc_api: number | null
  rpc_method: number | null
  cause: number | null
  cause_sure: number
  replay_of: number | null
}

/** A row as it was stored. Types are kept by the STRICT table; what they mean is checked here. */
export function fromColumns(columns: unknown, names: Names): TrafficRow {
  const c = columns as Columns
  const text = (id: number | null) => (id === null ? null : names.text(id))
  const userKey = text(c.user_key)
  return {
    seq: c.seq,
    at: c.at,
    kind: KINDS[c.kind] ?? 'http',
    appKey: text(c.app_key),
    appId: names.text(c.app_id),
    caller:
      userKey === null
        ? null
        : { userKey, username: text(c.username), serviceKey: text(c.service_key), serviceId: text(c.service_id) },
    method: names.text(c.method),
    path: c.path,
    status: c.status,
    state: c.aborted === 1 ? 'aborted' : 'done',
    durationMs: c.duration,
    bytesIn: c.bytes_in,
    bytesOut: c.bytes_out,
    refused: errorCode(text(c.refused)),
    rpcApi: text(c.rpc_api),
    rpcMethod: text(c.rpc_method),
    cause: c.cause === null ? null : { seq: c.cause, sure: c.cause_sure === 1 },
    replayOf: c.replay_of,
  }
}

/** A code that a later version brought is still a refusal. */
function errorCode(code: string | null): ErrorCode | null {
  return code === null ? null : Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'INTERNAL'
}

const pairs = z.array(z.tuple([z.string(), z.string()]))
const lines = z.array(
  z.object({
    name: z.string(),
    sent: z.string().nullable(),
    received: z.string().nullable(),
    action: z.enum(['stripped', 'injected', 'replaced', 'kept']),
    reason: z.string(),
    label: z.string().nullable(),
  }),
)
const time = z.number().nullable()

const detailsSchema = z.object({
  reason: z.string().nullable(),
  authHeaders: lines,
  requestHeaders: pairs,
  responseHeaders: pairs,
  headerLines: lines,
  answerHeaderLines: lines,
  timing: z.object({ callerMs: time, forwardedMs: time, headMs: time, endMs: time }),
  frames: z.array(
    z.object({
      at: z.number(),
      direction: z.enum(['in', 'out']),
      opcode: z.enum(['text', 'binary', 'continuation', 'ping', 'pong', 'close', 'unknown']),
      bytes: z.number(),
      preview: z.string().nullable(),
      closeCode: z.number().nullable(),
    }),
  ),
  frameCounts: z.object({ in: z.number(), out: z.number() }).nullable(),
})

const NO_DETAILS: StoredDetails = {
  reason: null,
  authHeaders: [],
  requestHeaders: [],
  responseHeaders: [],
  headerLines: [],
  answerHeaderLines: [],
  timing: { callerMs: null, forwardedMs: null, headMs: null, endMs: null },
  frames: [],
  frameCounts: null,
}

/** Details that cannot be read are missing, and their row is still there. */
export function readDetails(json: string | undefined): StoredDetails {
  if (json === undefined) return NO_DETAILS
  try {
    const parsed = detailsSchema.safeParse(JSON.parse(json))
    return parsed.success ? parsed.data : NO_DETAILS
  } catch {
    return NO_DETAILS
  }
}
