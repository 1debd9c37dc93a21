import type { Identity } from '../identity/identity.ts'
import type { Apps } from './apps.ts'
import type { ActorKey } from './types.ts'

/**
 * Removes a user: first their apps with all that those have stored, then the account. The one way to do it, from the
 * panel and through the gateway. Throws NOT_FOUND, LAST_ADMIN before anything is removed.
 */
export async function deleteUser(
  { identity: { users }, apps }: { identity: Pick<Identity, 'users'>; apps: Pick<Apps, 'list' | 'uninstall'> },
  actor: ActorKey,
  key: string,
): Promise<void> {
  // Asked first, so that a refusal (the last administrator) does not come after the apps are gone.
  users.assertDeletable(key)
  for (const app of apps.list().filter(({ owner }) => owner === key)) {
    await apps.uninstall(actor, app.key, { deleteData: true })
  }
  users.delete(actor, key)
}
