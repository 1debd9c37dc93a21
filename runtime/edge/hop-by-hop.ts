/**
 * Headers that concern one connection only and are not passed on (RFC 9110, 7.6.1), with those that the host answers
 * for itself: framing is made anew on each side (A10), `Expect` is answered by the host, trailers are dropped (A01).
 */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
])

export function isHopByHop(lowerName: string): boolean {
  return HOP_BY_HOP.has(lowerName)
}

/** Not to be named away: they say where the message goes and how long it is. */
const KEPT = new Set(['host', 'content-length'])

/** Lower-case names listed in Connection headers; null when there are none that matter, which is nearly always. */
export function connectionNamed(raw: readonly string[]): Set<string> | null {
  let named: Set<string> | null = null
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const header = raw[i] ?? ''
    if (header.length !== 10 || header.toLowerCase() !== 'connection') continue
    const value = (raw[i + 1] ?? '').toLowerCase()
    if (value === 'keep-alive' || value === 'close' || value === 'upgrade') continue
    for (const part of value.split(',')) {
      const name = part.trim()
      if (name === '' || KEPT.has(name)) continue
      named ??= new Set()
      named.add(name)
    }
  }
  return named
}
