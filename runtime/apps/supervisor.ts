import type { IconCache } from './icon.ts'
import type { AppLogs } from './logs/app-logs.ts'
import type { Registry } from './registry.ts'
import type { ActorKey, AppStatus, AppsDeps } from './types.ts'

export interface SupervisorDeps extends AppsDeps {
  registry: Registry
  logs: AppLogs
  icons: IconCache
  changed(key: string): void
}

export class Supervisor {
  constructor(_deps: SupervisorDeps) {}
  state(_key: string): AppStatus {
    return { state: 'stopped', crash: null, process: null, restarts: 0, socketPath: null }
  }
  restartNeeded(_key: string): boolean {
    return false
  }
  startEnabled(): void {}
  async startInstalled(_key: string): Promise<void> {}
  async start(_actor: ActorKey, _key: string): Promise<void> {}
  async stop(_actor: ActorKey, _key: string): Promise<void> {}
  async restart(_actor: ActorKey, _key: string): Promise<void> {}
  async ensureRunning(_key: string, _signal?: AbortSignal): Promise<void> {}
  async remove(_key: string): Promise<void> {}
  async dispose(): Promise<void> {}
}
