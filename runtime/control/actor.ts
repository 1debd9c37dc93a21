import type { User } from '../contract/models.ts'

/** Who calls the control API: a signed-in person, or the host itself (systemAuthTokens, command line). */
export type Actor = { kind: 'user'; user: User; sessionId: string } | { kind: 'system' }

/** How the audit log names an actor. */
export function actorKey(actor: Actor): string {
  return actor.kind === 'system' ? 'system' : actor.user.key
}

export function isAdmin(actor: Actor): boolean {
  return actor.kind === 'system' || actor.user.role === 'admin'
}
