/** Makes a host large before it starts: the figures of a request must not grow with it. */
import { join } from 'node:path'
import { runnerImport } from 'vite'
import { project } from './system.mjs'

const DAY = 24 * 3_600_000

/** @returns {Promise<typeof import('./growth-parts.ts')>} */
async function loaded() {
  const parts = join(project, 'runtime/bench/request-path/growth-parts.ts')
  return (await runnerImport(parts, { root: project, configFile: false })).module
}

/**
 * As many installed apps, none of which runs. @param {string} configFolder @param {number} count
 * @returns {Promise<string[]>}
 */
export async function moreApps(configFolder, count) {
  const { hostPaths, newKey, openStorage, systemClock, systemRandom } = await loaded()
  const storage = openStorage(hostPaths(configFolder).database, { clock: systemClock })
  const [first] = storage.apps.list()
  if (first === undefined) throw new Error('The host has no app.')
  storage.transaction(() => {
    for (let n = storage.apps.list().length; n < count; n++) {
      storage.apps.insert({ ...first, key: newKey(systemRandom), id: `grown-${n}`, enabled: false })
    }
  })
  storage.close()
  return []
}

/**
 * As many users' sessions with the app "static", all of them in use. @param {string} configFolder @param {number} count
 * @returns {Promise<string[]>} Their cookies.
 */
export async function moreSessions(configFolder, count) {
  const { hostPaths, newKey, newToken, openStorage, systemClock, systemRandom, tokenHash } = await loaded()
  const storage = openStorage(hostPaths(configFolder).database, { clock: systemClock })
  const app = storage.apps.list().find(({ id }) => id === 'static')
  const [user] = storage.users.list()
  if (app === undefined || user === undefined) throw new Error('The host has no app or no user.')
  const now = Date.now()
  /** @type {string[]} */
  const cookies = []
  storage.transaction(() => {
    for (let n = 0; n < count; n++) {
      const id = newKey(systemRandom)
      const times = { createdAt: now, lastSeenAt: now, expiresAt: now + DAY }
      const session = /** @type {const} */ ({ id, userKey: user.key, kind: 'browser', client: 'bench', ...times })
      storage.sessions.insert(session, tokenHash(newToken(systemRandom)))
      const token = newToken(systemRandom)
      storage.appSessions.insert(tokenHash(token), { sessionId: id, appKey: app.key }, now)
      cookies.push(`atek_app=${token}`)
    }
  })
  storage.close()
  return cookies
}

/**
 * As many recorded requests on the disk. @param {string} configFolder @param {number} count
 * @returns {Promise<string[]>}
 */
export async function moreRows(configFolder, count) {
  const { hostPaths, TrafficStore } = await loaded()
  const store = new TrafficStore(hostPaths(configFolder).traffic, () => performance.now())
  const now = Date.now()
  const details = JSON.stringify({
    reason: null,
    requestHeaders: [['Host', 'static.localhost']],
    filling: 'x'.repeat(300),
  })
  for (let from = 0; from < count; from += 10_000) {
    store.insert(
      Array.from({ length: Math.min(10_000, count - from) }, (_, i) => ({
        row: {
          seq: from + i + 1,
          at: now - DAY + Math.floor(((from + i) / count) * DAY),
          kind: /** @type {const} */ ('http'),
          appKey: 'k',
          appId: 'static',
          caller: null,
          method: 'GET',
          path: `/${from + i}`,
          status: 200,
          state: /** @type {const} */ ('done'),
          durationMs: 1,
          bytesIn: 0,
          bytesOut: 1000,
          refused: null,
          rpcApi: null,
          rpcMethod: null,
          cause: null,
          replayOf: null,
        },
        headers: ' host ',
        details,
      })),
    )
  }
  store.close()
  return []
}
