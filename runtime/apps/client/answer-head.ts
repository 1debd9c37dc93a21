import { LIMITS } from '../../contract/limits.ts'

/** The app gave bytes that are no answer, or not one whose end everybody would see at the same place. */
export class BadAnswer extends Error {
  readonly code = 'APP_ANSWER'
}

export interface AnswerHead {
  status: number
  statusText: string
  /** Name, value, name, value … as they came, without blanks around the values. */
  headers: string[]
  /** Content-Length; -1 when there is none. */
  length: number
  chunked: boolean
  /** The connection may serve another request, as far as the head tells. */
  reusable: boolean
  /** Seconds for which the app says that it keeps an idle connection; -1 when it does not say. */
  keepAlive: number
}

/** Names that a head's reader acts on; every other one is 0. */
const CONTENT_LENGTH = 1
const TRANSFER_ENCODING = 2
const CONNECTION = 3
const KEEP_ALIVE = 4
const MEANING: Readonly<Record<string, number>> = {
  'content-length': CONTENT_LENGTH,
  'transfer-encoding': TRANSFER_ENCODING,
  connection: CONNECTION,
  'keep-alive': KEEP_ALIVE,
}

/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/**
 * Nowhere in a head: control characters, and line ends that are not CR LF. A reader that takes a bare LF, or a bare CR,
 * for the end of a line sees other headers than one that does not, and that is how answers are split (A11).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/

/** Apps use the same names again and again; what each means is looked up by its spelling. */
const knownNames = new Map<string, number>()
const KNOWN_NAMES = 500
const KNOWN_NAME_LENGTH = 64

function meaningOf(name: string): number {
  const known = knownNames.get(name)
  if (known !== undefined) return known
  // A blank before the colon, an empty name and a folded line end here (RFC 9112, 5.1 and 5.2).
  if (!TOKEN.test(name)) throw new BadAnswer('A header has a name that is none.')
  const meaning = MEANING[name.toLowerCase()] ?? 0
  if (knownNames.size < KNOWN_NAMES && name.length <= KNOWN_NAME_LENGTH) knownNames.set(name, meaning)
  return meaning
}

/**
 * Reads an answer's head, strictly: whatever two readers could take for different things is BadAnswer.
 * @param text the head's bytes as latin1 (RFC 9110, 5.5), without the empty line at its end. Parts of it are given
 *   out and hold the whole, so that it should be a string of its own.
 */
export function parseAnswerHead(text: string): AnswerHead {
  if (FORBIDDEN.test(text)) throw new BadAnswer('The head has a character that is not allowed, or a bare line end.')
  let end = text.indexOf('\r\n')
  if (end === -1) end = text.length
  const first = STATUS_LINE.exec(text.slice(0, end))
  if (first === null) throw new BadAnswer('The first line is no status line.')
  const head: AnswerHead = {
    status: Number(first[2]),
    statusText: first[3] ?? '',
    headers: [],
    length: -1,
    chunked: false,
    // Before 1.1 a connection ends with its answer, unless both sides say otherwise; we never do.
    reusable: first[1] === '1',
    keepAlive: -1,
  }

  for (let at = end + 2; at < text.length; at = end + 2) {
    end = text.indexOf('\r\n', at)
    if (end === -1) end = text.length
    const colon = text.indexOf(':', at)
    if (colon === -1 || colon > end) throw new BadAnswer('A header line has no colon.')
    const name = text.slice(at, colon)
    const meaning = meaningOf(name)
    let from = colon + 1
    let to = end
    while (from < to && isBlank(text.charCodeAt(from))) from++
    while (to > from && isBlank(text.charCodeAt(to - 1))) to--
    const value = text.slice(from, to)
    head.headers.push(name, value)
    if (meaning !== 0) note(head, meaning, value)
  }
  if (head.chunked && (head.length !== -1 || first[1] !== '1')) {
    // Two lengths, of which each reader picks one (RFC 9112, 6.3), or one that HTTP/1.0 does not know (A11).
    throw new BadAnswer('The answer is chunked and has a length, or is HTTP/1.0.')
  }
  return head
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function note(head: AnswerHead, meaning: number, value: string): void {
  switch (meaning) {
    case CONTENT_LENGTH:
      // Two of them are refused even where they agree: the next one on the way may take the list for something else.
      if (head.length !== -1) throw new BadAnswer('There are two Content-Length headers.')
      if (!/^\d{1,15}$/.test(value)) throw new BadAnswer('The Content-Length is no number.')
      head.length = Number(value)
      break
    case TRANSFER_ENCODING:
      if (head.chunked || value.toLowerCase() !== 'chunked') {
        throw new BadAnswer('The Transfer-Encoding is not "chunked", or is there twice.')
      }
      head.chunked = true
      break
    case CONNECTION:
      if (/(?:^|,)\s*close\s*(?:,|$)/i.test(value)) head.reusable = false
      break
    case KEEP_ALIVE: {
      const timeout = /(?:^|,)\s*timeout=(\d{1,9})\s*(?:,|$)/i.exec(value)?.[1]
      if (timeout !== undefined) head.keepAlive = Number(timeout)
      break
    }
  }
}

const END = Buffer.from('\r\n\r\n')

/** A head that comes in pieces, up to LIMITS.headerBytes. */
export class HeadPieces {
  #bytes = Buffer.allocUnsafe(1024)
  #length = 0

  /**
   * Adds the next bytes.
   * @returns the head without its empty line, and how many of these bytes belong to it; null when it goes on
   */
  add(bytes: Buffer): { text: string; used: number } | null {
    const before = this.#length
    const taken = Math.min(bytes.length, LIMITS.headerBytes - before)
    this.#hold(before + taken)
    bytes.copy(this.#bytes, before, 0, taken)
    this.#length = before + taken
    const end = this.#bytes.subarray(0, this.#length).indexOf(END, Math.max(0, before - END.length + 1))
    if (end !== -1) return { text: this.#bytes.toString('latin1', 0, end), used: end + END.length - before }
    if (this.#length >= LIMITS.headerBytes) throw new BadAnswer(`The head is longer than ${LIMITS.headerBytes} bytes.`)
    return null
  }

  #hold(length: number): void {
    if (length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 4))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
