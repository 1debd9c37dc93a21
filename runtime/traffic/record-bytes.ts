import type { ErrorCode } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { TrafficDetails, TrafficRow, WebSocketFrame } from '../contract/models.ts'
import { milliseconds, NEVER, timingOf } from './held-exchange.ts'

/**
 * A request that is over, as bytes. As objects, the record's rows would be what the garbage collector is busy with: it
 * moves each of them twice before it leaves it alone, and a request waits meanwhile. It never looks into bytes, they go
 * to another thread as they are, and they take the room that they take.
 *
 * Numbers first (ten of eight bytes, then those of four), then what is latin1 (all that HTTP has), then what may be
 * any text, which is nearly always latin1, too, and goes into the same write then. Lengths tell where each text ends, so
 * that nothing that is in one of them can end it.
 */
export interface RecordFields {
  /** Its path is as it came, secrets and all. */
  row: TrafficRow
  reason: string | null
  /** What its RequestAccount noted. */
  own: string
  /** Packed (packedHeaders). */
  requestHeaders: string
  answerHeaders: string
  timing: TrafficDetails['timing']
  frames: WebSocketFrame[]
  frameCounts: TrafficDetails['frameCounts']
}

/** What is written: of the row what it is, and times in microseconds since the beginning; over once there is an end. */
export class RecordSource {
  seq = 0
  at = 0
  kind: TrafficRow['kind'] = 'http'
  method = ''
  path = ''
  appKey: string | null = null
  appId = ''
  caller: TrafficRow['caller'] = null
  status: number | null = null
  aborted = false
  bytesIn = 0
  bytesOut = 0
  refused: ErrorCode | null = null
  reason: string | null = null
  rpcApi: string | null = null
  rpcMethod: string | null = null
  cause: TrafficRow['cause'] = null
  replayOf: number | null = null
  own = ''
  requestHeaders = ''
  answerHeaders = ''
  callerTime = NEVER
  forwardedTime = NEVER
  headTime = NEVER
  endTime = NEVER
  /** Frames of a WebSocket and their counts as JSON; empty without. */
  frames = ''

  get durationMs(): number | null {
    return milliseconds(this.endTime)
  }
}

/** As a row, its path as it came, secrets and all. */
export function rowOf(source: Readonly<RecordSource>): TrafficRow {
  const { seq, at, kind, appKey, caller, status, bytesIn, bytesOut, refused, rpcApi, rpcMethod, cause } = source
  return {
    seq,
    at,
    kind,
    appKey,
    appId: source.appId.slice(0, LIMITS.appIdLength),
    caller,
    method: source.method.slice(0, 32),
    path: source.path,
    status,
    state: source.endTime === NEVER ? 'open' : source.aborted ? 'aborted' : 'done',
    durationMs: source.durationMs,
    bytesIn,
    bytesOut,
    refused,
    rpcApi,
    rpcMethod,
    cause,
    replayOf: source.replayOf,
  }
}

/** Room that records are written to: the same bytes as numbers of both sizes. */
export interface RecordRoom {
  readonly bytes: Buffer
  readonly doubles: Float64Array
  readonly words: Uint32Array
}

export function recordRoom(bytes: Uint8Array): RecordRoom {
  const { buffer, byteOffset, byteLength } = bytes
  return {
    bytes: Buffer.from(buffer, byteOffset, byteLength),
    doubles: new Float64Array(buffer, byteOffset, Math.floor(byteLength / 8)),
    words: new Uint32Array(buffer, byteOffset, Math.floor(byteLength / 4)),
  }
}

/** Where the numbers are, from the beginning of a record: eight bytes each, and then four each. */
const SEQ = 0
const AT = 1
const BYTES_IN = 2
const BYTES_OUT = 3
const CAUSE = 4
const REPLAY_OF = 5
const CALLER_TIME = 6
const FORWARDED_TIME = 7
const HEAD_TIME = 8
const END_TIME = 9
const SIZE = 20
const FLAGS = 21
const STATUS = 22
const LENGTHS = 23
/** Texts of latin1, and those that may be any. */
const NARROW = 11
const WIDE = 5
const HEAD_BYTES = (LENGTHS + NARROW + WIDE + 1) * 4

const KINDS = ['http', 'websocket', 'gateway'] as const
const KIND_MASK = 3
const ABORTED = 1 << 2
const CALLER = 1 << 3
const USERNAME = 1 << 4
const SERVICE_KEY = 1 << 5
const SERVICE_ID = 1 << 6
const RPC_API = 1 << 7
const RPC_METHOD = 1 << 8
const REASON = 1 << 9
const CAUSE_SURE = 1 << 10
const UTF8 = 1 << 11
const ARCHIVED = 1 << 12
const APP_KEY = 1 << 13

const ASCII = /^[\0-\x7f]*$/

/** Bytes that a record takes at most. */
export function recordSize(s: Readonly<RecordSource>): number {
  const { caller } = s
  const narrow =
    (s.appKey?.length ?? 0) +
    s.appId.length +
    s.method.length +
    (caller === null ? 0 : caller.userKey.length + (caller.serviceKey?.length ?? 0) + (caller.serviceId?.length ?? 0)) +
    (s.refused?.length ?? 0) +
    s.path.length +
    s.own.length +
    s.requestHeaders.length +
    s.answerHeaders.length
  const wide =
    (caller?.username?.length ?? 0) +
    (s.reason?.length ?? 0) +
    (s.rpcApi?.length ?? 0) +
    (s.rpcMethod?.length ?? 0) +
    s.frames.length
  return HEAD_BYTES + narrow + wide * 3 + 8
}

/** Writes a record and returns its size, a multiple of 8. @param at a multiple of 8; recordSize(s) bytes are free there */
export function writeRecord({ bytes, doubles, words }: RecordRoom, at: number, s: Readonly<RecordSource>): number {
  const { caller, cause } = s
  const d = at / 8
  doubles[d + SEQ] = s.seq
  doubles[d + AT] = s.at
  doubles[d + BYTES_IN] = s.bytesIn
  doubles[d + BYTES_OUT] = s.bytesOut
  doubles[d + CAUSE] = cause === null ? 0 : cause.seq
  doubles[d + REPLAY_OF] = s.replayOf ?? 0
  doubles[d + CALLER_TIME] = s.callerTime
  doubles[d + FORWARDED_TIME] = s.forwardedTime
  doubles[d + HEAD_TIME] = s.headTime
  doubles[d + END_TIME] = s.endTime

  const appKey = s.appKey ?? ''
  const userKey = caller === null ? '' : caller.userKey
  const username = caller?.username ?? ''
  const serviceKey = caller?.serviceKey ?? ''
  const serviceId = caller?.serviceId ?? ''
  const refused: string = s.refused ?? ''
  const reason = s.reason ?? ''
  const rpcApi = s.rpcApi ?? ''
  const rpcMethod = s.rpcMethod ?? ''
  const wide = username + reason + rpcApi + rpcMethod + s.frames
  const plain = ASCII.test(wide)
  const narrow =
    appKey +
    s.appId +
    s.method +
    userKey +
    serviceKey +
    serviceId +
    refused +
    s.path +
    s.own +
    s.requestHeaders +
    s.answerHeaders

  const w = at / 4
  words[w + FLAGS] =
    KINDS.indexOf(s.kind) |
    (s.aborted ? ABORTED : 0) |
    (caller === null ? 0 : CALLER) |
    (caller?.username == null ? 0 : USERNAME) |
    (caller?.serviceKey == null ? 0 : SERVICE_KEY) |
    (caller?.serviceId == null ? 0 : SERVICE_ID) |
    (s.rpcApi === null ? 0 : RPC_API) |
    (s.rpcMethod === null ? 0 : RPC_METHOD) |
    (s.reason === null ? 0 : REASON) |
    (cause?.sure ? CAUSE_SURE : 0) |
    (plain ? 0 : UTF8) |
    (s.appKey === null ? 0 : APP_KEY)
  words[w + STATUS] = s.status ?? 0
  const l = w + LENGTHS
  words[l] = appKey.length
  words[l + 1] = s.appId.length
  words[l + 2] = s.method.length
  words[l + 3] = userKey.length
  words[l + 4] = serviceKey.length
  words[l + 5] = serviceId.length
  words[l + 6] = refused.length
  words[l + 7] = s.path.length
  words[l + 8] = s.own.length
  words[l + 9] = s.requestHeaders.length
  words[l + 10] = s.answerHeaders.length
  words[l + 11] = username.length
  words[l + 12] = reason.length
  words[l + 13] = rpcApi.length
  words[l + 14] = rpcMethod.length
  words[l + 15] = s.frames.length

  let end = at + HEAD_BYTES
  if (plain) end += bytes.write(narrow + wide, end, 'latin1')
  else {
    end += bytes.write(narrow, end, 'latin1')
    end += bytes.write(wide, end, 'utf8')
  }
  const size = Math.ceil((end - at) / 8) * 8
  words[w + SIZE] = size
  return size
}

export function recordSeq({ doubles }: RecordRoom, at: number): number {
  return doubles[at / 8 + SEQ] ?? 0
}

export function recordBytes({ words }: RecordRoom, at: number): number {
  return words[at / 4 + SIZE] ?? 0
}

/** 0 when nothing is known to have caused it. */
export function recordCause({ doubles }: RecordRoom, at: number): number {
  return doubles[at / 8 + CAUSE] ?? 0
}

export function isArchived({ words }: RecordRoom, at: number): boolean {
  return ((words[at / 4 + FLAGS] ?? 0) & ARCHIVED) !== 0
}

export function setArchived({ words }: RecordRoom, at: number): void {
  words[at / 4 + FLAGS] = (words[at / 4 + FLAGS] ?? 0) | ARCHIVED
}

/** What `writeRecord` wrote. */
export function readRecord({ bytes, doubles, words }: RecordRoom, at: number): RecordFields {
  const d = at / 8
  const w = at / 4
  const flags = words[w + FLAGS] ?? 0
  const length = (index: number) => words[w + LENGTHS + index] ?? 0
  let narrow = 0
  for (let index = 0; index < NARROW; index++) narrow += length(index)
  const start = at + HEAD_BYTES
  const end = at + (words[w + SIZE] ?? 0)
  const encoding = (flags & UTF8) === 0 ? 'latin1' : 'utf8'
  const texts = [bytes.toString('latin1', start, start + narrow), bytes.toString(encoding, start + narrow, end)]
  let text = texts[0] ?? ''
  let from = 0
  let index = 0
  const next = () => {
    if (index === NARROW) {
      text = texts[1] ?? ''
      from = 0
    }
    const value = text.slice(from, from + length(index))
    from += length(index)
    index++
    return value
  }
  const given = (flag: number) => (flags & flag) !== 0
  const nullable = (flag: number, value: string) => (given(flag) ? value : null)
  const number = (at: number) => doubles[d + at] ?? 0

  // In the order in which they were written.
  const source = new RecordSource()
  source.appKey = nullable(APP_KEY, next())
  source.appId = next()
  source.method = next()
  const userKey = next()
  const serviceKey = nullable(SERVICE_KEY, next())
  const serviceId = nullable(SERVICE_ID, next())
  const refused = next()
  source.path = next()
  const own = next()
  const requestHeaders = next()
  const answerHeaders = next()
  const username = nullable(USERNAME, next())
  const reason = nullable(REASON, next())
  source.rpcApi = nullable(RPC_API, next())
  source.rpcMethod = nullable(RPC_METHOD, next())
  const frames = next()
  source.seq = number(SEQ)
  source.at = number(AT)
  source.kind = KINDS[flags & KIND_MASK] ?? 'http'
  source.caller = given(CALLER) ? { userKey, username, serviceKey, serviceId } : null
  source.status = words[w + STATUS] || null
  source.aborted = given(ABORTED)
  source.endTime = number(END_TIME)
  source.bytesIn = number(BYTES_IN)
  source.bytesOut = number(BYTES_OUT)
  source.refused = refused === '' ? null : (refused as ErrorCode)
  source.cause = number(CAUSE) === 0 ? null : { seq: number(CAUSE), sure: given(CAUSE_SURE) }
  source.replayOf = number(REPLAY_OF) || null
  const told = frames === '' ? null : (JSON.parse(frames) as Pick<RecordFields, 'frames' | 'frameCounts'>)
  return {
    row: rowOf(source),
    reason,
    own,
    requestHeaders,
    answerHeaders,
    timing: timingOf(number(CALLER_TIME), number(FORWARDED_TIME), number(HEAD_TIME), number(END_TIME)),
    frames: told?.frames ?? [],
    frameCounts: told?.frameCounts ?? null,
  }
}
