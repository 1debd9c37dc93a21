import { AppError } from '../../contract/errors.ts'
import type { AppRequest } from './types.ts'

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Anything else in a value could end its line and begin the next (A10). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const PATH = /^\/[\x21-\x7e\x80-\xff]*$/

/** Whether a name may stand in a request, by its spelling: the same few come again and again. */
const knownNames = new Map<string, boolean>()
const KNOWN_NAMES = 500
const KNOWN_NAME_LENGTH = 64

/** A request ready to be written: its head with the empty line, and how its body is framed. */
export interface RequestHead {
  text: string
  /** Bytes of the body that the head promises; -1 when it goes out chunked. */
  length: number
}

/**
 * The head of a request as one text. How the body is framed is said here and nowhere else: one Content-Length, or
 * chunked, or no body at all, so that an app cannot see two requests where there is one (A10, CVE-2026-29057).
 * Throws BAD_REQUEST for what would not stay in its line.
 */
export function requestHead({ method, path, headers, body }: AppRequest): RequestHead {
  // CONNECT would make a tunnel of the connection.
  if (!TOKEN.test(method) || method === 'CONNECT' || !PATH.test(path)) throw cannotPass('method or path')
  let text = `${method} ${path} HTTP/1.1\r\n`
  let length = -1
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const value = headers[i + 1] ?? ''
    if (!isPassable(name)) {
      if (name.toLowerCase() !== 'content-length' || length !== -1 || !/^\d{1,15}$/.test(value)) throw cannotPass(name)
      length = Number(value)
      continue
    }
    if (!VALUE.test(value)) throw cannotPass(name)
    text += `${name}: ${value}\r\n`
  }
  if (body === null) {
    if (length > 0) throw cannotPass('Content-Length')
    // Said where a body is usual, since some servers wait for one otherwise (RFC 9110, 8.6).
    const expected = method === 'POST' || method === 'PUT' || method === 'PATCH'
    return { text: expected ? `${text}Content-Length: 0\r\n\r\n` : `${text}\r\n`, length: 0 }
  }
  if (body instanceof Uint8Array) {
    if (length !== -1 && length !== body.length) throw cannotPass('Content-Length')
    length = body.length
  }
  return length === -1
    ? { text: `${text}Transfer-Encoding: chunked\r\n\r\n`, length }
    : { text: `${text}Content-Length: ${length}\r\n\r\n`, length }
}

/** False for what frames the message or concerns the connection, which is ours to say, and for what is no name. */
function isPassable(name: string): boolean {
  const known = knownNames.get(name)
  if (known !== undefined) return known
  const passable = TOKEN.test(name) && !OURS.has(name.toLowerCase())
  if (knownNames.size < KNOWN_NAMES && name.length <= KNOWN_NAME_LENGTH) knownNames.set(name, passable)
  return passable
}

const OURS = new Set(['content-length', 'transfer-encoding', 'connection', 'upgrade', 'trailer', 'expect'])

function cannotPass(what: string): AppError {
  const cause = new Error(`Not to be written as it is: ${what.slice(0, 64)}`)
  return new AppError('BAD_REQUEST', 'The request cannot be passed on as it is.', undefined, { cause })
}
