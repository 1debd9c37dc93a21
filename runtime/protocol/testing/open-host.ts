import { mkdtemp, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrafficDetails } from '../../contract/models.ts'
import { hostPaths } from '../../core/host-paths.ts'
import { ADMIN, SYSTEM, startTestRuntime, type TestRuntime } from '../../testing/start-runtime.ts'
import { TestBrowser } from '../../testing/test-browser.ts'
import { appClients, type Clients, type Script, scriptClients, tokenClients } from './clients.ts'
import { SYSTEM_TOKEN } from './headless-host.ts'
import { appSource, PASSWORD } from './protocol-host.ts'

/** A host in this process, so that a test sees its record; alice is an administrator, bob is none. */
export interface OpenHost extends TestRuntime {
  port: number
  system: Clients
  alice: Script
  bob: Script
  keys: { alice: string; bob: string }
  /** Installs an app of e2e/apps for a username or `system`; its key. */
  add(name: string, id: string, user: string): Promise<string>
  /** The clients inside of a console app, and its bearer token. */
  console(id: string, username: string): Promise<Clients & { token: string }>
  /** The newest recorded calls of this API, newest first. */
  calls(api: string): Promise<TrafficDetails[]>
}

export async function startOpenHost(): Promise<OpenHost> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'atek-protocol-')))
  await writeFile(hostPaths(folder).configFile, JSON.stringify({ systemAuthTokens: [SYSTEM_TOKEN] }))
  const host = await startTestRuntime({ folder })
  const { actor } = await host.admin()
  const { port } = host.runtime.status()
  const bob = await host.call(SYSTEM, 'users.create', { username: 'bob', password: PASSWORD, role: '' })
  const system = tokenClients(port, SYSTEM_TOKEN)
  const scripts = {
    alice: await scriptClients(port, ADMIN),
    bob: await scriptClients(port, { username: 'bob', password: PASSWORD }),
  }
  return {
    ...host,
    port,
    system,
    ...scripts,
    keys: { alice: actor.kind === 'user' ? actor.user.key : '', bob: bob.key },
    add: async (name, id, user) =>
      (await system.services.install({ sourceUrl: appSource(name), id, user, port: 0 })).key,
    async console(id, username) {
      const address = `http://${id}.localhost:${port}`
      const browser = new TestBrowser(port)
      await browser.signIn(
        `http://atek.localhost:${port}`,
        username,
        username === ADMIN.username ? ADMIN.password : PASSWORD,
      )
      const { answer } = await browser.follow(`${address}/environment`)
      const { ATEK_HOST_BEARER_TOKEN: token } = answer.json() as { ATEK_HOST_BEARER_TOKEN: string }
      return { ...appClients(browser, address), token }
    },
    async calls(api) {
      const { rows } = await host.call(SYSTEM, 'traffic.list', { limit: 500 })
      const details = await Promise.all(rows.map(({ seq }) => host.call(SYSTEM, 'traffic.get', { seq })))
      return details.filter(({ rpcApi }) => rpcApi === api).reverse()
    },
    async dispose() {
      await Promise.all([scripts.alice.keeper.close(), scripts.bob.keeper.close()])
      await host.dispose()
    },
  }
}
