export interface CurlRequest {
  method: string
  /** Whole, with scheme and host. */
  url: string
  headers: readonly (readonly [name: string, value: string])[]
  /** null without one, or where it was not kept. */
  body: Buffer | null
}

/** Set by curl itself, or of one connection only. */
const NOT_COPIED = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'te',
  'accept-encoding',
])

/**
 * A request as a command line for a shell (sh, bash, zsh). Everything that comes from the request is quoted as one word,
 * in which a shell reads nothing: whatever was sent, nothing but curl is run (A29).
 */
export function toCurl({ method, url, headers, body }: CurlRequest): string {
  const parts = ['curl']
  if (method === 'HEAD') parts.push('--head')
  else if (method !== 'GET' || body !== null) parts.push('--request', quoted(method))
  parts.push('--url', quoted(url))
  // Braces and brackets in an address are not patterns here.
  if (/[{}[\]]/.test(url)) parts.push('--globoff')
  for (const [name, value] of headers) {
    if (NOT_COPIED.has(name.toLowerCase())) continue
    // "Name:" would take the header away; with a semicolon it is sent empty.
    parts.push('--header', quoted(value === '' ? `${name};` : `${name}: ${value}`))
  }
  // The answer is to be read, also where the request was for a packed one.
  if (headers.some(([name]) => name.toLowerCase() === 'accept-encoding')) parts.push('--compressed')
  if (body === null) return parts.join(' ')
  const text = body.toString('utf8')
  if (!SPECIAL.test(text) && Buffer.from(text, 'utf8').equals(body)) {
    return [...parts, '--data-raw', quoted(text)].join(' ')
  }
  // A word of a command line holds no zero bytes, and a terminal acts on others.
  return `printf %s ${quoted(body.toString('base64'))} | base64 -d | ${parts.join(' ')} --data-binary @-`
}

/** Control characters but tab and line end, and marks that change the direction of what is shown. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SPECIAL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]/

/** One word. Zero bytes, which no word can have, are left out. */
export function quoted(text: string): string {
  const clean = Buffer.from(text.replaceAll('\0', ''), 'utf8').toString('utf8')
  if (!SPECIAL.test(clean)) return `'${clean.replaceAll("'", `'\\''`)}'`
  // What cannot be shown is written as bytes; $'…' is in bash and zsh since always, and in POSIX since 2024.
  const written = [...Buffer.from(clean, 'utf8')].map((byte) =>
    byte < 0x20 || byte >= 0x7f || byte === 0x27 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  )
  return `$'${written.join('')}'`
}
