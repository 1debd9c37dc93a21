import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { type RpcId, type RpcResponse, rpcResult } from '../contract/jsonrpc.ts'
import { isTooDeep } from './json-depth.ts'

const answerSchema = z.object({
  jsonrpc: z.literal('2.0'),
  result: z.unknown().optional(),
  error: z.object({ code: z.number().int(), message: z.string(), data: z.unknown().optional() }).optional(),
})

/**
 * What an app answered, as the caller gets it, under the caller's own id. An answer that is no JSON-RPC is
 * APP_BAD_ANSWER: the caller must be able to tell the provider's fault from its own.
 */
export function providerAnswer(id: RpcId, notification: boolean, status: number, body: Buffer): RpcResponse {
  if (status < 200 || status > 299) throw bad(`with HTTP status ${status}`)
  // To a call without an id the specification wants no answer (JSON-RPC 2.0, section 4.1).
  if (notification && body.length === 0) return rpcResult(null, undefined)
  if (isTooDeep(body)) throw bad('with JSON that is nested too deeply')
  let json: unknown
  try {
    json = JSON.parse(body.toString('utf8'))
  } catch {
    throw bad('with something that is not JSON')
  }
  const parsed = answerSchema.safeParse(json)
  if (!parsed.success) throw bad('with something that is not JSON-RPC')
  const { error, result } = parsed.data
  if (error === undefined) return rpcResult(id, result)
  const { code, message, data } = error
  return { jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } }
}

function bad(how: string): AppError {
  return new AppError('APP_BAD_ANSWER', `The app that provides this API answered ${how}.`)
}
