import type { AppKind } from '../apps.mjs'

/** Where requests for an app go. `host` is the Host header. */
export interface Target {
  port: number
  host: string
}

/** The apps that contestants which start none of their own lead to. */
export interface SharedApps {
  static: { socket: string; port: number }
  node: { socket: string; port: number }
}

export interface Setting {
  /** For the contestant's own files. */
  folder: string
  apps: SharedApps
  /** Folders of the apps, for hosts to install. */
  appFolders: Record<AppKind, string>
}

export interface Running {
  target(app: AppKind): Target
  /** Sent with every request: how a signed-in client is known. Several where many clients take turns. */
  cookies(app: AppKind): string[]
  /** Whether requests without the cookie are refused. */
  refuses: boolean
  /** JSON-RPC from app to app; where there is no gateway, the same POST straight to the app. */
  rpc: Target & { path: string; headers: Record<string, string>; cookie: string }
  /** Whose processor time and memory is counted: the proxy's, and not the app's. */
  pids(): number[]
  stop(): Promise<void>
}

export interface Contestant {
  name: string
  /** What has to be installed for it; null when all is there. */
  missing(): string | null
  start(setting: Setting): Promise<Running>
}
