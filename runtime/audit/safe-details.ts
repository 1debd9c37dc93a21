import { MASK } from '../core/mask.ts'

const SECRET_NAME = /pass(word|phrase)?$|token|secret|cookie|authorization|credential|private_?key|api_?key/i
const TEXT_LENGTH = 1000
const DEPTH = 4

/**
 * Details as they may be stored. Callers hand in no secrets; this is the second line (C51): what is named like one
 * is masked all the same, and lengths are bounded so that a caller cannot fill the disk through the log.
 */
export function safeDetails(details: Record<string, unknown>, depth = 0): Record<string, unknown> {
  const safe: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(details)) {
    safe[name] = SECRET_NAME.test(name) ? MASK : safeValue(value, depth + 1)
  }
  return safe
}

function safeValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > TEXT_LENGTH ? `${value.slice(0, TEXT_LENGTH)}…` : value
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH) return '…'
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => safeValue(item, depth + 1))
  return safeDetails(Object.fromEntries(Object.entries(value).slice(0, 100)), depth)
}
