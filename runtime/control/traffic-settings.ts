import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { TrafficCapture } from '../contract/traffic.ts'
import { type Actor, actorKey } from './actor.ts'
import type { Handlers } from './handlers.ts'
import type { Services } from './services.ts'
import { mayManageApp } from './visibility.ts'

/** Name and form of the host-wide setting. */
export const BODY_LIMIT = 'traffic.bodyBytes'
export const bodyLimitSchema = z.number().int().positive()

type SettingMethods = Pick<
  Handlers<'traffic'>,
  | 'traffic.capture'
  | 'traffic.setCapture'
  | 'traffic.setCaptureLimit'
  | 'traffic.filters'
  | 'traffic.saveFilter'
  | 'traffic.deleteFilter'
>

/** What people set for the live view: whose bodies are kept, and filters by name. */
export function trafficSettings({ storage, audit, apps, recorder }: Services): SettingMethods {
  const captureOf = (actor: Actor): TrafficCapture => ({
    ...recorder.bodies.state(),
    apps: storage.capturedApps.list().filter((key) => {
      const owner = apps.get(key)?.owner
      return owner !== undefined && mayManageApp(actor, owner)
    }),
  })
  const user = (actor: Actor): string => {
    if (actor.kind === 'user') return actor.user.key
    throw new AppError('FORBIDDEN', 'The host itself has no saved filters. Sign in as a person.')
  }

  return {
    'traffic.capture': captureOf,
    'traffic.setCapture': (actor, { appKey, bodies }) => {
      const app = apps.get(appKey)
      // What is in the bodies of an app's users is its owner's to look at, and nobody else's (C51).
      if (app === null || !mayManageApp(actor, app.owner)) {
        throw new AppError('FORBIDDEN', 'Only its owner or an administrator can keep bodies of this app.')
      }
      storage.transaction(() => {
        storage.capturedApps.set(appKey, bodies)
        audit.record({
          action: 'traffic.capture',
          actor: actorKey(actor),
          subject: appKey,
          details: { bodies: bodies ? 'kept' : 'not-kept' },
        })
      })
      recorder.bodies.capture(storage.capturedApps.list())
      return captureOf(actor)
    },
    'traffic.setCaptureLimit': (actor, { bytes }) => {
      storage.transaction(() => {
        storage.settings.set(BODY_LIMIT, bytes)
        audit.record({ action: 'traffic.capture-limit', actor: actorKey(actor), details: { bytes } })
      })
      recorder.bodies.limit(bytes)
      return captureOf(actor)
    },

    'traffic.filters': (actor) => (actor.kind === 'user' ? storage.savedFilters.of(actor.user.key) : []),
    'traffic.saveFilter': (actor, filter) => {
      const key = user(actor)
      return storage.transaction(() => {
        const others = storage.savedFilters.of(key).filter(({ name }) => name !== filter.name)
        if (others.length >= LIMITS.savedFilters) {
          throw new AppError('CONFLICT', `You have ${LIMITS.savedFilters} saved filters. Delete one first.`)
        }
        storage.savedFilters.set(key, filter)
        return storage.savedFilters.of(key)
      })
    },
    'traffic.deleteFilter': (actor, { name }) => {
      const key = user(actor)
      storage.savedFilters.delete(key, name)
      return storage.savedFilters.of(key)
    },
  }
}
