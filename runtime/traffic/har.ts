import { STATUS_CODES } from 'node:http'
import type { FrameOpcode, TrafficDetails, WebSocketFrame } from '../contract/models.ts'
import type { TrafficBody } from '../contract/traffic.ts'

type Pair = readonly [name: string, value: string]

export interface HarRequest {
  /** Where the request went, with scheme and host: its path stands in `details`. */
  origin: string
  details: TrafficDetails
  /** As they were kept, where they were and may be told. */
  requestBody: TrafficBody | null
  responseBody: TrafficBody | null
  /** Of a WebSocket; their previews, too, only where they may be told. */
  frames: readonly WebSocketFrame[]
}

/** HTTP Archive 1.2 as JSON, as browsers' network panels open it. Masked or not as its details are. */
export function toHar(requests: readonly HarRequest[], version: string): string {
  const creator = { name: 'Atek', version }
  return JSON.stringify({ log: { version: '1.2', creator, pages: [], entries: requests.map(toEntry) } }, null, 1)
}

function toEntry({ origin, details, requestBody, responseBody, frames }: HarRequest) {
  const { requestHeaders, responseHeaders } = details
  const url = `${details.kind === 'websocket' ? origin.replace(/^http/, 'ws') : origin}${details.path}`
  const mimeType = headerOf(responseHeaders, 'content-type') ?? ''
  const timings = timingsOf(details)
  return {
    startedDateTime: new Date(details.at).toISOString(),
    time: timings.blocked + timings.wait + timings.receive,
    request: {
      method: details.method,
      url,
      httpVersion: 'HTTP/1.1',
      cookies: requestCookies(requestHeaders),
      headers: named(requestHeaders),
      queryString: queryOf(details.path),
      headersSize: -1,
      bodySize: details.bytesIn,
      ...(requestBody !== null && {
        postData: {
          mimeType: requestBody.type ?? '',
          text: requestBody.text ?? requestBody.base64 ?? '',
          ...(requestBody.text === null && { comment: 'The text is base64.' }),
        },
      }),
    },
    response: {
      // 0: there was no answer.
      status: details.status ?? 0,
      statusText: STATUS_CODES[details.status ?? 0] ?? '',
      httpVersion: 'HTTP/1.1',
      cookies: answerCookies(responseHeaders),
      headers: named(responseHeaders),
      content: contentOf(details, mimeType, responseBody),
      redirectURL: headerOf(responseHeaders, 'location') ?? '',
      headersSize: -1,
      bodySize: details.bytesOut,
      // Chromium would add the two above, of which one is -1 for "not known".
      _transferSize: details.bytesOut,
    },
    cache: {},
    timings,
    // The host listens on loopback only. Without an address Chromium shows ":80".
    serverIPAddress: '127.0.0.1',
    connection: new URL(origin).port || '80',
    ...resourceType(details),
    ...(details.kind === 'websocket' && { _webSocketMessages: frames.map(messageOf) }),
    ...(details.reason !== null && { comment: details.reason }),
    // Names of our own begin with an underscore, as the format wants it.
    _atek: {
      seq: details.seq,
      kind: details.kind,
      app: details.appId,
      caller: details.caller,
      refused: details.refused,
      state: details.state,
      rpcApi: details.rpcApi,
      rpcMethod: details.rpcMethod,
      cause: details.cause,
      replayOf: details.replayOf,
      authHeaders: details.authHeaders,
    },
  }
}

const OPCODES: Record<FrameOpcode, number> = {
  continuation: 0,
  text: 1,
  binary: 2,
  unknown: 3,
  close: 8,
  ping: 9,
  pong: 10,
}

/** As Chromium writes and reads a frame: the caller is who sends. */
function messageOf({ at, direction, opcode, bytes, preview }: WebSocketFrame) {
  return {
    type: direction === 'in' ? 'send' : 'receive',
    time: at / 1000,
    opcode: OPCODES[opcode],
    data: preview ?? `(${bytes} bytes, which this file does not have)`,
  }
}

/** Destinations of the Fetch standard that Chromium's network panel calls otherwise. */
const TYPES: Record<string, string> = {
  iframe: 'document',
  frame: 'document',
  style: 'stylesheet',
  worker: 'script',
  sharedworker: 'script',
  serviceworker: 'script',
  audio: 'media',
  video: 'media',
  track: 'texttrack',
  empty: 'fetch',
}
const SAME = new Set(['document', 'script', 'image', 'font', 'manifest'])

/** What Chromium sorts requests by; without it every answer in JSON would be a script. */
function resourceType({ kind, requestHeaders, responseHeaders }: TrafficDetails): { _resourceType?: string } {
  if (kind === 'websocket') return { _resourceType: 'websocket' }
  const destination = headerOf(requestHeaders, 'sec-fetch-dest')?.toLowerCase() ?? ''
  if (SAME.has(destination)) return { _resourceType: destination }
  const known = Object.hasOwn(TYPES, destination) ? TYPES[destination] : undefined
  if (known !== undefined) return { _resourceType: known }
  const json = /^application\/([\w.-]+\+)?json\b/i.test(headerOf(responseHeaders, 'content-type') ?? '')
  return kind === 'gateway' || json ? { _resourceType: 'fetch' } : {}
}

/** Queue and sign-in count as blocked; -1 says that there was no such step. What the host answers itself is waited for. */
function timingsOf({ timing, durationMs }: TrafficDetails) {
  const end = durationMs ?? timing.endMs ?? timing.headMs ?? timing.forwardedMs ?? 0
  const forwarded = timing.forwardedMs ?? timing.callerMs ?? 0
  const head = Math.max(forwarded, timing.headMs ?? end)
  const receive = Math.max(0, end - head)
  return { blocked: forwarded, dns: -1, connect: -1, ssl: -1, send: 0, wait: head - forwarded, receive }
}

function contentOf(details: TrafficDetails, mimeType: string, body: TrafficBody | null) {
  if (body === null) return { size: details.bytesOut, mimeType }
  const comment = body.truncated ? `Only the first ${body.shownBytes} bytes were kept.` : (body.problem ?? undefined)
  return {
    size: body.truncated ? body.bytes : body.shownBytes,
    mimeType,
    ...(body.text === null ? { text: body.base64 ?? '', encoding: 'base64' } : { text: body.text }),
    ...(comment !== undefined && { comment }),
  }
}

function named(pairs: readonly Pair[]): { name: string; value: string }[] {
  return pairs.map(([name, value]) => ({ name, value }))
}

function headerOf(pairs: readonly Pair[], name: string): string | null {
  return pairs.find(([other]) => other.toLowerCase() === name)?.[1] ?? null
}

function queryOf(path: string): { name: string; value: string }[] {
  const at = path.indexOf('?')
  if (at === -1) return []
  return [...new URLSearchParams(path.slice(at + 1).split('#', 1)[0])].map(([name, value]) => ({ name, value }))
}

function requestCookies(headers: readonly Pair[]): { name: string; value: string }[] {
  return headers.flatMap(([name, value]) =>
    name.toLowerCase() === 'cookie' ? value.split(';').map((cookie) => pairOf(cookie)) : [],
  )
}

function answerCookies(headers: readonly Pair[]) {
  return headers.flatMap(([name, value]) => {
    if (name.toLowerCase() !== 'set-cookie') return []
    const [cookie = '', ...attributes] = value.split(';')
    const has = (wanted: string) => attributes.some((attribute) => attribute.trim().toLowerCase() === wanted)
    return [{ ...pairOf(cookie), httpOnly: has('httponly'), secure: has('secure') }]
  })
}

function pairOf(text: string): { name: string; value: string } {
  const equals = text.indexOf('=')
  if (equals === -1) return { name: '', value: text.trim() }
  return { name: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim() }
}
