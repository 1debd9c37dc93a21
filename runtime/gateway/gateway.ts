import type { Readable } from 'node:stream'
import { appTitle } from '../apps/app-title.ts'
import type { Apps } from '../apps/apps.ts'
import type { AppClient } from '../apps/client/app-client.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { AppError, type ErrorCode, type ErrorData, toErrorData } from '../contract/errors.ts'
import { type RpcId, type RpcResponse, rpcError, rpcRequestSchema, rpcResult } from '../contract/jsonrpc.ts'
import type { AppExport } from '../contract/manifest.ts'
import type { RandomBytes } from '../core/ids.ts'
import type { Logger } from '../core/logger.ts'
import type { Identity } from '../identity/identity.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import type { Storage } from '../storage/storage.ts'
import type { Exchange } from '../traffic/exchange.ts'
import { CallAccounts, type ProviderAuth } from './auth-headers.ts'
import { Bearers } from './bearers.ts'
import { type Candidate, chooseProvider } from './broker.ts'
import { ADB_API, adbApi } from './built-in/adb-api.ts'
import type { BuiltInApi } from './built-in/built-in.ts'
import { INSPECT_API, inspectApi } from './built-in/inspect-api.ts'
import { SERVICES_API, servicesApi } from './built-in/services-api.ts'
import { USER_SESSIONS_API, userSessionsApi } from './built-in/user-sessions-api.ts'
import { USERS_API, usersApi } from './built-in/users-api.ts'
import { parseCall, type ReadCall } from './parse-call.ts'
import { providerAnswer } from './provider-answer.ts'
import { requireRights, rightsOf } from './rights.ts'
import { askProvider, type ProviderAnswer, resultStream } from './streaming/ask-provider.ts'
import { type BegunCall, CallTooLargeError, readCallBody } from './streaming/call-body.ts'
import { BodiesFullError, type Held, HeldBodies } from './streaming/held-bodies.ts'
import type { GatewayAnswer, GatewayCall, GatewayCaller, GatewayPort, GatewayRoute } from './types.ts'

export interface GatewayDeps {
  identity: Identity
  apps: Apps
  client: AppClient
  storage: Storage
  audit: AuditLog
  random: RandomBytes
  logger: Logger
  /** Bearer tokens that act as `system` (PROTOCOL, "Configuration"). */
  systemAuthTokens: readonly string[]
  /** The configuration without secrets. */
  config(): { domain: string; port: number } & Record<string, unknown>
}

type Passed = { bytes: string } | { stream: Readable }

interface Target {
  app: AppRecord
  path: string
}

/** Answers calls of APIs: with one of the host's own, or by passing them on to the app that provides it. */
export class Gateway implements GatewayPort {
  readonly bearers: Bearers
  readonly #deps: GatewayDeps
  readonly #builtIn: ReadonlyMap<string, BuiltInApi>
  readonly #held = new HeldBodies()
  readonly #accounts = new CallAccounts()

  constructor(deps: GatewayDeps) {
    this.#deps = deps
    this.bearers = new Bearers(deps)
    this.#builtIn = new Map([
      [USERS_API, usersApi(deps)],
      [USER_SESSIONS_API, userSessionsApi(deps)],
      [SERVICES_API, servicesApi(deps)],
      [INSPECT_API, inspectApi(deps)],
      [ADB_API, adbApi(deps)],
    ])
  }

  async handle(call: GatewayCall): Promise<GatewayAnswer> {
    let session: GatewayAnswer['session'] = null
    const about: { id: RpcId } = { id: null }
    const held = this.#held.hold(heldBy(call.caller))
    try {
      call.exchange.rpc(call.api, null)
      const builtIn = this.#builtIn.get(call.api)
      const body = Buffer.isBuffer(call.body)
        ? { whole: call.body }
        : await readCallBody(call.body, {
            whole: builtIn !== undefined || call.caller.kind === 'none',
            hold: (bytes) => held.add(bytes),
          })
      if (!('whole' in body)) return await this.#passOn(call, held, body, about)
      const parsed = parseCall(body.whole)
      about.id = parsed.id
      if ('error' in parsed) {
        this.#rights(call.caller)
        throw parsed.error
      }
      call.exchange.rpc(call.api, parsed.request.method)
      if (builtIn === undefined) return await this.#callApp(call, held, parsed)
      const response = await this.#callBuiltIn(builtIn, call, parsed, (change) => {
        session = change
      })
      return { response, session }
    } catch (error) {
      return { response: this.#failed(call, about.id, error), session: null }
    } finally {
      held.release()
    }
  }

  async route(call: Parameters<GatewayPort['route']>[0]): Promise<GatewayRoute> {
    const { caller, api, exchange, signal } = call
    exchange.rpc(api, null)
    try {
      const target = this.#provider(caller, api, 'proxy', exchange)
      await this.#deps.apps.ensureRunning(target.app.key, signal)
      const auth = this.#auth(caller, target.app)
      exchange.requestHeaders(this.#accounts.of(caller, auth))
      return { appKey: target.app.key, path: target.path, authUser: auth.user, authService: auth.service }
    } catch (error) {
      this.#note(exchange, api, error)
      throw error
    }
  }

  async #callBuiltIn(
    api: BuiltInApi,
    call: GatewayCall,
    { id, request }: ReadCall,
    setSession: (session: GatewayAnswer['session']) => void,
  ): Promise<RpcResponse> {
    const { caller, address } = call
    const rights = rightsOf(caller, this.#deps.identity.users)
    // Own keys only: `constructor` and `__proto__` are no methods.
    const method = Object.hasOwn(api, request.method) ? api[request.method] : undefined
    if (method === undefined) {
      this.#rights(caller)
      throw new AppError('METHOD_NOT_FOUND', `${call.api} has no method "${request.method}".`)
    }
    const { params } = rpcRequestSchema.parse(request)
    return rpcResult(id, await method({ caller, rights, address, client: call.client(), setSession }, params))
  }

  async #callApp(call: GatewayCall, held: Held, parsed: ReadCall): Promise<Passed & { session: null }> {
    const answer = await this.#ask(call, held, parsed.forProvider())
    return this.#answered(call, answer, parsed.idText, parsed.request.id === undefined)
  }

  /** A long call, while it comes. */
  async #passOn(
    call: GatewayCall,
    held: Held,
    begun: BegunCall,
    about: { id: RpcId },
  ): Promise<Passed & { session: null }> {
    call.exchange.rpc(call.api, begun.method)
    const asked = this.#ask(call, held, begun.forProvider)
    asked.catch(() => begun.forProvider.destroy())
    // What is wrong with the call itself is told before what came of that at the provider.
    const [read, answer] = await Promise.allSettled([begun.finished, asked])
    if (read.status === 'rejected') {
      if (answer.status === 'fulfilled' && 'result' in answer.value) answer.value.result.destroy()
      throw read.reason
    }
    const { id, idText, notification } = read.value
    about.id = id
    if (answer.status === 'rejected') throw answer.reason
    return this.#answered(call, answer.value, idText, notification)
  }

  async #ask(call: GatewayCall, held: Held, body: Buffer | Readable): Promise<ProviderAnswer> {
    const { caller, exchange, left } = call
    const { app, path } = this.#provider(caller, call.api, 'rpc', exchange)
    if (!this.#deps.apps.isReady(app.key)) await this.#deps.apps.ensureRunning(app.key, left.signal)
    const auth = this.#auth(caller, app)
    exchange.requestHeaders(this.#accounts.of(caller, auth))
    // As the provider gets it; a long one is not kept.
    if (Buffer.isBuffer(body)) exchange.keepBody('request', body)
    exchange.forwarded()
    const headers = this.#providerHeaders(app, auth, exchange.requestId)
    return await askProvider(this.#deps.client, app.key, { method: 'POST', path, headers, body }, { left, held })
  }

  #answered(
    call: GatewayCall,
    answer: ProviderAnswer,
    idText: string,
    notification: boolean,
  ): Passed & { session: null } {
    if ('result' in answer) return { stream: resultStream(idText, answer.result), session: null }
    const { bytes, error } = providerAnswer(idText, notification, answer.status, answer.body)
    if (error !== null) call.exchange.note(`The app answered with error ${error}.`)
    return { bytes, session: null }
  }

  #providerHeaders(app: AppRecord, auth: ProviderAuth, requestId: string | null): string[] {
    const { domain, port } = this.#deps.config()
    return [
      'Host',
      `${app.id}.${domain}:${port}`,
      'Content-Type',
      'application/json',
      'Accept',
      'application/json',
      'Atek-Auth-User',
      auth.user,
      'Atek-Auth-Service',
      auth.service,
      ...(requestId === null ? [] : ['Atek-Request-Id', requestId]),
    ]
  }

  /** Who is asked. The caller learns in general words why nobody is; the record has the exact ones (C21). */
  #provider(caller: GatewayCaller, api: string, transport: AppExport['transport'], exchange: Exchange): Target {
    const rights = this.#rights(caller)
    const { apps } = this.#deps
    const candidates = apps.exportsOf(api).map((found): Candidate => {
      const { app } = found
      const { state } = apps.state(app.key)
      const startable = app.enabled && app.autostart !== 'never'
      const available = state === 'running' || state === 'starting' || startable
      return { key: app.key, id: app.id, owner: app.owner, export: found.export, available }
    })
    const choice = chooseProvider(candidates, rights.user, transport)
    switch (choice.kind) {
      case 'provider': {
        const { key, id } = choice.provider
        exchange.app(key, id)
        const app = apps.get(key)
        if (app === null) throw new AppError('APP_NOT_INSTALLED', 'The app that provides this API is gone.')
        return { app, path: choice.provider.export.path }
      }
      case 'stopped':
        exchange.app(choice.provider.key, choice.provider.id)
        throw new AppError(
          'APP_STOPPED',
          `The app that provides this API, ${choice.provider.id}, is stopped. Start it in Atek and try again.`,
        )
      case 'ambiguous':
        if (choice.ids.length === 0) {
          throw new RefusedError(
            'AMBIGUOUS_PROVIDER',
            `No app of yours, and none for everyone, provides the API "${api.slice(0, 256)}". Install one that does.`,
            'Only apps of other users provide this API.',
          )
        }
        throw new AppError(
          'AMBIGUOUS_PROVIDER',
          `Several apps provide this API: ${choice.ids.join(', ')}. Stop all but one of them and try again.`,
        )
      case 'none':
        throw new RefusedError('METHOD_NOT_FOUND', `No app provides the API "${api.slice(0, 256)}".`, choice.reason)
    }
  }

  #auth(caller: GatewayCaller, provider: AppRecord): ProviderAuth {
    const { identity, apps } = this.#deps
    const { user } = this.#rights(caller)
    const userLabel = user === 'system' ? 'Everyone' : (identity.users.get(user)?.username ?? null)
    if (caller.kind === 'system') return { user, userLabel: 'The host', service: 'system', serviceLabel: 'The host' }
    const service = caller.kind === 'app' ? apps.get(caller.appKey) : provider
    // An app that was removed while its last call was under way.
    if (service === null) throw new AppError('FORBIDDEN', 'The calling app is not installed any more.')
    return { user, userLabel, service: service.key, serviceLabel: appTitle(service) }
  }

  #rights(caller: GatewayCaller) {
    return requireRights(rightsOf(caller, this.#deps.identity.users))
  }

  /** Every error as JSON-RPC, save those that the listener answers as HTTP 401 and 413. */
  #failed(call: GatewayCall, id: RpcId, error: unknown): RpcResponse {
    const data = this.#note(call.exchange, call.api, error)
    const asHttp = error instanceof CallTooLargeError || error instanceof BodiesFullError
    if (data.code === 'NOT_SIGNED_IN' || asHttp) throw error
    return rpcError(id, data)
  }

  #note(exchange: Exchange, api: string, error: unknown): ErrorData {
    const data = toErrorData(error)
    if (data.code === 'INTERNAL') this.#deps.logger.error('a gateway call failed', { api, error })
    if (error instanceof RefusedError) exchange.refuse(data.code, error.reason, null)
    else if (ANSWERS.has(data.code)) exchange.note(data.message)
    else exchange.refuse(data.code, data.message, null)
    return data
  }
}

/** What a built-in API found out, and no refusal: the call was let through, and this is what came of it. */
const ANSWERS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'NOT_FOUND',
  'CONFLICT',
  'CANCELLED',
  'USERNAME_TAKEN',
  'ID_TAKEN',
  'LAST_ADMIN',
])

/** The caller gets the message; the exact reason is for the record alone (C21). */
class RefusedError extends AppError {
  readonly reason: string

  constructor(code: ErrorCode, message: string, reason: string) {
    // Where the listener looks for exact words, too.
    super(code, message, { reason })
    this.reason = reason
  }
}

/** Whose share of what is held a call counts against; all who are not signed in have one. */
function heldBy(caller: GatewayCaller): string {
  return caller.kind === 'app' ? caller.appKey : caller.kind === 'user' ? caller.user.key : caller.kind
}
