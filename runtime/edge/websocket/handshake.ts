import { createHash } from 'node:crypto'

/** RFC 6455, 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** 16 bytes as base64. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/

export interface HandshakeFault {
  code: 'BAD_REQUEST' | 'WEBSOCKET_VERSION'
  reason: string
  headers?: string[]
}

/**
 * What is wrong with a client's handshake (RFC 6455, 4.2.1), or null. Checked here and not left to the app: what an
 * app would take for a plain request would go on, on a connection whose bytes the host no longer reads as HTTP.
 */
export function handshakeFault(rawHeaders: readonly string[]): HandshakeFault | null {
  const versions = values(rawHeaders, 'sec-websocket-version')
  if (versions.length !== 1 || versions[0] !== '13') {
    const reason = `The WebSocket version is "${versions.join(', ').slice(0, 64)}".`
    // RFC 6455, 4.2.2: with the version that is served.
    return { code: 'WEBSOCKET_VERSION', reason, headers: ['Sec-WebSocket-Version', '13', 'Upgrade', 'websocket'] }
  }
  const keys = values(rawHeaders, 'sec-websocket-key')
  if (keys.length !== 1 || !KEY.test(keys[0] ?? '')) {
    return { code: 'BAD_REQUEST', reason: 'The Sec-WebSocket-Key is not one value of 16 bytes.' }
  }
  return null
}

/**
 * What is wrong with an app's 101 (RFC 6455, 4.1), or null. Without the key's digest it is not sure that the app has
 * agreed to a WebSocket at all, and what the client sent would be read as something else.
 * @param requestHeaders as they went to the app
 */
export function switchFault(requestHeaders: readonly string[], answerHeaders: readonly string[]): string | null {
  const key = values(requestHeaders, 'sec-websocket-key')[0] ?? ''
  const accept = values(answerHeaders, 'sec-websocket-accept')
  if (accept.length !== 1 || accept[0] !== acceptOf(key)) return 'The app’s Sec-WebSocket-Accept does not fit the key.'
  if (values(answerHeaders, 'upgrade').join().toLowerCase() !== 'websocket')
    return 'The app switched to something else.'
  return null
}

/** Whether the app agreed to an extension, such as compression (RFC 7692). */
export function hasExtensions(answerHeaders: readonly string[]): boolean {
  return values(answerHeaders, 'sec-websocket-extensions').some((value) => value !== '')
}

export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64')
}

function values(rawHeaders: readonly string[], lowerName: string): string[] {
  const found: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if ((rawHeaders[i] ?? '').toLowerCase() === lowerName) found.push((rawHeaders[i + 1] ?? '').trim())
  }
  return found
}
