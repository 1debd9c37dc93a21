import { LIMITS } from '../contract/limits.ts'
import type { AuthHeaderLine } from '../contract/models.ts'
import { maskHeader } from '../core/mask.ts'

/**
 * What became of the headers of one message, told when somebody looks and not before: nearly nobody does, and telling
 * costs more than passing the message on. Whoever applies the rules makes it, since only he can tell. It holds what the
 * rules knew beside the headers themselves, which are held by the row, and as little of that as can be.
 */
export interface HeaderAccount {
  /**
   * Every line as it came and as it went on, and why. Secrets are whole, but for the host's own.
   * @param raw the headers as they came: name, value, name, value …
   */
  lines(raw: readonly string[]): AuthHeaderLine[]
}

/**
 * What became of the headers of a request: who can tell, which is the same for many requests, and what is this request's
 * own. Of a request that is over, the record keeps the one by reference and the other as bytes.
 */
export interface RequestAccount {
  readonly teller: RequestTeller
  /** In words of its teller's, as latin1. */
  readonly own: string
  /** About how many bytes it holds. */
  readonly size: number
}

export interface RequestTeller {
  /** About how many bytes it holds that are for one request alone; 0 of one for many. */
  readonly heldBytes: number
  /** As HeaderAccount's. @param own of the RequestAccount */
  lines(raw: readonly string[], own: string): AuthHeaderLine[]
  /** Those lines that say, or pretend to say, who it is from. */
  auth(raw: readonly string[], own: string): AuthHeaderLine[]
}

/** Both messages of an exchange, line by line, secrets and all. */
export interface HeaderLines {
  auth: AuthHeaderLine[]
  request: AuthHeaderLine[]
  answer: AuthHeaderLine[]
}

/** Lines that are told already. */
export class ToldLines implements RequestAccount, RequestTeller {
  readonly own = ''
  readonly size: number
  readonly #lines: AuthHeaderLine[]

  constructor(lines: AuthHeaderLine[]) {
    this.#lines = lines
    let size = 0
    for (const line of lines) size += line.name.length + textLength(line.sent) + textLength(line.received) + 64
    this.size = size
  }

  get teller(): RequestTeller {
    return this
  }

  get heldBytes(): number {
    return this.size
  }

  lines(): AuthHeaderLine[] {
    return this.#lines
  }

  auth(): AuthHeaderLine[] {
    return this.#lines
  }
}

/**
 * Raw headers as one text: a row that is kept is one more string for the collector then, and not two for each line,
 * which under load costs more than all else about recording. A line end can be in neither a name nor a value.
 */
export function packedHeaders(raw: readonly string[]): string {
  return raw.join('\n')
}

export function unpackedHeaders(packed: string): string[] {
  return packed === '' ? [] : packed.split('\n')
}

function textLength(text: string | null): number {
  return text === null ? 0 : text.length
}

/**
 * Raw headers (name, value, name, value …) as pairs to show: secrets masked (C51), and no more of them than
 * LIMITS.trafficHeaderBytes.
 */
export function maskedHeaders(raw: readonly string[]): [name: string, value: string][] {
  const headers: [string, string][] = []
  let size = 0
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const left = LIMITS.trafficHeaderBytes - size - name.length
    if (left <= 0) {
      headers.push(['…', `${(raw.length - i) / 2} more headers are not shown.`])
      break
    }
    const value = cut(maskHeader(name, raw[i + 1] ?? ''), left)
    headers.push([name, value])
    size += name.length + value.length
  }
  return headers
}

/** Lines as they may be shown to whoever did not ask for secrets (C51); no more than LIMITS.trafficHeaderBytes. */
export function maskedLines(lines: readonly AuthHeaderLine[]): AuthHeaderLine[] {
  const masked: AuthHeaderLine[] = []
  let left: number = LIMITS.trafficHeaderBytes
  for (const line of lines) {
    const sent = maskedValue(line.name, line.sent, left)
    const received = line.received === line.sent ? sent : maskedValue(line.name, line.received, left)
    masked.push({ ...line, name: cut(line.name, LONGEST_NAME), sent, received })
    left -= line.name.length + Math.max(textLength(sent), textLength(received))
    if (left > 0 || masked.length === lines.length) continue
    const reason = `${lines.length - masked.length} more headers are not shown.`
    masked.push({ name: '…', sent: null, received: null, action: 'kept', reason, label: null })
    break
  }
  return masked
}
const LONGEST_NAME = 256

function maskedValue(name: string, value: string | null, longest: number): string | null {
  return value === null ? null : cut(maskHeader(name, value), longest)
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, Math.max(longest, 0))}…` : text
}
