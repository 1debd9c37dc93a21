import type { ErrorCode, ErrorData } from './errors.ts'
import type { IdentityHeader } from './identity-headers.ts'
import type { AppExport, Manifest } from './manifest.ts'
import type { Autostart, Role, SourceType } from './schemas.ts'

/** What the panel is shown. Times are milliseconds since 1970, sizes bytes, durations milliseconds. */

export interface User {
  key: string
  username: string
  role: Role
  createdAt: number
}

export interface UserRow extends User {
  lastSeenAt: number | null
  sessions: number
  ownedApps: number
}

export interface SessionInfo {
  id: string
  kind: 'browser' | 'panel'
  /** Browser and system in words ("Firefox on Linux"), guessed from the User-Agent. */
  client: string
  createdAt: number
  lastSeenAt: number
  expiresAt: number
  current: boolean
}

/** An API token of a person: what lets their scripts call the host. */
export interface ApiTokenInfo {
  id: string
  name: string
  /** Made in the panel, or by a script with username and password. */
  origin: 'panel' | 'password'
  createdAt: number
  lastUsedAt: number | null
  /** If it is not used before. */
  expiresAt: number
}

/** `unreachable`: an app that lives elsewhere, is wanted, and does not answer. */
export type AppState = 'installing' | 'stopped' | 'starting' | 'running' | 'stopping' | 'crashed' | 'unreachable'
export type { SourceType }

export interface CrashInfo {
  at: number
  exitCode: number | null
  signal: string | null
  /** Why it counts as crashed, as a sentence. */
  reason: string
  /** Last lines of stderr, oldest first. */
  lastLines: string[]
  restarts: number
  /** When it tries again, or null when it gave up. */
  nextTryAt: number | null
}

export interface ProcessStats {
  pid: number
  startedAt: number
  /** Of the whole process group; null where the system does not say. */
  memoryBytes: number | null
  cpuPercent: number | null
}

export interface AppSummary {
  key: string
  id: string
  title: string
  description: string
  icon: string | null
  owner: string
  /** `null` when the owner is `system`, which the panel writes as "Everyone". */
  ownerName: string | null
  state: AppState
  address: string
  sourceType: SourceType
  version: string | null
  process: ProcessStats | null
  crash: CrashInfo | null
  /** Why an app that lives elsewhere cannot be reached, as a sentence; null while it can. */
  unreachable: string | null
  /** Requests and errors (status 500 and up, or refused) per 10 s over the last 5 minutes, oldest first. */
  activity: { requests: number[]; errors: number[] }
  /** What the person who asks may do with it. */
  may: { open: boolean; manage: boolean }
}

export interface AppDetails extends AppSummary {
  sourceUrl: string
  desiredVersion: string | null
  author: string | null
  license: string | null
  exports: AppExport[]
  autostart: Autostart
  config: Record<string, string>
  restarts: number
  installedAt: number
  folder: string
  dataFolder: string
  manifest: Manifest
  identityHeaders: IdentityHeader[]
  externalOrigins: string[]
}

export interface LogLine {
  seq: number
  at: number
  stream: 'stdout' | 'stderr' | 'host'
  text: string
}

/** What a person sees before anything is installed. Valid until installed, cancelled, or ten minutes old. */
export interface InstallReview {
  reviewId: string
  sourceUrl: string
  sourceType: SourceType
  /** `name` of package.json; title is the manifest's. */
  packageName: string | null
  title: string
  description: string
  version: string | null
  author: string | null
  license: string | null
  exports: AppExport[]
  /** Lifecycle scripts that would run, if the person agrees: name -> command. */
  scripts: Record<string, string>
  dependencies: number
  suggestedId: string
  warnings: string[]
}

export type InstallStep = 'fetch' | 'check' | 'dependencies' | 'register' | 'start' | 'ready'

export interface InstallProgress {
  reviewId: string
  step: InstallStep
  state: 'running' | 'done' | 'failed'
  message: string
}

/** What an app's source has, in the wanted range. Versions are null where a folder does not state one. */
export interface UpdateCheck {
  hasUpdate: boolean
  installedVersion: string | null
  latestVersion: string | null
}

/** The same version twice when there was nothing newer. */
export interface UpdateResult {
  installedVersion: string | null
  oldVersion: string | null
}

export interface ExampleInfo {
  name: string
  title: string
  description: string
  icon: string | null
  sourceUrl: string
}

/** Who made a request: a person, an app acting for its owner, or the host itself. */
export interface TrafficCaller {
  userKey: string
  /** null when the user is gone, or for `system`. */
  username: string | null
  /** The calling app, for app-to-app calls; null when a person called. */
  serviceKey: string | null
  serviceId: string | null
}

export interface TrafficRow {
  seq: number
  at: number
  kind: 'http' | 'websocket' | 'gateway'
  appKey: string | null
  /** The label that was asked for, also when no app has it. */
  appId: string
  caller: TrafficCaller | null
  method: string
  /** Path and query with one-time tokens masked (C51). */
  path: string
  /** null while the answer is not there yet. */
  status: number | null
  state: 'open' | 'done' | 'aborted'
  durationMs: number | null
  bytesIn: number
  bytesOut: number
  refused: ErrorCode | null
  /** Of a JSON-RPC call. */
  rpcApi: string | null
  rpcMethod: string | null
  /** The request that this one was made for; not `sure` where only the times tell so. */
  cause: { seq: number; sure: boolean } | null
  /** The row that this one repeats. */
  replayOf: number | null
}

export type HeaderAction = 'stripped' | 'injected' | 'replaced' | 'kept'

/** A line of "Auth headers": what the caller sent, what the app received, and why they differ. */
export interface AuthHeaderLine {
  name: string
  sent: string | null
  received: string | null
  action: HeaderAction
  reason: string
  /** A name for a person beside a key: "alice", "Notes". */
  label: string | null
}

export type FrameOpcode = 'text' | 'binary' | 'continuation' | 'ping' | 'pong' | 'close' | 'unknown'

/** One frame of a WebSocket as it passed (RFC 6455, 5.2). */
export interface WebSocketFrame {
  at: number
  /** From the caller, or to it. */
  direction: 'in' | 'out'
  /** `unknown` is what broke the rules and ended the connection. */
  opcode: FrameOpcode
  /** Of the payload; compressed, where the two ends agreed on compression. */
  bytes: number
  /** The payload's beginning as text; null unless bodies were being captured. */
  preview: string | null
  /** Of a close frame that has one (RFC 6455, 7.4). */
  closeCode: number | null
}

export interface TrafficDetails extends TrafficRow {
  /** In exact words, for the record (C21); the caller was told it in general ones. */
  reason: string | null
  authHeaders: AuthHeaderLine[]
  /** Secrets are masked (C51). */
  requestHeaders: [name: string, value: string][]
  responseHeaders: [name: string, value: string][]
  /** Every line of the request and of the answer, original against forwarded; empty where nothing was passed on. */
  headerLines: AuthHeaderLine[]
  answerHeaderLines: AuthHeaderLine[]
  /** Since `at`: the caller was known, it went to the app, the answer's head came, it was over; null if not reached. */
  timing: { callerMs: number | null; forwardedMs: number | null; headMs: number | null; endMs: number | null }
  /** Whether bodies were kept: `traffic.body`. */
  bodies: { request: boolean; response: boolean }
  /** The last LIMITS.recordedFrames of a WebSocket, oldest first; empty for everything else. */
  frames: WebSocketFrame[]
  /** All that passed, also those that are not kept; null when it is no joined WebSocket. */
  frameCounts: { in: number; out: number } | null
  /** It is still in memory, so that its secrets can be asked for and it can be repeated with them. */
  inMemory: boolean
}

export interface TrafficPage {
  rows: TrafficRow[]
  /** Rows that fell out of the ring since the start: nothing is dropped silently. */
  dropped: number
  total: number
}

export interface AuditRow {
  seq: number
  at: number
  /** A dotted name: `app.install`, `user.create`, `session.sign-in-failed`. */
  action: string
  actor: string
  actorName: string | null
  subject: string | null
  subjectName: string | null
  outcome: 'ok' | 'refused' | 'failed'
  details: Record<string, unknown>
  /** The row as a sentence, names looked up now: "alice installed Notes for everyone". */
  sentence: string
}

export interface HostStatus {
  version: string
  startedAt: number
  domain: string
  port: number
  /** The port that was asked for, when it was taken and another is used. */
  portTaken: number | null
  address: string
  requestsPerSecond: number
  /** Requests per second over the last minute, one value each 2 s, oldest first. */
  recentRequests: number[]
  trafficDropped: number
  configFolder: string
}

export interface HostSettings {
  port: number
  domain: string
  /** A change of port or domain takes effect at the next start of the host. */
  restartNeeded: boolean
}

export interface Me {
  user: User
  sessionId: string
}

export interface FailedStart {
  error: ErrorData
}
