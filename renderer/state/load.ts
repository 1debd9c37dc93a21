import { control, toCallError } from '../api.ts'
import { appsStore, dispatchApps, noApps } from './apps.ts'
import { installsStore, noInstalls } from './installs.ts'
import { dispatchLogs, LOG_PAGE, logsStore, noLogs } from './logs.ts'
import { hostStore } from './panel.ts'
import { pinsStore } from './pins.ts'
import { QUERY, queryClient } from './queries.ts'
import { restartNeededStore } from './restart-needed.ts'
import { trafficFilterStore } from './traffic/filter-text.ts'

/** First pages for the stores; afterwards announcements keep them up to date. */

/** Counts signed-in persons. An answer that was asked for by the one before is dropped. */
let generation = 0

/** What one person saw must not be there for the next one. */
export function forgetEverything(): void {
  generation += 1
  appsStore.set(noApps)
  logsStore.set(noLogs)
  installsStore.set(noInstalls)
  hostStore.set(null)
  pinsStore.set([])
  trafficFilterStore.set('')
  restartNeededStore.set(new Map())
  // Preferences belong to the desktop and not to a person; App goes on watching them.
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== QUERY.preferences[0] })
}

/** Hands an answer on, unless another person has taken the window over meanwhile. */
async function forThisPerson<T>(call: Promise<T>, use: (answer: T) => void): Promise<void> {
  const asked = generation
  const answer = await call
  if (asked === generation) use(answer)
}

export async function loadApps(): Promise<void> {
  dispatchApps({ type: 'apps-loading' })
  try {
    await forThisPerson(control('apps.list', {}), (apps) => dispatchApps({ type: 'apps-loaded', apps }))
  } catch (error) {
    const { code, message } = toCallError(error)
    dispatchApps({ type: 'apps-failed', error: { code, message } })
  }
}

export async function loadHost(): Promise<void> {
  try {
    await forThisPerson(control('host.status', {}), hostStore.set)
  } catch {
    // The rail then says nothing of the host until the host announces itself; the screens show their own errors.
  }
}

/** A page of an app's log: the newest, or the one before a line. Throws CallError. */
export async function loadLog(key: string, before?: number): Promise<void> {
  const range = before === undefined ? { limit: LOG_PAGE } : { before, limit: LOG_PAGE }
  await forThisPerson(control('apps.logs', { key, ...range }), (lines) =>
    dispatchLogs({ type: 'log-page', key, lines, limit: LOG_PAGE }),
  )
}
