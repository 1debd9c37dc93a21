import { AppError } from '../contract/errors.ts'
import { type RpcId, type RpcRequest, rpcRequestSchema } from '../contract/jsonrpc.ts'
import { isTooDeep } from './json-depth.ts'

/** `id` is the call's own where it has a usable one, so that even the answer to a bad call can be told apart. */
export type ParsedCall = { id: RpcId; request: RpcRequest } | { id: RpcId; error: AppError }

/** Reads a JSON-RPC 2.0 request as a client sent it. Never throws: PARSE_ERROR and BAD_REQUEST are values. */
export function parseCall(body: Buffer): ParsedCall {
  if (isTooDeep(body)) {
    return { id: null, error: new AppError('PARSE_ERROR', 'The body is not valid JSON. It is nested too deeply.') }
  }
  let json: unknown
  try {
    // Fatal: a body that is not UTF-8 would otherwise be changed on its way to the app.
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return { id: null, error: new AppError('PARSE_ERROR', 'The body is not valid JSON.') }
  }
  if (Array.isArray(json)) {
    return { id: null, error: new AppError('BAD_REQUEST', 'Batches are not supported. Send one call at a time.') }
  }
  const parsed = rpcRequestSchema.safeParse(json)
  if (parsed.success) return { id: parsed.data.id ?? null, request: parsed.data }
  return { id: idOf(json), error: new AppError('BAD_REQUEST', 'The body is not a JSON-RPC 2.0 request.') }
}

const idSchema = rpcRequestSchema.pick({ id: true })

function idOf(json: unknown): RpcId {
  const parsed = idSchema.safeParse(json)
  return parsed.success ? (parsed.data.id ?? null) : null
}
