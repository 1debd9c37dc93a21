import type { Apps } from '../apps/apps.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { HostSettings, HostStatus } from '../contract/models.ts'
import type { Clock } from '../core/clock.ts'
import type { ReplayRequest } from '../edge/replays.ts'
import type { Identity } from '../identity/identity.ts'
import type { Storage } from '../storage/storage.ts'
import type { Recorder } from '../traffic/recorder.ts'
import type { TrafficLog } from '../traffic/traffic-log.ts'

/** What the control API does its work with. Handed in by the composition root. */
export interface Services {
  storage: Storage
  audit: AuditLog
  identity: Identity
  apps: Apps
  recorder: Recorder
  traffic: TrafficLog
  clock: Clock
  host: {
    appAddress(id: string): string
    /** Of the host's own pages and the gateway. */
    address(): string
    /** Whether the host itself would accept this token, or once did. */
    isHostToken(token: string): boolean
    /** Makes a recorded request again through the listener. */
    replay(request: ReplayRequest): Promise<{ seq: number; status: number }>
    /** C15: a one-time address for the person's browser. */
    openAddress(userKey: string, appKey: string, path: string): string
    status(): HostStatus
    settings(): HostSettings
    updateSettings(patch: { port?: number | undefined; domain?: string | undefined }): Promise<HostSettings>
  }
}
