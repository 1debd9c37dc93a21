import type { Apps } from '../apps/apps.ts'
import { REFRESH_TOKEN, tokenHash } from '../core/ids.ts'
import type { Identity } from '../identity/identity.ts'
import type { BearerPort, PresentedBearer, Principal } from './types.ts'

/**
 * The one place that knows what a bearer token stands for (C06). Three kinds are taken anywhere: those of running apps,
 * `systemAuthTokens` with the token of this run, and access tokens of people. Session and refresh tokens are the host's,
 * too, but as a bearer they open nothing.
 */
export class Bearers implements BearerPort {
  readonly #identity: Pick<Identity, 'serviceTokens' | 'accessTokens' | 'apiTokens' | 'sessions'>
  readonly #apps: Pick<Apps, 'get'>
  readonly #systemTokens: ReadonlySet<string>

  constructor(deps: {
    identity: Pick<Identity, 'serviceTokens' | 'accessTokens' | 'apiTokens' | 'sessions'>
    apps: Pick<Apps, 'get'>
    systemAuthTokens: readonly string[]
  }) {
    this.#identity = deps.identity
    this.#apps = deps.apps
    this.#systemTokens = new Set(deps.systemAuthTokens.map(tokenHash))
  }

  present(token: string): PresentedBearer | Promise<PresentedBearer> {
    return this.#identity.accessTokens.hasForm(token) ? this.#signed(token) : { kind: 'opaque', token }
  }

  principal(presented: PresentedBearer): Principal | null {
    if (presented.kind === 'opaque') return this.#opaque(presented.token)
    const holder = this.#identity.apiTokens.holder(presented.claims)
    if (holder === null) return null
    const { tokenType: type, user, tokenId } = holder
    // Families are people's, devices' and agents'; apps and the host have tokens of other kinds.
    return type === 'app' || type === 'system' ? null : { type, user, tokenId }
  }

  isHosts(token: string): boolean {
    // Also those that are good no more: whether they are is nothing that an app should find out.
    if (token.startsWith(REFRESH_TOKEN.prefix) || this.#identity.accessTokens.isOurs(token)) return true
    return this.#opaque(token) !== null || this.#identity.sessions.verify(token) !== null
  }

  async #signed(token: string): Promise<PresentedBearer> {
    const claims = await this.#identity.accessTokens.verify(token)
    return claims === null ? { kind: 'opaque', token } : { kind: 'signed', claims }
  }

  #opaque(token: string): Principal | null {
    // By hash, as with every token: what a guesser could time is the hash, which he cannot steer (C04).
    const hash = tokenHash(token)
    if (this.#systemTokens.has(hash)) return { type: 'system' }
    const appKey = this.#identity.serviceTokens.byHash(hash)
    const app = appKey === null ? null : this.#apps.get(appKey)
    return app === null ? null : { type: 'app', appKey: app.key, ownerKey: app.owner }
  }
}
