import type { ErrorCode } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { AuthHeaderLine, TrafficCaller, TrafficRow } from '../contract/models.ts'
import { maskHeader } from '../core/mask.ts'
import { FrameLog } from './frame-log.ts'

export type TrafficKind = TrafficRow['kind']

/** What a recorder keeps of one request; owned by its Exchange. */
export interface TrafficEntry {
  row: TrafficRow
  /** Monotonic time of the beginning. */
  startedAt: number
  reason: string | null
  authHeaders: readonly AuthHeaderLine[]
  requestHeaders: [name: string, value: string][]
  responseHeaders: [name: string, value: string][]
  callerMs: number | null
  forwardedMs: number | null
  headMs: number | null
  endMs: number | null
  /** Null until the first frame of a WebSocket. */
  frames: FrameLog | null
  /** About how many bytes the entry holds; counted against LIMITS.trafficBytes. */
  size: number
}

/** How an exchange tells its recorder about itself. */
export interface ExchangeSink {
  /** Milliseconds of the monotonic clock. */
  monotonic(): number
  /** The row changed; `grown` bytes were added to it (fewer than none when a longer preview made room). */
  touched(entry: TrafficEntry, grown: number): void
  /** The exchange is over: counted for the app's activity. */
  finished(entry: TrafficEntry): void
}

/**
 * The record of one request while it happens. Every method may be called at any time and any number of times; after
 * `end` or `abort` nothing changes any more. It observes and never throws: the request path does not depend on it.
 */
export class Exchange {
  readonly #entry: TrafficEntry
  readonly #sink: ExchangeSink

  constructor(entry: TrafficEntry, sink: ExchangeSink) {
    this.#entry = entry
    this.#sink = sink
  }

  /** Number of the row in the record, ascending from 1. */
  get seq(): number {
    return this.#entry.row.seq
  }

  get open(): boolean {
    return this.#entry.row.state === 'open'
  }

  /** Who the request is from, once that is known. */
  caller(caller: TrafficCaller): void {
    if (!this.open) return
    this.#entry.row.caller = caller
    this.#entry.callerMs ??= this.#elapsed()
    this.#touch(caller.userKey.length + (caller.username?.length ?? 0))
  }

  /** The app that it is for, once that is known. */
  app(key: string | null, id: string): void {
    if (!this.open) return
    this.#entry.row.appKey = key
    this.#entry.row.appId = id
    this.#touch(0)
  }

  /** API and method of a JSON-RPC call. */
  rpc(api: string, method: string | null): void {
    if (!this.open) return
    this.#entry.row.rpcApi = api.slice(0, 256)
    this.#entry.row.rpcMethod = method === null ? null : method.slice(0, 256)
    this.#touch(api.length + (method?.length ?? 0))
  }

  /** What the caller sent, what the app receives, and why they differ. Values must be masked already where secret. */
  authHeaders(lines: readonly AuthHeaderLine[]): void {
    if (!this.open) return
    this.#entry.authHeaders = lines
    let size = 0
    for (const line of lines) size += line.name.length + (line.sent?.length ?? 0) + (line.received?.length ?? 0) + 64
    this.#touch(size)
  }

  /** The request goes to the app now. */
  forwarded(): void {
    if (!this.open || this.#entry.forwardedMs !== null) return
    this.#entry.forwardedMs = this.#elapsed()
    this.#touch(0)
  }

  /** The answer's head. Secrets in it are masked here (C51). */
  head(status: number, rawHeaders: readonly string[]): void {
    if (!this.open) return
    this.#entry.row.status = status
    this.#entry.headMs = this.#elapsed()
    const kept = maskedHeaders(rawHeaders)
    this.#entry.responseHeaders = kept.headers
    this.#touch(kept.size)
  }

  /** More bytes of the bodies (of the messages, for a WebSocket): from the caller, and to it. */
  bytes(inDelta: number, outDelta: number): void {
    if (!this.open) return
    this.#entry.row.bytesIn += inDelta
    this.#entry.row.bytesOut += outDelta
    this.#touch(0)
  }

  /**
   * A frame of a WebSocket has passed whole. Called for each one, so it takes plain values and makes no object.
   * @param opcode as on the wire (RFC 6455, 5.2)
   * @param bytes of the payload
   * @param closeCode of a close frame that has one
   * @param preview the payload's beginning as text, without secrets of the host; only where bodies are captured
   */
  frame(
    direction: 'in' | 'out',
    opcode: number,
    bytes: number,
    closeCode: number | null = null,
    preview: string | null = null,
  ): void {
    if (!this.open) return
    this.#entry.frames ??= new FrameLog()
    const at = this.#entry.row.at + this.#elapsed()
    this.#touch(this.#entry.frames.add(at, direction === 'in', opcode, bytes, closeCode, preview))
  }

  /** Why it went as it went, where that is no refusal: "No app session; sent to the host to bind one." */
  note(reason: string): void {
    if (!this.open) return
    this.#entry.reason = reason.slice(0, 1024)
    this.#touch(reason.length)
  }

  /** The host refused it; the reason is for the record, in exact words and without secrets (C21). */
  refuse(code: ErrorCode, reason: string, status: number | null): void {
    if (!this.open) return
    this.#entry.row.refused = code
    if (status !== null) this.#entry.row.status = status
    this.note(reason)
  }

  /** The answer has gone out whole. */
  end(): void {
    this.#finish('done')
  }

  /** It ended before its end: the caller left, the app broke off, the session ended. */
  abort(reason: string): void {
    if (!this.open) return
    if (this.#entry.reason === null) this.note(reason)
    this.#finish('aborted')
  }

  #finish(state: 'done' | 'aborted'): void {
    if (!this.open) return
    const elapsed = this.#elapsed()
    this.#entry.row.state = state
    this.#entry.row.durationMs = elapsed
    this.#entry.endMs = elapsed
    this.#touch(0)
    this.#sink.finished(this.#entry)
  }

  #elapsed(): number {
    return Math.max(0, this.#sink.monotonic() - this.#entry.startedAt)
  }

  #touch(grown: number): void {
    this.#sink.touched(this.#entry, grown)
  }
}

/**
 * Raw headers (name, value, name, value …) as pairs for the record: secrets masked (C51), and no more of them than
 * LIMITS.trafficHeaderBytes, so that one request cannot push all others out of the record.
 */
export function maskedHeaders(raw: readonly string[]): { headers: [name: string, value: string][]; size: number } {
  const headers: [string, string][] = []
  let size = 0
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const left = LIMITS.trafficHeaderBytes - size - name.length
    if (left <= 0) {
      headers.push(['…', `${(raw.length - i) / 2} more headers are not kept.`])
      break
    }
    const masked = maskHeader(name, raw[i + 1] ?? '')
    const value = masked.length > left ? `${masked.slice(0, left)}…` : masked
    headers.push([name, value])
    size += name.length + value.length
  }
  return { headers, size }
}
