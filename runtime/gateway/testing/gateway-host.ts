import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Apps } from '../../apps/apps.ts'
import { AppClient } from '../../apps/client/app-client.ts'
import { AuditLog } from '../../audit/audit-log.ts'
import type { RpcResponse } from '../../contract/jsonrpc.ts'
import type { TrafficDetails } from '../../contract/models.ts'
import type { Autostart } from '../../contract/schemas.ts'
import { CallerLeft } from '../../core/caller-left.ts'
import { systemClock } from '../../core/clock.ts'
import { hostPaths } from '../../core/host-paths.ts'
import { newKey, systemRandom } from '../../core/ids.ts'
import { silentLogger } from '../../core/logger.ts'
import { Identity } from '../../identity/identity.ts'
import { CHEAP } from '../../identity/testing/open-identity.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import { openStorage } from '../../storage/open.ts'
import { writeTestApp } from '../../testing/test-apps.ts'
import { Recorder } from '../../traffic/recorder.ts'
import { Gateway } from '../gateway.ts'
import type { GatewayAnswer, GatewayCaller } from '../types.ts'

/** Provides JSON-RPC at /api: tells what reached it, and can be asked for each kind of bad answer. */
const PROVIDER = `'use strict'
const http = require('node:http')
http.createServer((req, res) => {
  const chunks = []
  req.on('data', (chunk) => chunks.push(chunk))
  req.on('end', () => {
    if (req.method !== 'POST') return res.end()
    const text = Buffer.concat(chunks).toString()
    const rpc = JSON.parse(text)
    const json = (value) => { res.setHeader('content-type', 'application/json'); res.end(JSON.stringify(value)) }
    const result = (value) => json({ jsonrpc: '2.0', id: rpc.id, result: value })
    switch (rpc.method) {
      case 'nothing': return result(undefined)
      case 'fail': return json({ jsonrpc: '2.0', id: rpc.id, error: { code: -32050, message: 'No.', data: { a: 1 } } })
      case 'status': res.statusCode = 500; return result(1)
      case 'html': return res.end('<h1>hello</h1>')
      case 'other': return json({ hello: 1 })
      case 'wrong-id': return json({ jsonrpc: '2.0', id: 'another', result: 1 })
      case 'silent': return res.end()
      case 'exact': return res.end(rpc.params[0])
      case 'break': return req.socket.destroy()
      default: return result({ url: req.url, rawHeaders: req.rawHeaders, rpc, text, app: process.env.ATEK_ASSIGNED_SERVICE_KEY })
    }
  })
}).listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
`

export interface TestAppInput {
  id: string
  /** A user key, or `system`. */
  owner: string
  exports?: { api: string; path?: string; transport?: 'rpc' | 'proxy' }[]
  autostart?: Autostart
  enabled?: boolean
  title?: string
}

export interface Called {
  response: RpcResponse
  /** The answer as it goes out. */
  text: string
  session: GatewayAnswer['session']
  details: TrafficDetails
}

export const SYSTEM_TOKEN = '0123456789abcdef0123456789abcdef'

/**
 * A gateway with everything under it: a real database, real app processes and sockets. The apps are given when it is
 * made, because installing is not what these tests are about.
 */
export async function gatewayHost(apps: (users: { alice: string; bob: string }) => TestAppInput[] = () => []) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'atek-gateway-')))
  const paths = hostPaths(join(folder, 'config'), folder)
  const deps = { clock: systemClock, random: systemRandom, logger: silentLogger, paths, passwordCost: CHEAP }
  const storage = openStorage(join(folder, 'atek.db'), deps)
  const audit = new AuditLog({ storage, clock: systemClock })
  const identity = new Identity({ ...deps, storage, audit })
  const password = 'correct horse battery'
  const alice = await identity.createFirstUser({ username: 'alice', password })
  const bob = await identity.users.create(alice.key, { username: 'bob', password, role: '' })

  const records: AppRecord[] = []
  for (const input of apps({ alice: alice.key, bob: bob.key })) {
    const exports = (input.exports ?? []).map(({ path = '/api', transport = 'rpc', api }) => ({ api, path, transport }))
    const manifest = { title: input.title ?? input.id, exports }
    const packageFolder = await writeTestApp(join(folder, 'packages', input.id), 'echo', {
      manifest,
      files: { 'index.js': PROVIDER },
    })
    const record: AppRecord = {
      key: newKey(systemRandom),
      id: input.id,
      owner: input.owner,
      sourceUrl: packageFolder,
      sourceType: 'file',
      desiredVersion: null,
      installedVersion: '1.0.0',
      packageFolder,
      manifest,
      packageMeta: { name: input.id, author: null, license: null, main: 'index.js' },
      config: { GREETING: 'secret-greeting' },
      autostart: input.autostart ?? 'on-request',
      enabled: input.enabled ?? true,
      installedAt: systemClock.now(),
      identityHeaders: [],
      externalOrigins: [],
    }
    storage.apps.insert(record)
    records.push(record)
  }

  const registry = new Apps({
    ...deps,
    storage,
    audit,
    serviceTokens: identity.serviceTokens,
    node: { execPath: process.execPath, env: {} },
    examplesFolder: join(folder, 'examples'),
    hostPort: () => 8420,
  })
  await registry.init()
  const client = new AppClient({ target: (key) => registry.state(key).socketPath })
  const recorder = new Recorder(deps)
  const gateway = new Gateway({
    identity,
    apps: registry,
    client,
    storage,
    audit,
    random: systemRandom,
    logger: silentLogger,
    systemAuthTokens: [SYSTEM_TOKEN],
    config: () => ({ domain: 'localhost', port: 8420, configDir: paths.config }),
  })

  const begin = (api: string, requestHeaders: string[] = []) =>
    recorder.begin({ kind: 'gateway', appKey: null, appId: '', method: 'POST', path: `/${api}`, requestHeaders })
  const detailsOf = (seq: number): TrafficDetails => {
    const details = recorder.get(seq)
    if (details === null) throw new Error('The exchange was not recorded.')
    return details
  }

  return {
    identity,
    storage,
    audit,
    apps: registry,
    gateway,
    alice,
    bob,
    password,
    app(id: string): AppRecord {
      const record = records.find((one) => one.id === id)
      if (record === undefined) throw new Error(`There is no app ${id}.`)
      return record
    },
    /** The app as a caller. */
    asApp(id: string): GatewayCaller {
      const { key, owner } = this.app(id)
      return { kind: 'app', appKey: key, ownerKey: owner }
    },
    async asUser(username: 'alice' | 'bob') {
      const { user, session } = await identity.signIn({
        username,
        password,
        address: '127.0.0.1',
        client: 'Firefox on Linux',
        kind: 'browser',
      })
      return { kind: 'user', user, sessionId: session.id } as const
    },
    /** A call as it comes from the wire. */
    async raw(caller: GatewayCaller, api: string, body: string, headers: string[] = []): Promise<Called> {
      const exchange = begin(api, headers)
      try {
        const answer = await gateway.handle({
          caller,
          api,
          body: Buffer.from(body),
          exchange,
          left: new CallerLeft(),
          address: '127.0.0.1',
          client: () => 'curl/8.5.0',
        })
        if ('stream' in answer) throw new Error('A long answer: take it from the wire.')
        const text =
          'bytes' in answer ? Buffer.from(answer.bytes, 'latin1').toString('utf8') : JSON.stringify(answer.response)
        return { response: JSON.parse(text), text, session: answer.session, details: detailsOf(exchange.seq) }
      } catch (error) {
        throw Object.assign(error as Error, { recorded: detailsOf(exchange.seq) })
      }
    },
    /** As `@atek-cloud/node-rpc@4.2.0` sends it. */
    call(caller: GatewayCaller, api: string, method: string, params: unknown[] = [], headers: string[] = []) {
      return this.raw(caller, api, JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }), headers)
    },
    async route(caller: GatewayCaller, api: string) {
      const exchange = begin(api)
      const { signal } = new AbortController()
      const route = await gateway.route({ caller, api, exchange, signal })
      return { route, details: detailsOf(exchange.seq) }
    },
    async dispose() {
      await registry.dispose()
      await client.dispose()
      recorder.dispose()
      storage.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type GatewayHost = Awaited<ReturnType<typeof gatewayHost>>

/** The result of a call, which must not be an error. */
export function resultOf<T = unknown>({ response }: { response: RpcResponse }): T {
  if ('error' in response) throw new Error(`The call failed: ${response.error.message}`)
  return response.result as T
}

/** The error's number of a call, which must be one. */
export function errorOf({ response }: { response: RpcResponse }): number {
  if (!('error' in response)) throw new Error('The call did not fail.')
  return response.error.code
}
