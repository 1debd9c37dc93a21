import { isUtf8 } from 'node:buffer'
import { AppError } from '../contract/errors.ts'
import { type RpcId, type RpcRequest, rpcRequestSchema } from '../contract/jsonrpc.ts'
import { type TopMembers, topMembers } from './top-members.ts'

/** `id` is the call's own where it has a usable one, so that even the answer to a bad call can be told apart. */
export type ParsedCall = ReadCall | { id: RpcId; error: AppError }

const MEMBERS = new Set(['jsonrpc', 'id', 'method', 'params'])
const BYTE_ORDER_MARK = '\u{feff}'

/** A call that is one. */
export class ReadCall {
  readonly request: RpcRequest
  readonly #body: Buffer
  readonly #members: TopMembers

  constructor(request: RpcRequest, body: Buffer, members: TopMembers) {
    this.request = request
    this.#body = body
    this.#members = members
  }

  get id(): RpcId {
    return this.request.id ?? null
  }

  /** The id for the answer, as the caller wrote it: a number that is too long for a double stays what it is. Latin1. */
  get idText(): string {
    return this.#members.texts.get('id') ?? 'null'
  }

  /**
   * The call as the provider gets it: the very bytes that were read, so that no number is rounded and nothing vanishes.
   * Only where they could be taken for another call than the one that was checked and recorded, it is framed anew around
   * the parameters, which stay as they are, as with long calls: with a byte order mark, a name that is spelled with
   * escapes, or a member that JSON-RPC does not know. Go's encoding/json, for one, takes "METHOD" for "method".
   */
  forProvider(): Buffer {
    const { plain, texts } = this.#members
    if (plain) return this.#body
    let text = '{"jsonrpc":"2.0"'
    for (const name of ['id', 'method', 'params']) {
      const value = texts.get(name)
      if (value !== undefined) text += `,"${name}":${value}`
    }
    return Buffer.from(`${text}}`, 'latin1')
  }
}

/** Reads a JSON-RPC 2.0 request as a client sent it. Never throws: PARSE_ERROR and BAD_REQUEST are values. */
export function parseCall(body: Buffer): ParsedCall {
  const bytes = body.toString('latin1')
  const members = topMembers(bytes, MEMBERS)
  if (members === null) {
    return { id: null, error: new AppError('PARSE_ERROR', 'The body is not valid JSON. It is nested too deeply.') }
  }
  let json: unknown
  try {
    json = JSON.parse(members.ascii ? bytes : utf8(body, members))
  } catch {
    return { id: null, error: new AppError('PARSE_ERROR', 'The body is not valid JSON.') }
  }
  if (Array.isArray(json)) {
    return { id: null, error: new AppError('BAD_REQUEST', 'Batches are not supported. Send one call at a time.') }
  }
  if (members.twice !== null) {
    // The last one counts for us, and the first one for other parsers: the provider could be asked for another method
    // than the one that was checked, whoever of them is right (RFC 8259, 4; RFC 7493, 2.3).
    const message = `The body has "${members.twice}" twice.`
    return { id: members.twice === 'id' ? null : idOf(json), error: new AppError('BAD_REQUEST', message) }
  }
  if (isRequest(json)) return new ReadCall(json, body, members)
  return { id: idOf(json), error: new AppError('BAD_REQUEST', 'The body is not a JSON-RPC 2.0 request.') }
}

/** Throws for what is not UTF-8: it would be read as something else than what the app gets. */
function utf8(body: Buffer, members: TopMembers): string {
  if (!isUtf8(body)) throw new Error('It is not UTF-8.')
  const text = body.toString('utf8')
  if (!text.startsWith(BYTE_ORDER_MARK)) return text
  members.plain = false
  return text.slice(1)
}

/** As rpcRequestSchema, for what JSON.parse gives: asked for each call, which the schema takes ten times as long for. */
function isRequest(json: unknown): json is RpcRequest {
  if (typeof json !== 'object' || json === null) return false
  const { jsonrpc, id, method, params } = json as Record<string, unknown>
  return (
    jsonrpc === '2.0' &&
    typeof method === 'string' &&
    method.length > 0 &&
    method.length <= 256 &&
    (id === undefined || id === null || Number.isFinite(id) || (typeof id === 'string' && id.length <= 256)) &&
    (params === undefined || (typeof params === 'object' && params !== null))
  )
}

const idSchema = rpcRequestSchema.pick({ id: true })

function idOf(json: unknown): RpcId {
  const parsed = idSchema.safeParse(json)
  return parsed.success ? (parsed.data.id ?? null) : null
}
