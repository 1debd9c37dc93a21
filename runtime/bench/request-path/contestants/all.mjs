import { moreApps, moreRows, moreSessions } from '../growth.mjs'
import { desktop } from './desktop.mjs'
import { headless } from './headless.mjs'
import { httpProxy, httpProxy3 } from './node-proxies.mjs'
import { appAlone, caddy, nginxAlone, nginxAuth, nginxAuthKept } from './plain.mjs'

/** @typedef {import('./types.ts').Contestant} Contestant */

/**
 * Half of the requests of one workload come without credentials, and those have a rate of their own (C26): what is
 * measured is what refusing costs, in whatever words.
 */
const atek = headless('Atek, recording on')

/** By the name for --only. @type {Record<string, Contestant>} */
export const CONTESTANTS = {
  app: appAlone,
  atek,
  'atek-unrecorded': headless('Atek, recording off', { recordTraffic: false }),
  'atek-desktop': desktop,
  'http-proxy': httpProxy,
  'http-proxy-3': httpProxy3,
  'nginx-auth': nginxAuth,
  'nginx-auth-kept': nginxAuthKept,
  caddy,
  nginx: nginxAlone,
}

/** For --growth: the same host, and with a great deal of each thing. @type {Record<string, Contestant>} */
export const GROWTH = {
  atek,
  apps: headless('with 1,000 installed apps', {}, (folder) => moreApps(folder, 1000)),
  sessions: headless('with 10,000 sessions in use', {}, (folder) => moreSessions(folder, 10_000)),
  rows: headless('with 1,000,000 stored requests', {}, (folder) => moreRows(folder, 1_000_000)),
}
