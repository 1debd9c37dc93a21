import type { TrafficBody } from '../../../../runtime/contract/traffic.ts'
import { visible } from '../../../format/text.ts'

export type BodyKind = 'json' | 'image' | 'text' | 'hex'

/** Pictures that the window may decode; drawn as an image, so that nothing in them acts (SVG's scripts do not run). */
const IMAGES = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/svg+xml',
  'image/x-icon',
  'image/avif',
])

/** How a body is shown best. */
export function bodyKind(body: TrafficBody): BodyKind {
  if (body.type !== null && IMAGES.has(body.type) && !body.truncated) return 'image'
  if (body.text === null) return 'hex'
  const json = body.type === null || /[/+]json$/.test(body.type)
  return json && !body.truncated && parsedJson(body.text) !== undefined ? 'json' : 'text'
}

/** undefined when it is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

export function bodyBytes(body: TrafficBody): Uint8Array {
  if (body.base64 === null) return new TextEncoder().encode(body.text ?? '')
  return Uint8Array.from(atob(body.base64), (char) => char.charCodeAt(0))
}

/** For an image: as a data: address. */
export function dataAddress(body: TrafficBody): string {
  if (body.base64 !== null) return `data:${body.type};base64,${body.base64}`
  return `data:${body.type},${encodeURIComponent(body.text ?? '')}`
}

/** Bytes as hexdump -C writes them: place, sixteen bytes, the same as letters. */
export function hexLines(bytes: Uint8Array, most: number): string[] {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) {
    const row = [...bytes.subarray(at, at + 16)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0'))
    const halves = `${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}`.padEnd(49)
    const letters = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(6, '0')}  ${halves} ${letters}`)
  }
  return lines
}

/** A body as text to read, JSON set in lines; null when it is none. */
export function readableBody(body: TrafficBody): string | null {
  return body.text === null ? null : lines(pretty(body.text))
}

/** Line ends and tabs act as they should; everything else that acts is made visible (A29). */
function lines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => visible(line.replaceAll('\t', '    ')))
    .join('\n')
}

function pretty(text: string): string {
  const value = parsedJson(text)
  return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : text
}
