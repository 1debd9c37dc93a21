import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { AppError, ERRORS, toErrorData } from '../../contract/errors.ts'
import { type RpcId, rpcError, rpcIdOf } from '../../contract/jsonrpc.ts'
import { LIMITS } from '../../contract/limits.ts'
import { CallerLeft } from '../../core/caller-left.ts'
import { latin1 } from '../../core/latin1.ts'
import type { GatewayAnswer, GatewayCaller } from '../../gateway/types.ts'
import { clientName } from '../../identity/client-name.ts'
import type { Exchange } from '../../traffic/exchange.ts'
import { refusalBody } from '../answer.ts'
import { BodyRelay, hasBody } from '../body-relay.ts'
import { clearCookie, SESSION_COOKIE } from '../cookies.ts'
import type { LiveEntry } from '../live.ts'
import { headerValue } from '../raw-headers.ts'
import type { Share } from '../shares.ts'
import { whenClosed } from '../when-closed.ts'
import { writeWhole } from '../whole-answer.ts'
import { presentedBearer } from './bearer.ts'
import { CallPlace, callShare } from './call-place.ts'
import { checkRate, exactReason, type HostContext } from './context.ts'
import { callerBy, callerKey, recordCaller } from './gateway-caller.ts'
import { jsonAnswerHeaders } from './security-headers.ts'
import { isShortCall, ShortBody } from './short-body.ts'
import { sessionCookie } from './sign-in-routes.ts'

const RECORDED = ['Content-Type', 'application/json']
const NO_BODY = Buffer.alloc(0)

/** One call at the gateway, from its head to the end of its answer. */
export class GatewayVisit {
  readonly #context: HostContext
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #exchange: Exchange
  readonly #left = new CallerLeft()
  readonly #body: Buffer | ShortBody | BodyRelay
  #place: CallPlace | null = null
  #share: Share | null = null
  /** A person's call ends with the session that it was made under. */
  #live: LiveEntry | null = null

  constructor(context: HostContext, req: IncomingMessage, res: ServerResponse) {
    this.#context = context
    this.#req = req
    this.#res = res
    const exchange = context.recorder.begin({
      kind: 'gateway',
      appKey: null,
      appId: 'atek',
      method: 'POST',
      path: req.url ?? '',
      requestHeaders: req.rawHeaders,
    })
    this.#exchange = exchange
    this.#body = !hasBody(req)
      ? NO_BODY
      : isShortCall(req)
        ? new ShortBody(req, (bytes) => exchange.bytes(bytes, 0))
        : new BodyRelay(req, (chunk) => exchange.bytes(chunk.length, 0))
    whenClosed(res, () => this.#closed())
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      this.#answer(await this.#handled())
    } catch (error) {
      try {
        await this.#refuse(error)
      } catch (cause) {
        this.#context.logger.error('the gateway failed', { error: cause })
        this.#res.destroy()
      }
    } finally {
      // The rest runs out unread, so that the connection can go on.
      if (this.#body instanceof BodyRelay) this.#body.destroy()
    }
  }

  async #handled(): Promise<GatewayAnswer> {
    const context = this.#context
    const { rawHeaders } = this.#req
    let caller: GatewayCaller | null = context.replays.take(this.#exchange, rawHeaders)
    if (caller === null) {
      const bearer = presentedBearer(context.gateway.bearers, rawHeaders)
      caller = callerBy(context, this.#req, bearer instanceof Promise ? await bearer : bearer)
    }
    // Who left while that was looked at takes no place, and has nothing done for them.
    if (this.#left.already) throw cancelled()
    recordCaller(context, this.#exchange, caller, rawHeaders)
    const who = callerKey(caller)
    const address = this.#req.socket.remoteAddress ?? ''
    checkRate(context, 'gateway', who, address)
    this.#share = callShare(context.requestShares, caller)
    if (caller.kind === 'user') this.#endWithSession(caller)
    if (who !== null) {
      this.#place = new CallPlace(context.calls)
      const waiting = this.#place.enter(who)
      if (waiting !== null) await waiting
    }
    const body = this.#body instanceof ShortBody ? await this.#body.whole() : this.#body
    if (body === null) throw cancelled()
    return await context.gateway.handle({
      caller,
      api: apiOf(this.#req.url ?? ''),
      body,
      exchange: this.#exchange,
      left: this.#left,
      address,
      client: () => clientName(headerValue(rawHeaders, 'user-agent')),
    })
  }

  #answer(answer: GatewayAnswer): void {
    const extra: string[] = []
    // On the name that was called (DESIGN, "Addresses and cookies").
    if (answer.session === 'clear') extra.push('Set-Cookie', clearCookie(SESSION_COOKIE, { secure: false }))
    else if (answer.session !== null) extra.push('Set-Cookie', sessionCookie(answer.session.set))
    this.#exchange.head(200, RECORDED)
    // What was not read (it is too long, or not wanted) is not waited for.
    if (!this.#req.complete) extra.push('Connection', 'close')
    if ('stream' in answer) {
      this.#stream(answer.stream, extra)
      return
    }
    const bytes = 'bytes' in answer ? answer.bytes : latin1(JSON.stringify(answer.response))
    this.#exchange.bodyOutText(bytes)
    this.#write(200, extra, bytes)
  }

  async #refuse(error: unknown): Promise<void> {
    // Of the gateway's own only NOT_SIGNED_IN comes here; clients expect that as HTTP (PROTOCOL).
    const data = toErrorData(error)
    const { status } = ERRORS[data.code]
    if (data.code === 'INTERNAL') this.#context.logger.error('the gateway failed', { error })
    this.#exchange.refuse(data.code, error instanceof AppError ? exactReason(error) : 'The gateway failed.', status)
    this.#exchange.head(status, RECORDED)
    const extra: string[] = []
    const seconds = data.details?.retryAfterSeconds
    if (typeof seconds === 'number') extra.push('Retry-After', String(Math.ceil(seconds)))
    // What a JSON-RPC client can tell from other errors, and match with its call.
    const matched = data.code === 'RATE_LIMITED' || data.code === 'TOO_BUSY'
    const answer = matched ? rpcError(await this.#id(), data) : refusalBody(data)
    this.#write(status, extra, latin1(JSON.stringify(answer)))
  }

  /** @param body its bytes as latin1 */
  #write(status: number, extra: readonly string[], body: string): void {
    const res = this.#res
    if (res.destroyed || res.headersSent) return
    const constant = jsonAnswerHeaders(this.#context.addresses)
    const headers = extra.length === 0 ? constant : [...constant, ...extra]
    if (!extra.includes('Connection') && writeWhole(res, status, '', headers, body)) return
    res.writeHead(status, [...headers, 'Content-Length', String(body.length)])
    res.end(body, 'latin1')
  }

  /** A long answer, while it comes, counted. It ends where the caller leaves, and is cut off where the app breaks off. */
  #stream(stream: Readable, extra: readonly string[]): void {
    const res = this.#res
    const exchange = this.#exchange
    stream.once('error', (error) => exchange.abort(`The app broke off: ${error.message}`))
    stream.on('data', (piece: Buffer) => exchange.bodyOut(piece)).pause()
    if (!res.destroyed) res.writeHead(200, [...jsonAnswerHeaders(this.#context.addresses), ...extra])
    // What goes wrong on the way is told by the two above: the answer is closed then, which nobody takes for its end.
    pipeline(stream, res, () => {})
  }

  /**
   * A call ends with the session that it was made under (C09): what waits for an app is not passed on any more, and what
   * an app answers is not told. The connection stays, since the call may be the very one that signs its caller out.
   */
  #endWithSession({ user, sessionId }: Extract<GatewayCaller, { kind: 'user' }>): void {
    this.#live = {
      userKey: user.key,
      sessionId,
      appKey: null,
      caller: null,
      since: null,
      close: () => this.#left.leave(),
    }
    this.#context.live.add(this.#live)
  }

  /** The id of a short call that is not looked at otherwise; of a long one it is not worth reading for. */
  async #id(): Promise<RpcId> {
    const body = this.#body
    if (body instanceof ShortBody) {
      const whole = await body.whole()
      return whole === null ? null : rpcIdOf(whole.toString('utf8'))
    }
    if (Buffer.isBuffer(body)) return null
    if (!(Number(headerValue(this.#req.rawHeaders, 'content-length')) <= LIMITS.rpcWholeBytes)) return null
    try {
      return rpcIdOf(Buffer.concat(await body.toArray()).toString('utf8'))
    } catch {
      return null
    }
  }

  /** The answer is out, or the caller gone. */
  #closed(): void {
    if (this.#res.writableFinished) this.#exchange.end()
    else this.#exchange.abort('The caller left before the answer was whole.')
    this.#left.leave()
    this.#place?.leave()
    if (this.#share !== null) this.#context.requestShares.leave(this.#share)
    if (this.#live !== null) this.#context.live.remove(this.#live)
    if (this.#body instanceof ShortBody) this.#body.cut()
  }
}

/** The same few addresses come again and again; what each asks for is kept by its spelling. */
const knownApis = new Map<string, string>()
const KNOWN_APIS = 500
const KNOWN_URL_LENGTH = 256

function apiOf(url: string): string {
  const known = knownApis.get(url)
  if (known !== undefined) return known
  const question = url.indexOf('?')
  const api = new URLSearchParams(question === -1 ? '' : url.slice(question + 1)).get('api') ?? ''
  if (knownApis.size < KNOWN_APIS && url.length <= KNOWN_URL_LENGTH) knownApis.set(url, api)
  return api
}

function cancelled(): AppError {
  return new AppError('CANCELLED', 'The call was cancelled.')
}
