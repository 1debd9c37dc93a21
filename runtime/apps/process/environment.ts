import { AppError } from '../../contract/errors.ts'
import { isForbiddenConfigKey } from '../../contract/schemas.ts'
import type { NodeRuntime } from '../types.ts'

export interface AppEnvironment {
  socketPath: string
  serviceKey: string
  hostPort: number
  token: string
  dataFolder: string
  config: Record<string, string>
  node: NodeRuntime
}

/** What any program needs to run at all: where the system's programs are, the language, the time zone. */
export function systemEnvironment(host: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of ['LANG', 'TZ']) {
    const value = host[name]
    if (value !== undefined) kept[name] = value
  }
  if (process.platform !== 'win32') return { ...kept, PATH: '/usr/local/bin:/usr/bin:/bin' }
  // Without SystemRoot, Windows gives a process neither network nor random numbers.
  const root = host.SystemRoot ?? 'C:\\Windows'
  return { ...kept, SystemRoot: root, PATH: `${root}\\System32;${root}` }
}

/**
 * The whole environment of an app's process (PROTOCOL). Nothing else of the host's is passed on: it may hold secrets,
 * and NODE_OPTIONS or LD_PRELOAD of the host's would load code into every app. Config was checked when it was set;
 * it is checked again, because the database may be older than the rule (A44).
 */
export function appEnvironment(app: AppEnvironment, host?: NodeJS.ProcessEnv): Record<string, string> {
  const config: Record<string, string> = {}
  for (const [key, value] of Object.entries(app.config)) {
    if (isForbiddenConfigKey(key)) {
      throw new AppError('BAD_INPUT', `The config entry ${key} belongs to the host. Remove it and start the app again.`)
    }
    config[key.toUpperCase()] = value
  }
  return {
    ...systemEnvironment(host),
    ...config,
    ...app.node.env,
    ATEK_ASSIGNED_SOCKET_FILE: app.socketPath,
    ATEK_ASSIGNED_SERVICE_KEY: app.serviceKey,
    ATEK_HOST_PORT: String(app.hostPort),
    ATEK_HOST_BEARER_TOKEN: app.token,
    ATEK_APP_DATA_DIR: app.dataFolder,
  }
}
