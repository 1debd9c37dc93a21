import { mayOpen } from '../apps/app-rights.ts'
import { deleteUser } from '../apps/delete-user.ts'
import { AppError } from '../contract/errors.ts'
import { apiTokenInfo } from '../identity/api-tokens.ts'
import { type Actor, actorKey } from './actor.ts'
import type { Handlers } from './handlers.ts'
import type { Services } from './services.ts'

export function userMethods(services: Services): Handlers<'users'> {
  const { identity, apps } = services
  return {
    'users.list': () => {
      const sessions = identity.sessions.counts()
      return identity.users.list().map((user) => ({
        ...user,
        sessions: sessions.get(user.key)?.sessions ?? 0,
        lastSeenAt: sessions.get(user.key)?.lastSeenAt ?? null,
        ownedApps: apps.list().filter((app) => app.owner === user.key).length,
      }))
    },
    'users.create': (actor, input) => identity.users.create(actorKey(actor), input),
    'users.update': (actor, { key, username, role }) =>
      identity.users.update(actorKey(actor), key, {
        ...(username !== undefined && { username }),
        ...(role !== undefined && { role }),
      }),
    'users.delete': async (actor, { key, confirmUsername }) => {
      const user = identity.users.get(key)
      if (user === null) throw new AppError('NOT_FOUND', 'This user does not exist any more.')
      if (user.username !== confirmUsername) {
        throw new AppError('BAD_INPUT', `Type the username, ${user.username}, to confirm.`)
      }
      await deleteUser(services, actorKey(actor), key)
    },
    'users.resetPassword': (actor, { key, password }) => identity.users.setPassword(actorKey(actor), key, password, {}),
    'users.signOutEverywhere': (actor, { key }) => identity.sessions.endAll(actorKey(actor), key),
    'users.sessions': (actor, { key }) => identity.sessions.list(key, sessionIdOf(actor)),
  }
}

export function meMethods({ identity, apps }: Services): Handlers<'me'> {
  return {
    'me.sessions': (actor) => identity.sessions.list(person(actor).key, sessionIdOf(actor)),
    'me.endSession': (actor, { id }) => {
      // Somebody else's session is not named here, whoever asks; administrators have signOutEverywhere.
      if (identity.sessions.byId(id)?.userKey !== person(actor).key) {
        throw new AppError('NOT_FOUND', 'This session has ended already.')
      }
      identity.sessions.end(actorKey(actor), id)
    },
    'me.mainApp': (actor) => ({ key: identity.userSettings.mainApp(person(actor).key) }),
    'me.setMainApp': (actor, { key }) => {
      const user = person(actor).key
      const app = key === null ? null : apps.get(key)
      // Another's app would be refused at each visit; and that it exists is not this person's to know (A07).
      if (key !== null && (app === null || !mayOpen(user, app.owner))) {
        throw new AppError('NOT_FOUND', 'You have no such app any more. Choose another one.')
      }
      identity.userSettings.setMainApp(user, user, key)
    },
    'me.tokens': (actor) => identity.apiTokens.list(person(actor).key),
    'me.createToken': (actor, { name }) => {
      const { token, refreshToken } = identity.apiTokens.create(person(actor).key, name, 'panel')
      return { token: apiTokenInfo(token), refreshToken }
    },
    'me.endToken': (actor, { id }) => {
      // As with sessions: somebody else's is not named here, whoever asks.
      if (identity.apiTokens.byId(id)?.userKey !== person(actor).key) {
        throw new AppError('NOT_FOUND', 'This API token has ended already.')
      }
      identity.apiTokens.end(actorKey(actor), id)
    },
    'me.changePassword': async (actor, { current, next }) => {
      const { key } = person(actor)
      if (!(await identity.users.verifyPassword(key, current))) {
        throw new AppError('BAD_CREDENTIALS', 'The current password is not right.')
      }
      const keepSession = sessionIdOf(actor)
      await identity.users.setPassword(key, key, next, keepSession === null ? {} : { keepSession })
    },
  }
}

function sessionIdOf(actor: Actor): string | null {
  return actor.kind === 'user' ? actor.sessionId : null
}

function person(actor: Actor): { key: string } {
  if (actor.kind === 'user') return actor.user
  throw new AppError('FORBIDDEN', 'The host itself has no account. Sign in as a person.')
}
