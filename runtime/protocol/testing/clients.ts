import { type AdbApi, createClient as adbClient } from '@atek-cloud/adb-api'
import { type InspectApi, createClient as inspectClient } from '@atek-cloud/inspect-api'
import { type AtekRpcClient, RpcError, rpc } from '@atek-cloud/node-rpc'
import { type ServicesApi, createClient as servicesClient } from '@atek-cloud/services-api'
import { createClient as sessionsClient, type UserSessionsApi } from '@atek-cloud/user-sessions-api'
import { type UsersApi, createClient as usersClient } from '@atek-cloud/users-api'
import type { TestBrowser } from '../../testing/test-browser.ts'
import { CookieKeeper } from './cookie-keeper.ts'

/** Methods of an API that has no package of its own. */
export type AnyApi = (method: string, ...params: unknown[]) => Promise<unknown>

/** The published clients, as one caller has them. */
export interface Clients {
  users: UsersApi
  sessions: UserSessionsApi
  services: ServicesApi
  inspect: InspectApi
  adb: AdbApi
  /** node-rpc's client for any API. */
  any(api: string): AnyApi
}

type Endpoint = { proto: string; hostname: string; port: number }

function npmClients(set: (client: AtekRpcClient) => void): Clients {
  const ready = <T extends AtekRpcClient>(client: T): T => {
    set(client)
    return client
  }
  return {
    users: ready(usersClient()),
    sessions: ready(sessionsClient()),
    services: ready(servicesClient()),
    inspect: ready(inspectClient()),
    adb: ready(adbClient()),
    any(api) {
      const client = ready(rpc(api))
      return (method, ...params) => client.$rpc(method, params)
    },
  }
}

/** A script with a bearer token; `null` for none. */
export function tokenClients(port: number, token: string | null): Clients {
  const endpoint: Endpoint = { proto: 'http', hostname: 'localhost', port }
  return npmClients((client) => {
    client.$setEndpoint(endpoint)
    client.$setAuthHeader(token === null ? '' : `Bearer ${token}`)
  })
}

export interface Script extends Clients {
  keeper: CookieKeeper
}

/** A script that has signed in through `user-sessions-api` and keeps the cookie. */
export async function scriptClients(
  port: number,
  credentials: { username: string; password: string },
): Promise<Script> {
  const keeper = await CookieKeeper.start(port)
  const clients = npmClients((client) => client.$setEndpoint(keeper.endpoint))
  await clients.sessions.login(credentials)
  return { ...clients, keeper }
}

/** The clients inside of an app (e2e/apps/api-console), which this browser is signed in to. */
export function appClients(browser: TestBrowser, address: string): Clients {
  const call = async (body: { client?: string; api?: string; method: string; params: unknown[] }) => {
    const answer = await browser.send(
      'POST',
      `${address}/call`,
      ['Content-Type: application/json'],
      JSON.stringify(body),
    )
    if (answer.status !== 200) throw new Error(`The app answered ${answer.status}: ${answer.body.slice(0, 500)}`)
    const { result, error } = answer.json() as { result?: unknown; error?: ConstructorParameters<typeof RpcError>[0] }
    if (error !== undefined) throw new RpcError(error)
    return result
  }
  const client = <T>(name: string) =>
    new Proxy({} as T & object, {
      get:
        (_, method) =>
        (...params: unknown[]) =>
          call({ client: name, method: String(method), params }),
    })
  return {
    users: client('users'),
    sessions: client('sessions'),
    services: client('services'),
    inspect: client('inspect'),
    adb: client('adb'),
    any:
      (api) =>
      (method, ...params) =>
        call({ api, method, params }),
  }
}
