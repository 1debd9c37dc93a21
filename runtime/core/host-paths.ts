import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where a host keeps its things. Made from the config folder; nothing is created here. */
export interface HostPaths {
  config: string
  configFile: string
  database: string
  /** Recorded requests: a file of their own, of less worth than the database. */
  traffic: string
  /** Held locked for as long as the host lives. */
  lock: string
  /** For the command line, while the host runs; see core/host-file.ts. */
  hostFile: string
  /** packages/<service key>/<version>: installed code. */
  packages: string
  /** Half-fetched sources; emptied at every start. */
  staging: string
  /** data/<service key>: what an app keeps; survives updates. */
  data: string
  /** logs/<service key>: an app's output. */
  logs: string
  /** Unix sockets of the apps: short, because sun_path is (LIMITS.socketPathBytes). */
  sockets: string
}

export function hostPaths(configFolder: string, runtimeFolder = defaultRuntimeFolder()): HostPaths {
  const config = resolve(configFolder)
  const hash = createHash('sha256').update(config).digest('hex').slice(0, 10)
  return {
    config,
    configFile: join(config, 'config.json'),
    database: join(config, 'atek.db'),
    traffic: join(config, 'traffic.db'),
    lock: join(config, 'host.lock'),
    hostFile: join(config, 'host.json'),
    packages: join(config, 'packages'),
    staging: join(config, 'staging'),
    data: join(config, 'data'),
    logs: join(config, 'logs'),
    sockets: join(runtimeFolder, `atek-${hash}`),
  }
}

function defaultRuntimeFolder(): string {
  const xdg = process.env.XDG_RUNTIME_DIR
  return xdg?.startsWith('/') ? xdg : tmpdir()
}
