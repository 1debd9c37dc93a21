import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { passwordInputSchema } from '../../contract/schemas.ts'
import { clientName } from '../../identity/client-name.ts'
import type { Identity } from '../../identity/identity.ts'
import { type BuiltInApi, method, noParams } from './built-in.ts'

export const USER_SESSIONS_API = 'atek.cloud/user-sessions-api'

const credentials = z.object({
  // Longer than a name can be, yet bounded: a wrong name is a wrong sign-in, and not a bad parameter.
  username: z.string().max(LIMITS.usernameLength * 4),
  password: passwordInputSchema,
})

/** `atek.cloud/user-sessions-api` (PROTOCOL): signing in and out by JSON-RPC, for browsers and scripts. */
export function userSessionsApi({
  identity,
}: {
  identity: Pick<Identity, 'signIn' | 'sessions' | 'apiTokens' | 'users'>
}): BuiltInApi {
  return {
    whoami: method('anyone', noParams, ({ rights }) => {
      if (rights === null) return { isActive: false }
      return { isActive: true, username: identity.users.get(rights.user)?.username ?? rights.user }
    }),

    login: method('anyone', z.tuple([credentials]), async ({ caller, address, client, setSession }, [input]) => {
      // What comes with a token has no browser to keep a cookie in; all it could do here is to try passwords (C06).
      if (caller.kind === 'app' || caller.kind === 'system' || (caller.kind === 'user' && caller.byToken)) {
        throw new AppError('FORBIDDEN', 'Only a person can sign in here: leave out the bearer token.')
      }
      const { user, session, token } = await identity.signIn({
        ...input,
        address,
        client: clientName(client),
        kind: 'browser',
      })
      // The cookie is replaced, so nobody could ever end the session that it stood for.
      if (caller.kind === 'user' && caller.sessionId !== session.id) {
        identity.sessions.end(caller.user.key, caller.sessionId)
      }
      setSession({ set: token })
      return { isActive: true, username: user.username }
    }),

    logout: method('signed-in', noParams, ({ caller, setSession }) => {
      if (caller.kind !== 'user') throw new AppError('FORBIDDEN', 'Only a person who is signed in can sign out.')
      if (caller.byToken) {
        identity.apiTokens.end(caller.user.key, caller.sessionId)
        return
      }
      identity.sessions.end(caller.user.key, caller.sessionId)
      setSession('clear')
    }),
  }
}
