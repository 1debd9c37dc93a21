import { AppError } from '../../contract/errors.ts'
import type { TokenType } from '../../contract/schemas.ts'
import type { BearerPort, PresentedBearer, Principal } from '../../gateway/types.ts'

/**
 * Which types of token each endpoint takes as a bearer (C06). All others are refused there, good as they may be: a
 * token that was made for one purpose opens nothing else.
 */
export const BEARERS_TAKEN = {
  gateway: ['user', 'app', 'system'],
  'gateway-websocket': ['user', 'app', 'system'],
  /** What is asked for a token or its end is in the body. */
  token: [],
  'token-revoke': [],
  /**
   * For a proxy that asks on behalf of an app elsewhere (C24). It must not hand the header on, or the app could use the
   * token in the caller's name (A06): the configurations in resources/docs/forward-auth.md take it out.
   */
  validate: ['user'],
  /** People come to apps and to the host's pages with a session. */
  app: [],
  page: [],
} as const satisfies Record<string, readonly TokenType[]>

export type Endpoint = keyof typeof BEARERS_TAKEN

/** The token of the one Authorization header, its signature checked where it has one; null when there is none, or two. */
export function presentedBearer(
  bearers: BearerPort,
  rawHeaders: readonly string[],
): PresentedBearer | null | Promise<PresentedBearer> {
  const token = bearerToken(rawHeaders)
  return token === null ? null : bearers.present(token)
}

/**
 * Whom a bearer stands for at this endpoint. null when there is none, or none of the host's; FORBIDDEN when it is good
 * but of a type that is not taken here.
 */
export function acceptBearer(
  bearers: BearerPort,
  endpoint: Endpoint,
  presented: PresentedBearer | null,
): Principal | null {
  const principal = presented === null ? null : bearers.principal(presented)
  if (principal === null) return null
  const taken: readonly TokenType[] = BEARERS_TAKEN[endpoint]
  if (taken.includes(principal.type)) return principal
  const reason = `A token of the type "${principal.type}" is not taken at "${endpoint}".`
  throw new AppError('FORBIDDEN', 'This token is not for this address.', { reason })
}

function bearerToken(rawHeaders: readonly string[]): string | null {
  let found: string | null = null
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue
    if (found !== null) return null
    found = rawHeaders[i + 1] ?? ''
  }
  return found === null ? null : (/^bearer +(\S+)$/i.exec(found)?.[1] ?? null)
}
