import type { AuditLog } from '../audit/audit-log.ts'
import type { IdentityHeader } from '../contract/identity-headers.ts'
import type { AppState, CrashInfo, LogLine, ProcessStats } from '../contract/models.ts'
import type { Autostart, SourceKind } from '../contract/schemas.ts'
import type { Clock } from '../core/clock.ts'
import type { HostPaths } from '../core/host-paths.ts'
import type { RandomBytes } from '../core/ids.ts'
import type { Logger } from '../core/logger.ts'
import type { ServiceTokens } from '../identity/service-tokens.ts'
import type { Storage } from '../storage/storage.ts'

/** The Node that apps run on. In the desktop app: Electron's own executable with `ELECTRON_RUN_AS_NODE=1`. */
export interface NodeRuntime {
  execPath: string
  env: Record<string, string>
}

export interface AppsDeps {
  storage: Storage
  audit: AuditLog
  serviceTokens: ServiceTokens
  clock: Clock
  random: RandomBytes
  logger: Logger
  paths: HostPaths
  node: NodeRuntime
  /** Bundled examples, one folder each. */
  examplesFolder: string
  /** Port on which `http://localhost:<port>` answers as the host; asked for at each start of an app. */
  hostPort(): number
  /** The host's own domain, which an app that lives elsewhere cannot be at; `localhost` unless told. */
  domain?: string
  /** Certificate authorities beside those that Node brings, as PEM; those of the system unless told. */
  authorities?: readonly string[]
  /** Where npm packages come from; npm's public registry unless told. */
  npmRegistry?: string
}

export type { SourceKind }

/** A user key, or `system` for the host itself. */
export type ActorKey = string

export interface AppStatus {
  state: AppState
  /** Set while the state is `crashed`. */
  crash: CrashInfo | null
  process: ProcessStats | null
  /** Automatic restarts since a person (or the host's start) last started it. */
  restarts: number
  /** Where its process listens, only while it runs. */
  socketPath: string | null
  /** Why an app that lives elsewhere cannot be reached; null while it can, and for all others. */
  unreachable: string | null
}

export interface ReviewInput {
  /** Chosen by the caller, so that it can cancel. */
  reviewId: string
  source: string
  kind: SourceKind
  actor: ActorKey
  /** A semver range; `latest` unless told. A range inside the source (`#range`, `@range`) wins. */
  desiredVersion?: string
}

export interface InstallInput {
  reviewId: string
  id: string
  owner: string
  allowScripts: boolean
  actor: ActorKey
  config?: Record<string, string>
  identityHeaders?: IdentityHeader[]
}

/** `ask`: throw SCRIPTS_UNDECIDED, with the scripts, when there are any. */
export type ScriptConsent = boolean | 'ask'

export interface ConfigureInput {
  id?: string
  config?: Record<string, string>
  autostart?: Autostart
  /** A semver range, for npm also a tag, or `latest`; takes effect at the next update. */
  desiredVersion?: string
  /** Another address to take the app from: the app is fetched from there and switched, as by an update. */
  sourceUrl?: string
  identityHeaders?: IdentityHeader[]
  /** Origins at which another proxy serves it (C24). */
  externalOrigins?: string[]
}

/** A whole installation in one call, without anybody who could be asked between its steps. */
export interface InstallNowInput {
  actor: ActorKey
  /** Whether the person who calls has agreed to whatever scripts it has (A43). */
  allowScripts: boolean
  sourceUrl: string
  /** One is made of the app's name unless told. */
  id?: string
  owner: string
  desiredVersion?: string
  config?: Record<string, string>
  identityHeaders?: IdentityHeader[]
}

export interface LogQuery {
  /** Only lines with a smaller `seq`. */
  before?: number
  limit: number
}

export interface LoggedLines {
  key: string
  lines: LogLine[]
}

/** Why an app was started; kept in the audit log. */
export type StartCause = 'person' | 'install' | 'request' | 'host-start' | 'crash' | 'update'
