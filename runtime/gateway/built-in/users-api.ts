import { z } from 'zod'
import { mayOpen } from '../../apps/app-rights.ts'
import type { Apps } from '../../apps/apps.ts'
import { deleteUser } from '../../apps/delete-user.ts'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import type { User } from '../../contract/models.ts'
import { newPasswordSchema, roleSchema, usernameSchema } from '../../contract/schemas.ts'
import type { Identity } from '../../identity/identity.ts'
import { checkNewPassword } from '../../identity/passwords.ts'
import type { Rights } from '../rights.ts'
import { type BuiltInApi, method, noParams } from './built-in.ts'

export const USERS_API = 'atek.cloud/users-api'

const byKey = z.tuple([z.string().max(64)])

const newUser = z.object({ username: usernameSchema, password: newPasswordSchema, role: roleSchema.default('') })

const settingsUpdate = z.object({
  // Empty or null takes it away, as clients of the original do.
  mainServiceId: z.string().max(LIMITS.appIdLength).nullish(),
})

const userUpdate = z.object({
  username: usernameSchema.optional(),
  password: newPasswordSchema.optional(),
  role: roleSchema.optional(),
})

/**
 * `atek.cloud/users-api` (PROTOCOL). Everybody may ask for a name, and has settings; the rest is for administrators.
 */
export function usersApi({
  identity,
  apps,
}: {
  identity: Pick<Identity, 'users' | 'userSettings'>
  apps: Pick<Apps, 'list' | 'get' | 'byId' | 'uninstall'>
}): BuiltInApi {
  const { users, userSettings } = identity

  const existing = (key: string): User => {
    const user = users.get(key)
    if (user === null) throw new AppError('NOT_FOUND', 'There is no user with this key.')
    return user
  }

  /** One's own settings, and anybody's for administrators. */
  const checkOwn = ({ user, admin }: Rights, key: string): void => {
    if (!admin && user !== key) throw new AppError('FORBIDDEN', 'These are the settings of another user.')
    existing(key)
  }

  const settings = (key: string): { mainServiceId?: string } => {
    const appKey = userSettings.mainApp(key)
    const app = appKey === null ? null : apps.get(appKey)
    return app === null ? {} : { mainServiceId: app.id }
  }

  return {
    list: method('admin', noParams, () => ({ users: users.list().map(shown) })),

    get: method('signed-in', byKey, (_call, [key]) => shown(existing(key))),

    create: method('admin', z.tuple([newUser]), async ({ rights }, [user]) =>
      shown(await users.create(rights.user, user)),
    ),

    update: method('admin', z.tuple([z.string().max(64), userUpdate]), async ({ rights }, [key, patch]) => {
      const { username, password, role } = patch
      existing(key)
      // All that can be refused is refused first, so that no half of a change is left behind.
      if (password !== undefined) checkNewPassword(password)
      users.update(rights.user, key, { username, role })
      if (password !== undefined) await users.setPassword(rights.user, key, password)
      return shown(existing(key))
    }),

    getSettings: method('signed-in', byKey, ({ rights }, [key]) => {
      checkOwn(rights, key)
      return settings(key)
    }),

    updateSettings: method(
      'signed-in',
      z.tuple([z.string().max(64), settingsUpdate]),
      ({ rights }, [key, { mainServiceId }]) => {
        checkOwn(rights, key)
        if (mainServiceId === undefined) return settings(key)
        const app = mainServiceId === null || mainServiceId === '' ? null : apps.byId(mainServiceId)
        // Another's app would be refused at each visit; and that it exists is not the caller's to know (A07).
        if (mainServiceId && (app === null || !mayOpen(key, app.owner))) {
          throw new AppError('NOT_FOUND', `This user has no app with the ID "${mainServiceId}".`)
        }
        userSettings.setMainApp(rights.user, key, app?.key ?? null)
        return settings(key)
      },
    ),

    delete: method('admin', byKey, async ({ rights }, [key]) => {
      existing(key)
      await deleteUser({ identity, apps }, rights.user, key)
    }),
  }
}

/** As the protocol has it, and nothing more. */
function shown({ key, username, role }: User): { key: string; username: string; role: string } {
  return { key, username, role }
}
