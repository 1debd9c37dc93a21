import { appTitle } from '../apps/app-title.ts'
import type { Services } from './services.ts'

/** A name for a person beside a user's or an app's key; null when neither has it (any more). */
export function nameOf({ identity, apps }: Pick<Services, 'identity' | 'apps'>, key: string): string | null {
  const user = identity.users.get(key)
  if (user !== null) return user.username
  const app = apps.get(key)
  return app === null ? null : appTitle(app)
}
