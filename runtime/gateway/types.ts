import type { Readable } from 'node:stream'
import type { RpcResponse } from '../contract/jsonrpc.ts'
import type { User } from '../contract/models.ts'
import type { CallerLeft } from '../core/caller-left.ts'
import type { AccessClaims } from '../identity/access-tokens.ts'
import type { Exchange } from '../traffic/exchange.ts'

/** Who calls the gateway, as told by the credentials that came with the request. */
export type GatewayCaller =
  /** An app, by its bearer token; acts for its owner (a user key or `system`). */
  | { kind: 'app'; appKey: string; ownerKey: string }
  /**
   * A person, by the host's session cookie; or, `byToken`, by an access token: then `sessionId` is the API token's id.
   */
  | { kind: 'user'; user: User; sessionId: string; byToken?: true }
  /** A token of `systemAuthTokens`: acts as `system`, role admin. */
  | { kind: 'system' }
  /** No credentials, or bad ones. */
  | { kind: 'none' }

/** Whom a bearer token stands for now, by its type (C06). */
export type Principal =
  | { type: 'app'; appKey: string; ownerKey: string }
  | { type: 'system' }
  /** `tokenId`: of the API token, which ends what was opened under it. */
  | { type: 'user' | 'device' | 'agent'; user: User; tokenId: string }

/** A bearer token as it came; the signature of a signed one has been checked, which takes time. */
export type PresentedBearer = { kind: 'opaque'; token: string } | { kind: 'signed'; claims: AccessClaims }

/** What there is to know about bearer tokens, in one place (C06). */
export interface BearerPort {
  present(token: string): PresentedBearer | Promise<PresentedBearer>
  /**
   * Whom it stands for at this moment; null when the host did not give it out, or it has ended. At once, so that what
   * is opened on it can be noted before anything else happens (C09). Whether its type is taken is the endpoint's to say.
   */
  principal(presented: PresentedBearer): Principal | null
  /** Whether it is one of the host's, of any type, and must never reach an app (A06). */
  isHosts(token: string): boolean
}

export interface GatewayCall {
  caller: GatewayCaller
  /** The query parameter `api`, as sent; may name nothing. */
  api: string
  /** The JSON-RPC request as sent; may be anything. Read to its end, or destroyed by whoever made it. */
  body: Buffer | Readable
  /** The record of this call: the gateway adds app, api, method, auth headers, and marks refusals. Not ended by it. */
  exchange: Exchange
  left: CallerLeft
  /** Where the call came from and its browser in words, for the sign-in limits and the list of sessions. */
  address: string
  client(): string
}

export type GatewayAnswer = {
  /** What to do with the host's session cookie on the name that was called; null leaves it alone. */
  session: { set: string } | 'clear' | null
} & (
  | { response: RpcResponse }
  /** The answer of an app as its bytes, each a character (latin1). */
  | { bytes: string }
  /** A long answer of an app, as JSON, while it comes; it errors when it is cut off. */
  | { stream: Readable }
)

/** Where the `proxy` transport leads: a WebSocket at `path` of the app, with these two auth headers. */
export interface GatewayRoute {
  appKey: string
  path: string
  authUser: string
  authService: string
}

/** The gateway as the listener sees it. */
export interface GatewayPort {
  readonly bearers: BearerPort

  /**
   * Answers one JSON-RPC call. Everything that goes wrong is a JSON-RPC error in `response`, with one exception: a
   * caller of kind `none` where credentials are needed rejects with AppError NOT_SIGNED_IN, which the listener
   * answers as HTTP 401 (PROTOCOL). A body above LIMITS.rpcBodyBytes rejects with TOO_LARGE.
   */
  handle(call: GatewayCall): Promise<GatewayAnswer>

  /**
   * Finds (and starts, if need be) the provider for the `proxy` transport. Rejects with AppError: NOT_SIGNED_IN,
   * METHOD_NOT_FOUND when nobody provides the API over `proxy`, FORBIDDEN, AMBIGUOUS_PROVIDER, APP_STOPPED and so on.
   */
  route(call: Pick<GatewayCall, 'caller' | 'api' | 'exchange'> & { signal: AbortSignal }): Promise<GatewayRoute>
}
