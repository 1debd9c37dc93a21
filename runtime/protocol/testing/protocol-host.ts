import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TestBrowser } from '../../testing/test-browser.ts'
import { appClients, type Clients, type Script, scriptClients, tokenClients } from './clients.ts'
import { type HeadlessHost, SYSTEM_TOKEN, startHeadless } from './headless-host.ts'

export const PASSWORD = 'correct horse battery'

/** The two ways to call a host that every API is tested in. */
export const CALLERS = ['an app with its bearer token', 'a script with a cookie'] as const

/** `file://` address of an app of e2e/apps; it runs in place, with the packages of this repository. */
export function appSource(name: string): string {
  return pathToFileURL(resolve(import.meta.dirname, '../../../e2e/apps', name)).href
}

export interface ProtocolHost extends HeadlessHost {
  /** With a token of `systemAuthTokens`. */
  system: Clients
  keys: { alice: string; bob: string }
  scripts: { alice: Script; bob: Script }
  browsers: { alice: TestBrowser; bob: TestBrowser }
  /** Clients of alice (an administrator) or bob (who is none), by one of the two ways. */
  as(caller: (typeof CALLERS)[number], user: 'alice' | 'bob'): Clients
  appAddress(id: string): string
}

/**
 * A headless host with two people, alice (an administrator) and bob, each of them with a script that is signed in and
 * with an app that has the same clients (`console-alice`, `console-bob`).
 */
export async function startProtocolHost(config: Record<string, unknown> = {}): Promise<ProtocolHost> {
  const host = await startHeadless(config)
  const system = tokenClients(host.port, SYSTEM_TOKEN)
  const address = (id: string) => `http://${id}.localhost:${host.port}`
  const person = async (username: 'alice' | 'bob', role: string) => {
    const { key } = await system.users.create({ username, password: PASSWORD, role })
    const script = await scriptClients(host.port, { username, password: PASSWORD })
    const id = `console-${username}`
    await system.services.install({ sourceUrl: appSource('api-console'), id, user: username })
    const browser = new TestBrowser(host.port)
    await browser.signIn(address('atek'), username, PASSWORD)
    await browser.follow(`${address(id)}/`)
    return { key, script, browser, app: appClients(browser, address(id)) }
  }
  const alice = await person('alice', 'admin')
  const bob = await person('bob', '')
  return {
    ...host,
    system,
    keys: { alice: alice.key, bob: bob.key },
    scripts: { alice: alice.script, bob: bob.script },
    browsers: { alice: alice.browser, bob: bob.browser },
    as: (caller, user) => {
      const { app, script } = user === 'alice' ? alice : bob
      return caller === 'an app with its bearer token' ? app : script
    },
    appAddress: address,
    async dispose() {
      await Promise.all([alice.script.keeper.close(), bob.script.keeper.close()])
      await host.dispose()
    },
  }
}

/** The error that a client throws: its JSON-RPC number and message. */
export async function rpcError(call: Promise<unknown>): Promise<{ code: number; message: string }> {
  try {
    await call
  } catch (error) {
    const { code, message } = error as { code: number; message: string }
    return { code, message }
  }
  throw new Error('The call did not fail.')
}
