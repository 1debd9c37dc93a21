import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, constants as zlib } from 'node:zlib'
import type { TrafficBody } from '../contract/traffic.ts'
import type { KeptBody } from './body-store.ts'

/**
 * A kept body for reading: its Content-Encoding undone, and as text where it is some.
 * @param header the value of a header of the message, by its name in lower case
 * @param longest bytes that come out at most: a few of them can stand for a great many (A42)
 */
export async function bodyPreview(
  body: KeptBody,
  header: (name: string) => string | null,
  longest: number,
): Promise<TrafficBody> {
  const type = header('content-type')?.split(';', 1)[0]?.trim().toLowerCase() || null
  const encoding = header('content-encoding')?.trim().toLowerCase() || null
  const kept = Buffer.concat(body.chunks)
  const cut = body.kept < body.bytes
  const read = await decoded(kept, encoding, longest)
  const truncated = cut || read.truncated
  const text = asText(read.bytes, type, truncated)
  return {
    type,
    bytes: body.bytes,
    shownBytes: read.bytes.length,
    truncated,
    encoding,
    problem: read.problem,
    text,
    base64: text === null ? read.bytes.toString('base64') : null,
  }
}

interface Decoded {
  bytes: Buffer
  truncated: boolean
  problem: string | null
}

async function decoded(bytes: Buffer, encoding: string | null, longest: number): Promise<Decoded> {
  if (encoding === null || encoding === 'identity') return { bytes, truncated: false, problem: null }
  const flush = { finishFlush: zlib.Z_SYNC_FLUSH }
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return undone(createGunzip(flush), bytes, longest)
    case 'deflate':
      // By the book with a header (RFC 1950); some servers leave it out.
      return undone((bytes[0] ?? 0) % 16 === 8 ? createInflate(flush) : createInflateRaw(flush), bytes, longest)
    case 'br':
      return undone(createBrotliDecompress({ finishFlush: zlib.BROTLI_OPERATION_FLUSH }), bytes, longest)
    default:
      return { bytes, truncated: false, problem: `The encoding ${encoding.slice(0, 40)} cannot be undone here.` }
  }
}

/** Stops at `longest`, whatever is still to come: what is small when it arrives may be endless when it is unpacked. */
function undone(
  decoder: NodeJS.ReadWriteStream & { destroy(): void },
  bytes: Buffer,
  longest: number,
): Promise<Decoded> {
  return new Promise((done) => {
    const chunks: Buffer[] = []
    let length = 0
    const finish = (truncated: boolean, problem: string | null) => {
      decoder.destroy()
      done({ bytes: Buffer.concat(chunks).subarray(0, longest), truncated, problem })
    }
    decoder.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > longest) finish(true, null)
    })
    decoder.on('end', () => finish(false, null))
    decoder.on('error', () => finish(false, 'The body is not what its Content-Encoding says.'))
    decoder.end(bytes)
  })
}

const TEXT_TYPE =
  /^text\/|^application\/(?:[\w.-]+\+)?(?:json|xml|javascript|x-www-form-urlencoded|graphql|x-ndjson|yaml)$/
const BINARY_TYPE = /^(?:image\/(?!svg)|audio\/|video\/|font\/|application\/(?:octet-stream|zip|gzip|pdf|wasm))/

/** null for what is no text: by its type where that is known, and else by whether it is UTF-8 without control marks. */
function asText(bytes: Buffer, type: string | null, truncated: boolean): string | null {
  if (type !== null && BINARY_TYPE.test(type)) return null
  const text = new TextDecoder('utf-8').decode(truncated ? wholeCharacters(bytes) : bytes)
  if (type !== null && TEXT_TYPE.test(type)) return text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells it
  return text.includes('\ufffd') || /[\0-\x08\x0e-\x1f]/.test(text) ? null : text
}

/** Without the beginning of a character whose end was cut off. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}
