import type { ErrorCode } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { AuthHeaderLine, TrafficCaller, TrafficDetails, TrafficRow } from '../contract/models.ts'
import { maskPath } from '../core/mask.ts'
import type { BeginInput, TrafficKind } from './begin-input.ts'
import type { BodySide, BodyStore } from './body-store.ts'
import { FrameLog } from './frame-log.ts'
import {
  type HeaderAccount,
  type HeaderLines,
  maskedHeaders,
  packedHeaders,
  type RequestAccount,
  type RequestTeller,
  ToldLines,
  unpackedHeaders,
} from './header-account.ts'
import { detailsOf, type HeldExchange, linesOf, milliseconds, NEVER, rawAnswerOf, timingOf } from './held-exchange.ts'
import type { RecordSource } from './record-bytes.ts'
import type { RecordedExchange } from './recorded-exchange.ts'

/** How an exchange tells its recorder about itself. */
export interface ExchangeSink {
  /** Whether anybody is told about changes of rows. */
  readonly watched: boolean
  /** Milliseconds of the monotonic clock. */
  monotonic(): number
  /** The row changed; called once until `seen` has been set to false again. */
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
 * The record of one request while it happens, and afterwards as long as the recorder holds it. Every method may be
 * called at any time and any number of times; after `end` or `abort` nothing changes any more. It observes and never
 * throws: the request path does not depend on it.
 *
 * What comes in is held as it came, and masked whenever it is read: `row` and `details` give out no secret (C51). Most
 * requests are never looked at, and for those masking would be the dearest part of their way.
 */
export class Exchange implements RecordedExchange {
  /** Number of the row in the record, ascending from 1; 0 when nothing is recorded. */
  readonly seq: number
  readonly at: number
  readonly kind: TrafficKind
  readonly method: string
  /** As it came, secrets and all. For whoever repeats the request; not to be shown. */
  readonly rawPath: string
  /** Monotonic time of the beginning. */
  readonly startedAt: number
  /** About how many bytes are held for it; counted against LIMITS.trafficBytes. */
  size: number
  /** Its recorder knows that it changed. */
  marked = false
  /** Written down is what is over. */
  readonly archived = false

  readonly #sink: ExchangeSink
  #appKey: string | null
  #appId: string
  #caller: TrafficCaller | null = null
  #path: string | null = null
  #status: number | null = null
  #state: TrafficRow['state'] = 'open'
  #bytesIn = 0
  #bytesOut = 0
  #refused: ErrorCode | null = null
  #reason: string | null = null
  #rpcApi: string | null = null
  #rpcMethod: string | null = null
  readonly #requestHeaders: string
  #request: RequestAccount | null = null
  #answerHeaders = ''
  #answer: HeaderAccount | null = null
  /** Microseconds since the beginning: whole numbers, of which each is no object of its own. */
  #callerTime = NEVER
  #forwardedTime = NEVER
  #headTime = NEVER
  #endTime = NEVER
  #frames: FrameLog | null = null
  #cause: TrafficRow['cause'] = null
  #replayOf: number | null = null

  constructor(
    seq: number,
    { at, startedAt }: { at: number; startedAt: number },
    input: BeginInput,
    sink: ExchangeSink,
  ) {
    this.seq = seq
    this.at = at
    this.kind = input.kind
    this.method = input.method
    this.rawPath = input.path
    this.startedAt = startedAt
    this.#requestHeaders = seq === 0 ? '' : packedHeaders(input.requestHeaders)
    this.size = OWN_BYTES + input.path.length + this.#requestHeaders.length
    this.#sink = sink
    this.#appKey = input.appKey
    this.#appId = input.appId
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  /** As they came, secrets and all: name, value, name, value … For whoever repeats the request; not to be shown. */
  get rawRequestHeaders(): string[] {
    return unpackedHeaders(this.#requestHeaders)
  }

  get appKey(): string | null {
    return this.#appKey
  }

  /** Refused, or status 500 and up. */
  get failed(): boolean {
    return this.#refused !== null || (this.#status !== null && this.#status >= 500)
  }

  get cause(): TrafficRow['cause'] {
    return this.#cause
  }

  /** Under what name an app is told of it: the value of Atek-Request-Id; null when it is not recorded. */
  get requestId(): string | null {
    return this.#sink.requestId(this)
  }

  /** Somebody asked for the bodies of this app. */
  get keepsBodies(): boolean {
    return this.seq > 0 && this.#sink.bodies.wants(this.#appKey)
  }

  /** It is with the app, which has not begun to answer. */
  get awaitsAnswer(): boolean {
    return this.open && this.#forwardedTime !== NEVER && this.#headTime === NEVER
  }

  /** Milliseconds since 1970; null while it is under way. */
  get endedAt(): number | null {
    const ended = milliseconds(this.#endTime)
    return ended === null ? null : this.at + ended
  }

  /** Of the headers that the caller sent, in lower case; no more of them than are shown. */
  headerNames(): string[] {
    return maskedHeaders(this.rawRequestHeaders).map(([name]) => name.toLowerCase())
  }

  /** Who the request is from, once that is known. */
  caller(caller: TrafficCaller): void {
    if (!this.open) return
    this.#caller = caller
    if (this.#callerTime === NEVER) this.#callerTime = this.#elapsed()
    this.#touch(0)
  }

  /** The app that it is for, once that is known. */
  app(key: string | null, id: string): void {
    if (!this.open) return
    this.#appKey = key
    this.#appId = id
    this.#touch(0)
  }

  /** API and method of a JSON-RPC call. */
  rpc(api: string, method: string | null): void {
    if (!this.open) return
    this.#rpcApi = api.slice(0, 256)
    this.#rpcMethod = method === null ? null : method.slice(0, 256)
    this.#touch(api.length + (method?.length ?? 0))
  }

  /** The request that this one is made for; `sure` when the caller proved it. */
  causedBy(seq: number, sure: boolean): void {
    if (!this.open) return
    this.#cause = { seq, sure }
    this.#touch(0)
  }

  /** It repeats this row of the record. */
  repeats(seq: number): void {
    if (!this.open) return
    this.#replayOf = seq
    this.#touch(0)
  }

  /** What the caller sent, what the app receives, and why they differ; told whenever somebody looks. */
  requestHeaders(account: RequestAccount): void {
    if (!this.open) return
    this.#request = account
    this.#touch(account.size)
  }

  /** The same where the lines are made anyway. */
  authHeaders(lines: readonly AuthHeaderLine[]): void {
    this.requestHeaders(new ToldLines([...lines]))
  }

  /** The request goes to the app now. */
  forwarded(): void {
    if (!this.open || this.#forwardedTime !== NEVER) return
    this.#forwardedTime = this.#elapsed()
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
    this.#bytesIn += inDelta
    this.#bytesOut += outDelta
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
    const at = this.at + this.#elapsed() / 1000
    this.#touch(this.#frames.add(at, direction === 'in', opcode, bytes, closeCode, preview))
  }

  /** Why it went as it went, where that is no refusal: "No app session; sent to the host to bind one." */
  note(reason: string): void {
    if (!this.open) return
    this.#reason = reason.slice(0, 1024)
    this.#touch(reason.length)
  }

  /** The host refused it; the reason is for the record, in exact words and without secrets (C21). */
  refuse(code: ErrorCode, reason: string, status: number | null): void {
    if (!this.open) return
    this.#refused = code
    if (status !== null) this.#status = status
    this.note(reason)
  }

  /** The answer has gone out whole. */
  end(): void {
    this.#finish('done')
  }

  /** It ended before its end: the caller left, the app broke off, the session ended. */
  abort(reason: string): void {
    if (!this.open) return
    if (this.#reason === null) this.note(reason)
    this.#finish('aborted')
  }

  /** The answer's headers as the caller got them, secrets and all; not to be shown. */
  rawAnswerHeaders(): [name: string, value: string][] {
    return rawAnswerOf(this.#answerHeaders, this.#answer)
  }

  /** Everything that is to be kept of it, put into `to`: it makes no object, and changes nothing. */
  tell(to: RecordSource): void {
    to.seq = this.seq
    to.at = this.at
    to.kind = this.kind
    to.method = this.method
    to.path = this.rawPath
    to.appKey = this.#appKey
    to.appId = this.#appId
    to.caller = this.#caller
    to.status = this.#status
    to.aborted = this.#state === 'aborted'
    to.durationMs = milliseconds(this.#endTime)
    to.bytesIn = this.#bytesIn
    to.bytesOut = this.#bytesOut
    to.refused = this.#refused
    to.reason = this.#reason
    to.rpcApi = this.#rpcApi
    to.rpcMethod = this.#rpcMethod
    to.cause = this.#cause
    to.replayOf = this.#replayOf
    to.own = this.#request === null ? '' : this.#request.own
    to.requestHeaders = this.#requestHeaders
    to.answerHeaders = this.#answerHeaders
    to.callerTime = this.#callerTime
    to.forwardedTime = this.#forwardedTime
    to.headTime = this.#headTime
    to.endTime = this.#endTime
    const frames = this.#frames
    to.frames = frames === null ? '' : JSON.stringify({ frames: frames.list(), frameCounts: frames.counts })
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
    this.#path ??= maskPath(this.rawPath.slice(0, LIMITS.trafficHeaderBytes))
    return {
      seq: this.seq,
      at: this.at,
      kind: this.kind,
      appKey: this.#appKey,
      appId: this.#appId.slice(0, LIMITS.appIdLength),
      caller: this.#caller,
      method: this.method.slice(0, 32),
      path: this.#path,
      status: this.#status,
      state: this.#state,
      durationMs: milliseconds(this.#endTime),
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      refused: this.#refused,
      rpcApi: this.#rpcApi,
      rpcMethod: this.#rpcMethod,
      cause: this.#cause,
      replayOf: this.#replayOf,
    }
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
      reason: this.#reason,
      requestHeaders: this.#requestHeaders,
      teller: this.teller,
      own: this.#request?.own ?? '',
      answerHeaders: this.#answerHeaders,
      answer: this.#answer,
      frames: this.#frames?.list() ?? [],
      frameCounts: this.#frames?.counts ?? null,
      timing: timingOf(this.#callerTime, this.#forwardedTime, this.#headTime, this.#endTime),
    }
  }

  #finish(state: 'done' | 'aborted'): void {
    if (!this.open) return
    const now = this.#sink.monotonic()
    this.#endTime = this.#since(now)
    this.#state = state
    this.#touch(0)
    this.#sink.finished(this, now)
  }

  #head(status: number, rawHeaders: readonly string[], account: HeaderAccount | null): void {
    if (!this.open) return
    this.#status = status
    this.#headTime = this.#elapsed()
    this.#answer = account
    if (this.seq !== 0) this.#answerHeaders = packedHeaders(rawHeaders)
    this.#touch(this.#answerHeaders.length)
  }

  /** Microseconds. */
  #elapsed(): number {
    return this.#since(this.#sink.monotonic())
  }

  #since(now: number): number {
    return Math.max(0, Math.round((now - this.startedAt) * 1000))
  }

  #touch(grown: number): void {
    if (grown !== 0) this.#sink.grew(this, grown)
    if (!this.marked && this.#sink.watched) this.#sink.touched(this)
  }
}
