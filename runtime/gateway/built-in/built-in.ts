import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { positional, type RpcRequest } from '../../contract/jsonrpc.ts'
import { type GatewayPermission, notSignedIn, type Rights } from '../rights.ts'
import type { GatewayAnswer, GatewayCaller } from '../types.ts'

/** One call of a built-in API. */
export interface BuiltInCall {
  caller: GatewayCaller
  /** null without credentials, which only methods for `anyone` meet. */
  rights: Rights | null
  /** Of the client's socket, and its User-Agent. */
  address: string
  client: string
  /** What becomes of the host's session cookie. */
  setSession(session: GatewayAnswer['session']): void
}

/** Takes the parameters as they came; checks permission and parameters, then does it. */
export type BuiltInMethod = (call: BuiltInCall, params: RpcRequest['params']) => unknown
export type BuiltInApi = Record<string, BuiltInMethod>

/** The rights of a caller that a permission has let through. */
export type Authorised = BuiltInCall & { rights: Rights }

type CallFor<P extends GatewayPermission> = P extends 'anyone' ? BuiltInCall : Authorised

/**
 * A method and the permission that it needs (C07). The permission is asked before the parameters are looked at: who
 * may not call learns nothing about their shape.
 */
export function method<P extends GatewayPermission, S extends z.ZodType>(
  permission: P,
  params: S,
  run: (call: CallFor<P>, params: z.output<S>) => unknown,
): BuiltInMethod {
  return (call, raw) => {
    if (permission !== 'anyone' && call.rights === null) throw notSignedIn()
    if (permission === 'admin' && call.rights?.admin !== true) {
      throw new AppError('FORBIDDEN', 'Only an administrator, or an app of one, can call this.')
    }
    const parsed = params.safeParse(positional(raw))
    if (!parsed.success) throw new AppError('BAD_INPUT', sentenceOf(parsed.error))
    // The check above is what makes this true: `rights` is there unless the method is for anyone.
    return run(call as CallFor<P>, parsed.data)
  }
}

export const noParams = z.tuple([])

function sentenceOf(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'The parameters are not valid.'
  const where = issue.path.map(String)
  if (where.length === 0) return `The parameters are not valid: ${issue.message}`
  return `Parameter ${Number(where[0]) + 1}${where
    .slice(1)
    .map((key) => `.${key}`)
    .join('')} is not valid: ${issue.message}`
}
