import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditLog } from '../../audit/audit-log.ts'
import type { InstallProgress } from '../../contract/models.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import { type HostPaths, hostPaths } from '../../core/host-paths.ts'
import { systemRandom } from '../../core/ids.ts'
import { silentLogger } from '../../core/logger.ts'
import { ServiceTokens } from '../../identity/service-tokens.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import { openStorage } from '../../storage/open.ts'
import type { Storage } from '../../storage/storage.ts'
import { TestApps } from '../../testing/test-apps.ts'
import { Apps } from '../apps.ts'
import type { AppsDeps, SourceKind } from '../types.ts'

/** A whole Apps on a temporary config folder, with real processes and a real database. */
export interface OpenApps {
  apps: Apps
  sources: TestApps
  storage: Storage
  audit: AuditLog
  serviceTokens: ServiceTokens
  paths: HostPaths
  progress: InstallProgress[]
  /** Reviews and installs as `system`; the app is started with it. */
  install(source: string, options?: { kind?: SourceKind; id?: string; allowScripts?: boolean }): Promise<AppRecord>
  /** Another host on the same folder, as after a restart. To be disposed by the test. */
  again(): Promise<Apps>
  close(): Promise<void>
}

let installed = 0

export async function openApps(
  overrides: Partial<AppsDeps> & { folder?: string; clock?: Clock } = {},
): Promise<OpenApps> {
  const folder = overrides.folder ?? (await realpath(await mkdtemp(join(tmpdir(), 'atek-host-'))))
  const paths = hostPaths(join(folder, 'config'), join(folder, 'run'))
  const sources = await TestApps.create()
  const clock = overrides.clock ?? systemClock
  await mkdir(paths.config, { recursive: true })
  const storage = openStorage(paths.database, { clock })
  const audit = new AuditLog({ storage, clock })
  const serviceTokens = new ServiceTokens({ random: systemRandom })
  const make = async () => {
    const made = new Apps({
      storage,
      audit,
      serviceTokens,
      clock,
      random: systemRandom,
      logger: silentLogger,
      paths,
      node: { execPath: process.execPath, env: {} },
      examplesFolder: sources.root,
      hostPort: () => 8420,
      ...overrides,
    })
    await made.init()
    return made
  }
  const apps = await make()
  const progress: InstallProgress[] = []
  apps.progress.on((event) => progress.push(event.progress))
  return {
    apps,
    sources,
    storage,
    audit,
    serviceTokens,
    paths,
    progress,
    again: make,
    async install(source, { kind = 'folder', id = `app-${++installed}`, allowScripts = false } = {}) {
      const reviewId = randomUUID()
      await apps.reviews.review({ reviewId, source, kind, actor: 'system' })
      return apps.reviews.install({ reviewId, id, owner: 'system', allowScripts, actor: 'system' })
    },
    async close() {
      await apps.dispose()
      storage.close()
      await sources.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Asks a running app over its socket; the answer's text. */
export function askApp(open: OpenApps, key: string, path = '/'): Promise<string> {
  const socketPath = open.apps.state(key).socketPath
  if (socketPath === null) return Promise.reject(new Error('The app does not run.'))
  return new Promise((resolve, reject) => {
    const ask = request({ socketPath, path, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () => resolve(text))
      answer.on('error', reject)
    })
    ask.on('error', reject)
    ask.end()
  })
}

/** Whether a process does anything any more; one that is dead and not yet reaped by its parent does not. */
export function lives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits until a condition holds, looking again each few milliseconds; `each` runs between two looks. */
export async function until(condition: () => boolean | Promise<boolean>, each: () => void = () => {}): Promise<void> {
  for (;;) {
    if (await condition()) return
    each()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
