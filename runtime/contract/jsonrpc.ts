import { z } from 'zod'
import { AppError, ERRORS, type ErrorCode, type ErrorData } from './errors.ts'

/** JSON-RPC 2.0 request as Atek's clients send it. https://www.jsonrpc.org/specification */
export const rpcRequestSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string().max(256), z.number(), z.null()]).optional(),
  method: z.string().min(1).max(256),
  params: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).optional(),
})
export type RpcRequest = z.infer<typeof rpcRequestSchema>
export type RpcId = string | number | null

export interface RpcError {
  code: number
  message: string
  data?: unknown
}
export type RpcResponse =
  | { jsonrpc: '2.0'; id: RpcId; result: unknown }
  | { jsonrpc: '2.0'; id: RpcId; error: RpcError }

/** The id of a call that is refused without being read further; null where it has none that can be used. */
export function rpcIdOf(body: string): RpcId {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return null
  }
  const parsed = rpcRequestSchema.pick({ id: true }).safeParse(json)
  return parsed.success ? (parsed.data.id ?? null) : null
}

/** `undefined` has no JSON form; Atek's clients expect `0` in its place (PROTOCOL). */
export function rpcResult(id: RpcId, value: unknown): RpcResponse {
  return { jsonrpc: '2.0', id, result: value === undefined ? 0 : value }
}

export function rpcError(id: RpcId, error: ErrorData): RpcResponse {
  return {
    jsonrpc: '2.0',
    id,
    error: { code: ERRORS[error.code].rpc, message: error.message, data: { code: error.code } },
  }
}

/** Positional parameters, for APIs whose methods take arguments in order. */
export function positional(params: RpcRequest['params']): unknown[] {
  if (params === undefined) return []
  if (Array.isArray(params)) return params
  throw new AppError('BAD_INPUT' satisfies ErrorCode, 'This API takes its parameters as a list.')
}
