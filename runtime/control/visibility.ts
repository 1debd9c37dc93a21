import { mayManage, mayOpen } from '../apps/app-rights.ts'
import type { RuntimeEvent } from '../contract/events.ts'
import type { CrashInfo, TrafficRow } from '../contract/models.ts'
import { type Actor, actorKey, isAdmin } from './actor.ts'

/** Owner of an app by its key: a user's key, `system`, or null when there is no such app. */
export type OwnerOf = (appKey: string) => string | null

/** Apps a person is shown: her own and everybody's; an administrator manages all, so he is shown all. */
export function maySeeApp(actor: Actor, owner: string): boolean {
  return isAdmin(actor) || owner === 'system' || owner === actorKey(actor)
}

export function mayManageApp(actor: Actor, owner: string): boolean {
  return mayManage({ key: actorKey(actor), admin: isAdmin(actor) }, owner)
}

/** What an actor may do with an app. */
export function mayWithApp(actor: Actor, owner: string): { open: boolean; manage: boolean } {
  return { open: mayOpen(actorKey(actor), owner), manage: mayManageApp(actor, owner) }
}

/**
 * Why an app is not running is for everybody who is shown it; its last words are a part of its log, and that is for who
 * manages it (C51).
 */
export function visibleCrash(crash: CrashInfo | null, may: { manage: boolean }): CrashInfo | null {
  return crash === null || may.manage ? crash : { ...crash, lastLines: [] }
}

/** A person sees what she called and what was called in her apps; what others do in shared apps is not hers to see. */
export function maySeeTraffic(actor: Actor, row: TrafficRow, ownerOf: OwnerOf): boolean {
  if (isAdmin(actor)) return true
  if (row.caller?.userKey === actorKey(actor)) return true
  return row.appKey !== null && ownerOf(row.appKey) === actorKey(actor)
}

/** The same as a condition for what is stored; null for all of it. */
export function trafficScope(
  actor: Actor,
  apps: readonly { key: string; owner: string }[],
): { userKey: string; appKeys: string[] } | null {
  if (isAdmin(actor)) return null
  const userKey = actorKey(actor)
  return { userKey, appKeys: apps.filter((app) => app.owner === userKey).map((app) => app.key) }
}

/** Sums over everybody's requests to an app are for who may see each of them. */
export function maySeeAllTraffic(actor: Actor, appKey: string, ownerOf: OwnerOf): boolean {
  return isAdmin(actor) || ownerOf(appKey) === actorKey(actor)
}

/** Those of the rows that this actor may see. */
export function visibleRows(actor: Actor, rows: TrafficRow[], ownerOf: OwnerOf): TrafficRow[] {
  return isAdmin(actor) ? rows : rows.filter((row) => maySeeTraffic(actor, row, ownerOf))
}

/**
 * The event as this actor may see it, or null when there is nothing in it for her. Used for each event that leaves
 * the runtime towards a person.
 */
export function visibleEvent(actor: Actor, event: RuntimeEvent, ownerOf: OwnerOf): RuntimeEvent | null {
  switch (event.type) {
    case 'app-changed': {
      if (!maySeeApp(actor, event.app.owner)) return null
      const may = mayWithApp(actor, event.app.owner)
      return { type: 'app-changed', app: { ...event.app, may, crash: visibleCrash(event.app.crash, may) } }
    }
    case 'app-log': {
      const owner = ownerOf(event.key)
      return owner !== null && mayManageApp(actor, owner) ? event : null
    }
    case 'install-progress':
      return event.actor === actorKey(actor) ? event : null
    case 'audit-added':
    case 'users-changed':
      return isAdmin(actor) ? event : null
    case 'sessions-ended':
      return isAdmin(actor) || event.userKey === actorKey(actor) ? event : null
    case 'app-removed':
    case 'traffic-cleared':
    case 'host-changed':
      return event
  }
}
