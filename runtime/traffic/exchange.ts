import type { ErrorCode } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { TrafficCaller, TrafficDetails, TrafficRow } from '../contract/models.ts'
import { maskPath } from '../core/mask.ts'
import type { BeginInput } from './begin-input.ts'
import type { BodySide, BodyStore } from './body-store.ts'
import { FrameLog } from './frame-log.ts'
import {
  type HeaderAccount,
  type HeaderLines,
  maskedHeaders,
  packedHeaders,
  type RequestAccount,
  type RequestTeller,
  unpackedHeaders,
} from './header-account.ts'
import { detailsOf, type HeldExchange, linesOf, milliseconds, NEVER, rawAnswerOf, timingOf } from './held-exchange.ts'
import { RecordSource, rowOf } from './record-bytes.ts'
import type { RecordedExchange } from './recorded-exchange.ts'

/** How an exchange tells its recorder about itself. */
export interface ExchangeSink {
  /** Whether anybody is told about changes of rows. */
  readonly watched: boolean
  /** Milliseconds of the monotonic clock. */
  monotonic(): number
  /** The row changed; called once until `marked` has been set to false again. */
  touched(exchange: Exchange): void
  /** `bytes` more are held (fewer than none when a longer preview made room). */
  grew(exchange: Exchange, bytes: number): void
  /** The exchange is over, at this monotonic time: written to the record, and counted for the app's activity. */
  finished(exchange: Exchange, now: number): void
  /** What an app is told that it is called; null when it is not recorded. */
  requestId(exchange: Exchange): string | null
  /** Whether bodies of this app are kept, and where they are. */
  readonly bodies: BodyStore
}

/** The objects themselves, measured roughly; it keeps the bound honest for many tiny requests. */
const OWN_BYTES = 500

/**
 * The record of one request while it happens; from its end on the recorder has it as bytes (EndedExchange). Every method
 * may be called at any time and any number of times; after `end` or `abort` nothing changes any more. It observes and
 * never throws: the request path does not depend on it.
 *
 * What comes in is held as it came, and masked whenever it is read: `row` and `details` give out no secret (C51). Most
 * requests are never looked at, and for those masking would be the dearest part of their way.
 */
export class Exchange implements RecordedExchange {
  /** About how many bytes are held for it; counted against LIMITS.trafficBytes. */
  size: number
  /** Its recorder knows that it changed. */
  marked = false
  /** Written down is what is over. */
  readonly archived = false

  readonly #sink: ExchangeSink
  /** Monotonic time of the beginning. */
  readonly #startedAt: number
  readonly #facts = new RecordSource()
  /** Masked. */
  #path: string | null = null
  #request: RequestAccount | null = null
  #answer: HeaderAccount | null = null
  #frames: FrameLog | null = null

  constructor(
    seq: number,
    { at, startedAt }: { at: number; startedAt: number },
    input: BeginInput,
    sink: ExchangeSink,
  ) {
    const facts = this.#facts
    facts.seq = seq
    facts.at = at
    facts.kind = input.kind
    facts.method = input.method
    facts.path = input.path
    facts.appKey = input.appKey
    facts.appId = input.appId
    if (seq !== 0) facts.requestHeaders = packedHeaders(input.requestHeaders)
    this.#startedAt = startedAt
    this.size = OWN_BYTES + input.path.length + facts.requestHeaders.length
    this.#sink = sink
  }

  /** Number of the row in the record, ascending from 1; 0 when nothing is recorded. */
  get seq(): number {
    return this.#facts.seq
  }

  get open(): boolean {
    return this.#facts.endTime === NEVER
  }

  /** As it came, secrets and all. For whoever repeats the request; not to be shown. */
  get rawPath(): string {
    return this.#facts.path
  }

  /** As they came, secrets and all: name, value, name, value … For whoever repeats the request; not to be shown. */
  get rawRequestHeaders(): string[] {
    return unpackedHeaders(this.#facts.requestHeaders)
  }

  get appKey(): string | null {
    return this.#facts.appKey
  }

  /** Refused, or status 500 and up. */
  get failed(): boolean {
    return this.#facts.refused !== null || (this.#facts.status !== null && this.#facts.status >= 500)
  }

  get cause(): TrafficRow['cause'] {
    return this.#facts.cause
  }

  /** Under what name an app is told of it: the value of Atek-Request-Id; null when it is not recorded. */
  get requestId(): string | null {
    return this.#sink.requestId(this)
  }

  /** Somebody asked for the bodies of this app. */
  get keepsBodies(): boolean {
    return this.seq > 0 && this.#sink.bodies.wants(this.#facts.appKey)
  }

  /** It is with the app, which has not begun to answer. */
  get awaitsAnswer(): boolean {
    return this.open && this.#facts.forwardedTime !== NEVER && this.#facts.headTime === NEVER
  }

  /** Milliseconds since 1970; null while it is under way. */
  get endedAt(): number | null {
    const ended = milliseconds(this.#facts.endTime)
    return ended === null ? null : this.#facts.at + ended
  }

  /** Of the headers that the caller sent, in lower case; no more of them than are shown. */
  headerNames(): string[] {
    return maskedHeaders(this.rawRequestHeaders).map(([name]) => name.toLowerCase())
  }

  /** Who the request is from, once that is known. */
  caller(caller: TrafficCaller): void {
    if (!this.open) return
    this.#facts.caller = caller
    if (this.#facts.callerTime === NEVER) this.#facts.callerTime = this.#elapsed()
    this.#touch(0)
  }

  /** The app that it is for, once that is known. */
  app(key: string | null, id: string): void {
    if (!this.open) return
    this.#facts.appKey = key
    this.#facts.appId = id
    this.#touch(0)
  }

  /** API and method of a JSON-RPC call. */
  rpc(api: string, method: string | null): void {
    if (!this.open) return
    this.#facts.rpcApi = api.slice(0, 256)
    this.#facts.rpcMethod = method === null ? null : method.slice(0, 256)
    this.#touch(api.length + (method?.length ?? 0))
  }

  /** The request that this one is made for; `sure` when the caller proved it. */
  causedBy(seq: number, sure: boolean): void {
    if (!this.open) return
    this.#facts.cause = { seq, sure }
    this.#touch(0)
  }

  /** It repeats this row of the record. */
  repeats(seq: number): void {
    if (!this.open) return
    this.#facts.replayOf = seq
    this.#touch(0)
  }

  /** What the caller sent, what the app receives, and why they differ; told whenever somebody looks. */
  requestHeaders(account: RequestAccount): void {
    if (!this.open) return
    this.#request = account
    this.#touch(account.size)
  }

  /** The request goes to the app now. */
  forwarded(): void {
    if (!this.open || this.#facts.forwardedTime !== NEVER) return
    this.#facts.forwardedTime = this.#elapsed()
    this.#touch(0)
  }

  /** The answer's head, where the host answers for itself. */
  head(status: number, rawHeaders: readonly string[]): void {
    this.#head(status, rawHeaders, null)
  }

  /** The head of the app's answer as it came, and what becomes of it on its way to the caller. */
  answered(status: number, rawHeaders: readonly string[], account: HeaderAccount): void {
    this.#head(status, rawHeaders, account)
  }

  /** A piece of the request's body. */
  bodyIn(chunk: Buffer): void {
    this.bytes(chunk.length, 0)
    this.keepBody('request', chunk)
  }

  /** A piece of the answer's body. */
  bodyOut(chunk: Buffer): void {
    this.bytes(0, chunk.length)
    this.keepBody('response', chunk)
  }

  /** More bytes of the bodies (of the messages, for a WebSocket): from the caller, and to it. */
  bytes(inDelta: number, outDelta: number): void {
    if (!this.open) return
    this.#facts.bytesIn += inDelta
    this.#facts.bytesOut += outDelta
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
    this.#frames ??= new FrameLog()
    const at = this.#facts.at + this.#elapsed() / 1000
    this.#touch(this.#frames.add(at, direction === 'in', opcode, bytes, closeCode, preview))
  }

  /** Why it went as it went, where that is no refusal: "No app session; sent to the host to bind one." */
  note(reason: string): void {
    if (!this.open) return
    this.#facts.reason = reason.slice(0, 1024)
    this.#touch(reason.length)
  }

  /** The host refused it; the reason is for the record, in exact words and without secrets (C21). */
  refuse(code: ErrorCode, reason: string, status: number | null): void {
    if (!this.open) return
    this.#facts.refused = code
    if (status !== null) this.#facts.status = status
    this.note(reason)
  }

  /** The answer has gone out whole. */
  end(): void {
    this.#finish('done')
  }

  /** It ended before its end: the caller left, the app broke off, the session ended. */
  abort(reason: string): void {
    if (!this.open) return
    if (this.#facts.reason === null) this.note(reason)
    this.#finish('aborted')
  }

  /** The answer's headers as the caller got them, secrets and all; not to be shown. */
  rawAnswerHeaders(): [name: string, value: string][] {
    return rawAnswerOf(this.#facts.answerHeaders, this.#answer)
  }

  /** Everything that is to be kept of it, once it is over. */
  get facts(): Readonly<RecordSource> {
    return this.#facts
  }

  /** Who can tell what became of the request's headers, and of the answer's. */
  get teller(): RequestTeller | null {
    return this.#request === null ? null : this.#request.teller
  }

  get answer(): HeaderAccount | null {
    return this.#answer
  }

  headerLines(): HeaderLines {
    return linesOf(this.#held())
  }

  /** As it is now, without secrets. A copy: it does not change afterwards. */
  row(): TrafficRow {
    // Masked once it is asked for, and kept: rows are read again and again.
    this.#path ??= maskPath(this.#facts.path.slice(0, LIMITS.trafficHeaderBytes))
    return { ...rowOf(this.#facts), path: this.#path }
  }

  /** Everything that is known, without secrets. */
  details(): TrafficDetails {
    const { bodies } = this.#sink
    const kept = (side: BodySide) => bodies.get(this.seq, side) !== null
    return detailsOf(this.row(), this.#held(), { request: kept('request'), response: kept('response') })
  }

  /** The answer's whole body, one character a byte. */
  bodyOutText(latin1: string): void {
    this.bytes(0, latin1.length)
    if (this.keepsBodies) this.keepBody('response', Buffer.from(latin1, 'latin1'))
  }

  /** A piece of a body that is counted otherwise; kept if somebody asked for bodies of this app. */
  keepBody(side: BodySide, chunk: Buffer): void {
    if (this.open && this.keepsBodies) this.#sink.bodies.add(this.seq, side, chunk)
  }

  #held(): HeldExchange {
    return {
      reason: this.#facts.reason,
      requestHeaders: this.#facts.requestHeaders,
      teller: this.teller,
      own: this.#request?.own ?? '',
      answerHeaders: this.#facts.answerHeaders,
      answer: this.#answer,
      frames: this.#frames?.list() ?? [],
      frameCounts: this.#frames?.counts ?? null,
      timing: timingOf(this.#facts.callerTime, this.#facts.forwardedTime, this.#facts.headTime, this.#facts.endTime),
    }
  }

  #finish(state: 'done' | 'aborted'): void {
    if (!this.open) return
    const now = this.#sink.monotonic()
    const facts = this.#facts
    facts.endTime = this.#since(now)
    facts.aborted = state === 'aborted'
    facts.own = this.#request?.own ?? ''
    const frames = this.#frames
    if (frames !== null) facts.frames = JSON.stringify({ frames: frames.list(), frameCounts: frames.counts })
    this.#touch(0)
    this.#sink.finished(this, now)
  }

  #head(status: number, rawHeaders: readonly string[], account: HeaderAccount | null): void {
    if (!this.open) return
    this.#facts.status = status
    this.#facts.headTime = this.#elapsed()
    this.#answer = account
    if (this.seq !== 0) this.#facts.answerHeaders = packedHeaders(rawHeaders)
    this.#touch(this.#facts.answerHeaders.length)
  }

  /** Microseconds. */
  #elapsed(): number {
    return this.#since(this.#sink.monotonic())
  }

  #since(now: number): number {
    return Math.max(0, Math.round((now - this.#startedAt) * 1000))
  }

  #touch(grown: number): void {
    if (grown !== 0) this.#sink.grew(this, grown)
    if (!this.marked && this.#sink.watched) this.#sink.touched(this)
  }
}
