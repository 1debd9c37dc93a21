import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { ControlInput, ControlMethod, ControlOutput } from '../contract/control.ts'
import type { Actor } from '../control/actor.ts'
import type { PanelSession } from '../control/panel-sessions.ts'
import { hostPaths } from '../core/host-paths.ts'
import { createLogger } from '../core/logger.ts'
import { createRuntime, type Runtime, type RuntimeConfig, type RuntimePorts } from '../runtime.ts'

export const ADMIN = { username: 'alice', password: 'correct horse battery' }
export const SYSTEM: Actor = { kind: 'system' }

export interface TestRuntime {
  runtime: Runtime
  folder: string
  /** What the host logged; printed by nobody, asserted on by tests of C51. */
  logged: string[]
  call<M extends ControlMethod>(actor: Actor | null, method: M, input: ControlInput<M>): Promise<ControlOutput<M>>
  /** Makes the first account and returns it as an actor. */
  admin(): Promise<{ actor: Actor; session: PanelSession }>
  /** Installs a folder or example and returns the app's key. */
  install(actor: Actor, source: { folder: string } | { example: string }, id: string, owner?: string): Promise<string>
  /** Stops the host; the folder stays until `dispose`. */
  stop(): Promise<void>
  dispose(): Promise<void>
}

/**
 * A real host on a folder of its own and any free port, with real apps, put together by createRuntime and used through
 * what a shell gets of it. Dispose it, or its apps stay. For tests that look inside there is start-host.ts.
 */
export async function startTestRuntime(
  options: { folder?: string; config?: Partial<RuntimeConfig>; ports?: Partial<RuntimePorts> } = {},
): Promise<TestRuntime> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'atek-host-')))
  const logged: string[] = []
  const runtime = await createRuntime(
    {
      configFolder: folder,
      port: 0,
      version: '0.0.0-test',
      panelClient: 'Test',
      examplesFolder: resolve(import.meta.dirname, '../../resources/examples'),
      pagesFile: resolve(import.meta.dirname, 'plain-pages.mjs'),
      node: { execPath: process.execPath, env: {} },
      ...options.config,
    },
    { logger: createLogger((line) => logged.push(line)), ...options.ports },
  )
  const host: TestRuntime = {
    runtime,
    folder,
    logged,
    call: (actor, method, input) => runtime.control.call(actor, method, input),
    async admin() {
      const session = await runtime.panel.createFirstUser(ADMIN)
      const actor = runtime.panel.actor(session.token)
      if (actor === null) throw new Error('The session that was just made does not stand.')
      return { actor, session }
    },
    async install(actor, source, id, owner = 'system') {
      const reviewId = crypto.randomUUID()
      const from =
        'folder' in source
          ? ({ source: source.folder, kind: 'folder' } as const)
          : ({ source: `example:${source.example}`, kind: 'example' } as const)
      await host.call(actor, 'apps.review', { reviewId, ...from })
      return (await host.call(actor, 'apps.install', { reviewId, id, owner, allowScripts: false })).key
    },
    stop: () => runtime.dispose(),
    async dispose() {
      await runtime.dispose()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
      await rm(hostPaths(folder).sockets, { recursive: true, force: true })
    },
  }
  return host
}
