import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, ERRORS, type ErrorCode, toErrorData } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { passwordInputSchema, tokenNameSchema } from '../../contract/schemas.ts'
import type { Granted } from '../../identity/api-tokens.ts'
import { acceptBearer, type Endpoint, presentedBearer } from './bearer.ts'
import { checkRate, clientOf, exactReason, type HostContext, recordRefusal, setRetryAfter } from './context.ts'
import { readParameters } from './parameters.ts'
import { refuseForeign } from './sign-in-routes.ts'

export const TOKEN_PATH = '/_atek/token'
export const REVOKE_PATH = '/_atek/token/revoke'

/**
 * API tokens for scripts (C05), in the forms of RFC 6749 (grants "password" and "refresh_token") and RFC 7009. There is
 * no cookie: none is read, none is set. What RFC 6749 calls `token_type`, "Bearer", is how the token is sent; whom it
 * stands for (C06) is inside it.
 */
export function tokenRoutes(app: FastifyInstance, context: HostContext): void {
  const { identity } = context

  app.post(TOKEN_PATH, (request, reply) =>
    answered(context, request, reply, 'token', async (parameters) => {
      switch (parameters.get('grant_type')) {
        case 'password':
          return grantAnswer(await identity.grantToken(credentials(request, parameters)))
        case 'refresh_token':
          return grantAnswer(await identity.apiTokens.refresh(required(parameters, 'refresh_token')))
        case undefined:
          throw badRequest('grant_type is missing.')
        default:
          throw new AppError('BAD_INPUT', 'grant_type is "password" or "refresh_token".', UNSUPPORTED)
      }
    }),
  )

  // Also for a token that nobody has: whoever asks learns nothing about others (RFC 7009, 2.2).
  app.post(REVOKE_PATH, (request, reply) =>
    answered(context, request, reply, 'token-revoke', async (parameters) => {
      await identity.apiTokens.revoke(required(parameters, 'token'))
      return {}
    }),
  )
}

async function answered(
  context: HostContext,
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: Endpoint,
  run: (parameters: ReadonlyMap<string, string>) => Promise<object>,
): Promise<FastifyReply> {
  reply.header('pragma', 'no-cache')
  try {
    // A page cannot read the answer, but it could try passwords (A26). Not counted: it comes from the address that all
    // scripts of this computer come from, and fifty requests a second would keep them all out.
    refuseForeign(request)
    checkRate(context, 'token', null, request.ip)
    const { bearers } = context.gateway
    acceptBearer(bearers, endpoint, await presentedBearer(bearers, request.raw.rawHeaders))
    return await reply.send(await run(readParameters(request)))
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const data = toErrorData(error)
    const [name, status] = OAUTH_ERRORS[data.code] ?? ['invalid_request', ERRORS[data.code].status]
    recordRefusal(context, request, { code: data.code, reason: exactReason(data), status })
    setRetryAfter(reply, data)
    const code = data.details === UNSUPPORTED ? 'unsupported_grant_type' : name
    return reply.code(status).send({ error: code, error_description: data.message })
  }
}

/** RFC 6749, 5.2: a grant that is wrong in whatever way is 400. "slow_down" is RFC 8628's word for it. */
const OAUTH_ERRORS: { [C in ErrorCode]?: [name: string, status: number] } = {
  BAD_CREDENTIALS: ['invalid_grant', 400],
  NOT_SIGNED_IN: ['invalid_grant', 400],
  RATE_LIMITED: ['slow_down', 429],
  FOREIGN_ORIGIN: ['access_denied', 403],
  FORBIDDEN: ['access_denied', 403],
}

const UNSUPPORTED = { reason: 'The grant_type is not served.' }

function grantAnswer({ access, expiresIn, refreshToken }: Granted & { access: string; expiresIn: number }): object {
  return { access_token: access, token_type: 'Bearer', expires_in: expiresIn, refresh_token: refreshToken }
}

function credentials(request: FastifyRequest, parameters: ReadonlyMap<string, string>) {
  const username = required(parameters, 'username').trim().slice(0, LIMITS.usernameLength)
  const password = passwordInputSchema.safeParse(required(parameters, 'password'))
  if (!password.success) throw badRequest('The password is too long.')
  const client = clientOf(request)
  const name = tokenNameSchema.safeParse(parameters.get('client_id') ?? client)
  if (!name.success) throw badRequest('client_id is no name: 64 visible characters at most.')
  return { username, password: password.data, address: request.ip, client, name: name.data }
}

function required(parameters: ReadonlyMap<string, string>, name: string): string {
  const value = parameters.get(name)
  if (value === undefined) throw badRequest(`${name} is missing.`)
  return value
}

function badRequest(message: string): AppError {
  return new AppError('BAD_INPUT', message)
}
