import { headless } from './headless.mjs'
import { httpProxy, httpProxy3 } from './node-proxies.mjs'
import { appAlone, caddy, nginxAlone, nginxAuth, nginxAuthKept } from './plain.mjs'

/**
 * By the name for --only.
 * @type {Record<string, import('./types.ts').Contestant>}
 */
export const CONTESTANTS = {
  app: appAlone,
  atek: headless('Atek, recording on'),
  'atek-unrecorded': headless('Atek, recording off', { recordTraffic: false }),
  'http-proxy': httpProxy,
  'http-proxy-3': httpProxy3,
  'nginx-auth': nginxAuth,
  'nginx-auth-kept': nginxAuthKept,
  caddy,
  nginx: nginxAlone,
}
