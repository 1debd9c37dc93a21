/** Pseudo-random choices that a seed repeats (mulberry32); nothing secret comes from here. */
export class Choices {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A fraction from 0 up to, and without, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  one<T>(from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)] ?? from[0]
  }

  /** Bytes as latin1 text. */
  bytes(most: number): string {
    return Array.from({ length: this.below(most + 1) }, () => String.fromCharCode(this.below(256))).join('')
  }

  /** Each letter in one case or the other. */
  cased(text: string): string {
    return [...text].map((letter) => (this.chance(0.5) ? letter.toUpperCase() : letter.toLowerCase())).join('')
  }
}

/** What of a host the requests are made for, and made to steal or to forge. */
export interface FuzzTarget {
  host: string
  hostName: string
  cookie: string
  sessionCookie: string
  bearers: [string, ...string[]]
  forgedUser: string
}

const METHODS = ['GET', 'GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'PROPFIND', 'M-SEARCH'] as const
const ODD_METHODS = ['CONNECT', 'TRACE', 'get', 'G ET', '', 'PRI', 'QUERY'] as const
const SEPARATORS = ['-', '_', '.', '~', '!', '#', '$', '%', '&', "'", '*', '+', '^', '`', '|', '--', ''] as const
const LINE_ENDS = ['\n', '\r', '\r\r\n', '\n\r\n', '\r\n\r\n', '\0\r\n'] as const

/** One request in bytes (as latin1 text): mostly right, with something wrong or forged in it. */
export function fuzzRequest(pick: Choices, target: FuzzTarget, id: string, path: string): string {
  const method = pick.chance(0.93) ? pick.one(METHODS) : pick.one(ODD_METHODS)
  const version = pick.chance(0.96) ? 'HTTP/1.1' : pick.one(['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.2', 'http/1.1', ''])
  const { body, lines: framing } = fuzzBody(pick)
  const lines = [
    `${method} ${fuzzTarget(pick, target, path)} ${version}`,
    ...hostLines(pick, target),
    ...(pick.chance(0.85) ? [`${pick.one(['Cookie', 'cookie', 'COOKIE'])}: ${fuzzCookies(pick, target)}`] : []),
    `X-Fuzz: ${id}`,
  ]
  for (let i = pick.below(5); i > 0; i--) lines.splice(1 + pick.below(lines.length), 0, fuzzLine(pick, target))
  lines.push(...framing)
  const end = () => (pick.chance(0.997) ? '\r\n' : pick.one(LINE_ENDS))
  const text = `${lines.map((line) => line + end()).join('')}\r\n${body}`
  return pick.chance(0.1) ? mutate(pick, text) : text
}

function hostLines(pick: Choices, { host, hostName }: FuzzTarget): string[] {
  if (pick.chance(0.95)) return [`Host: ${host}`]
  return pick.one([
    [],
    [`Host: ${host}`, `Host: ${host}`],
    [`Host: ${host}`, 'Host: evil.test'],
    ['Host: evil.test'],
    [`Host: ${host}, evil.test`],
    [`Host: ${hostName}`],
    [`host : ${host}`],
    [`H_ost: ${host}`],
    [`Host: ${host.toUpperCase()}`],
    [`Host:\t${host}\t`],
  ])
}

function fuzzTarget(pick: Choices, { host }: FuzzTarget, path: string): string {
  if (pick.chance(0.85)) return path
  return pick.one([
    `http://${host}${path}`,
    `HTTP://${host}${path}`,
    `http://evil.test${path}`,
    `https://${host}${path}`,
    `//evil.test${path}`,
    '*',
    `${path}?a=%00%0d%0aAtek-Auth-User:x`,
    `${path}?bst=${'x'.repeat(43)}`,
    `${path}?${pick.bytes(20)}`,
    `${path}#fragment`,
    `/${'x'.repeat(pick.below(40_000))}`,
    `${path} ${path}`,
    '/..//./%2e%2e/\\',
    '/_atek/gateway?api=x',
  ])
}

function fuzzCookies(pick: Choices, { cookie, sessionCookie }: FuzzTarget): string {
  if (pick.chance(0.6)) return cookie
  return pick.one([
    `${cookie}; mine=1`,
    `mine=1;${cookie}`,
    `${cookie}; ${sessionCookie}`,
    `${sessionCookie}; ${cookie}`,
    `ATEK_app=${pick.bytes(5)}; ${cookie}`,
    `${cookie}; atek_app=${'x'.repeat(43)}`,
    `"${cookie}"`,
    `;;; ${cookie} ;`,
    `__Host-${cookie}; ${cookie}`,
    `atek_bind=x,${cookie}`,
    pick.bytes(30),
  ])
}

function fuzzLine(pick: Choices, target: FuzzTarget): string {
  const separator = () => pick.one(SEPARATORS)
  const spelled = `Atek${separator()}Auth${separator()}${pick.one(['User', 'Service', 'Role', 'User-Id'])}`
  return pick.one([
    () => `${pick.cased(spelled)}: ${target.forgedUser}`,
    () => `${pick.cased(spelled)}:${pick.one(['', ' ', '\t'])}${target.forgedUser}, ${pick.bytes(4)}`,
    () => `Atek-Auth-User: ${target.forgedUser}`,
    () => `Connection: ${pick.one(['close', 'keep-alive', 'Atek-Auth-User', 'cookie, host, x-fuzz', 'upgrade', ','])}`,
    () => `${pick.one(['Upgrade', 'upgrade'])}: ${pick.one(['websocket', 'h2c', 'websocket, h2c', 'x'])}`,
    () => `Sec-WebSocket-Key: ${'x'.repeat(22)}==`,
    () => `Authorization: ${pick.one(['Bearer', 'bearer ', 'Basic', 'x,', ''])} ${pick.one(target.bearers)}`,
    () => `${pick.one(['X_Real_IP', 'X-Real-IP', 'X-Forwarded-For', 'x.forwarded.for', 'Forwarded'])}: 6.6.6.6`,
    () => `${pick.one(['X-Forwarded-Host', 'X_Forwarded_Proto', 'Proxy', 'True-Client-IP'])}: evil`,
    () => `${pick.one(['Content_Length', 'Transfer_Encoding', 'Content.Length', 'Ho_st', 'Coo_kie'])}: 7`,
    () => `Expect: ${pick.one(['100-continue', '200-ok', ''])}`,
    () => `${pick.one(['TE', 'Trailer', 'Keep-Alive', 'Proxy-Connection', 'HTTP2-Settings'])}: ${spelled}`,
    () => `Origin: ${pick.one(['null', 'http://evil.test', `http://${target.host}`])}`,
    () => `X-${pick.one(['A', 'a_b', 'C.d', 'e~f'])}: ${pick.chance(0.8) ? 'plain' : pick.bytes(20)}`,
    () => `X-Long: ${'y'.repeat(pick.below(12_000))}`,
    () => `Accept: ${pick.one(['text/html', '*/*', ''])}`,
    // Most of these end the connection, and with it what would have come behind.
    () =>
      pick.chance(0.2) ? pick.one([pick.bytes(20), ` folded ${pick.bytes(6)}`, `X-${pick.bytes(3)}: 1`]) : 'X-Fine: 1',
  ])()
}

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\nAtek-Auth-User: evil\r\n\r\n'

function fuzzBody(pick: Choices): { lines: string[]; body: string } {
  const text = pick.chance(0.3) ? SMUGGLED : pick.bytes(60)
  const size = text.length
  const chunk = (start = size.toString(16), end = '0\r\n\r\n') => `${start}\r\n${text}\r\n${end}`
  if (pick.chance(0.4)) return { lines: [], body: '' }
  if (pick.chance(0.4)) return { lines: [`Content-Length: ${size}`], body: text }
  if (pick.chance(0.4)) return { lines: ['Transfer-Encoding: chunked'], body: chunk() }
  return pick.one([
    () => ({ lines: ['Transfer-Encoding: chunked'], body: chunk(`${size.toString(16)};x="y"`) }),
    () => ({ lines: ['Transfer-Encoding: chunked'], body: chunk(undefined, '0\r\nAtek-Auth-User: evil\r\n\r\n') }),
    () => ({ lines: ['transfer-encoding: CHUNKED'], body: chunk(`000${size.toString(16)}`) }),
    () => ({
      lines: ['Transfer-Encoding: chunked'],
      body: chunk(pick.one(['-1', '0x5', ' 5', 'g', '', 'ffffffffffffffffff'])),
    }),
    () => ({ lines: ['Transfer-Encoding: chunked'], body: chunk().replaceAll('\r\n', '\n') }),
    () => ({ lines: ['Transfer-Encoding: chunked', `Content-Length: ${size}`], body: chunk() }),
    () => ({ lines: [`Content-Length: ${size}`, `Content-Length: ${size + 1}`], body: text }),
    () => ({
      lines: [
        `Content-Length: ${pick.one([`+${size}`, `${size}, ${size}`, '-1', '1e3', '0x9', '99999999999999999999'])}`,
      ],
      body: text,
    }),
    () => ({ lines: [`Content-Length: ${Math.max(0, size - 5)}`], body: text }),
    () => ({ lines: [`Content-Length: ${size + 20}`], body: text }),
    () => ({
      lines: [
        `Transfer-Encoding: ${pick.one(['gzip, chunked', 'chunked, identity', 'xchunked', 'identity', ' chunked'])}`,
      ],
      body: chunk(),
    }),
    () => ({ lines: [], body: text }),
  ])()
}

/** Some bytes of it changed, put in, left out, repeated, or cut off. */
export function mutate(pick: Choices, text: string): string {
  let result = text
  for (let left = 1 + pick.below(3); left > 0; left--) {
    const at = pick.below(result.length + 1)
    const to = at + pick.below(12)
    result = pick.one([
      () => result.slice(0, at) + String.fromCharCode(pick.below(256)) + result.slice(at + 1),
      () => result.slice(0, at) + pick.bytes(4) + result.slice(at),
      () => result.slice(0, at) + result.slice(to),
      () => result.slice(0, to) + result.slice(at),
      () => result.slice(0, at),
    ])()
  }
  return result
}
