import { AppError } from '../contract/errors.ts'
import type { Identity } from '../identity/identity.ts'
import type { GatewayCaller } from './types.ts'

/** What a caller may do, and in whose name. */
export interface Rights {
  /** For whom the call is made, also in the audit log: a user key, or `system`. */
  user: string
  admin: boolean
}

/** Permissions that methods of built-in APIs name (C07). `anyone` is also for callers without credentials. */
export type GatewayPermission = 'anyone' | 'signed-in' | 'admin'

/**
 * The rights of a caller; null without credentials. An app acts for its owner (PROTOCOL), and its owner's role is read
 * now and not when the app was started: a demotion holds at once (C09).
 */
export function rightsOf(caller: GatewayCaller, users: Identity['users']): Rights | null {
  switch (caller.kind) {
    case 'none':
      return null
    case 'system':
      return { user: 'system', admin: true }
    case 'user':
      return { user: caller.user.key, admin: caller.user.role === 'admin' }
    case 'app':
      // Only an administrator can install an app for everybody, so it stands in the host's own name.
      if (caller.ownerKey === 'system') return { user: 'system', admin: true }
      return { user: caller.ownerKey, admin: users.get(caller.ownerKey)?.role === 'admin' }
  }
}

/** The rights of a caller that has some, or NOT_SIGNED_IN, which becomes HTTP 401. */
export function requireRights(rights: Rights | null): Rights {
  if (rights === null) throw notSignedIn()
  return rights
}

export function notSignedIn(): AppError {
  return new AppError(
    'NOT_SIGNED_IN',
    'This call needs a bearer token that the host gave out, or a session. Sign in first.',
  )
}
