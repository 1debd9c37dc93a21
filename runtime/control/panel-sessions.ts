import type { Me, User } from '../contract/models.ts'
import type { Identity } from '../identity/identity.ts'
import type { Actor } from './actor.ts'

/** A panel's session: who it is, and the token that the panel keeps in the keychain for its next start. */
export interface PanelSession {
  me: Me
  token: string
}

/**
 * Sign-in for the control panel. It has no cookie: the shell holds the session's token in the main process and asks at
 * every call whether the session still stands, so that a sign-out elsewhere ends the panel's at once (C09).
 */
export class PanelSessions {
  #identity: Identity
  #client: string

  constructor(identity: Identity, client: string) {
    this.#identity = identity
    this.#client = client
  }

  needsFirstUser(): boolean {
    return this.#identity.needsFirstUser()
  }

  /** C02: the first account. SETUP_DONE when there is one. */
  async createFirstUser(input: { username: string; password: string }): Promise<PanelSession> {
    const user = await this.#identity.createFirstUser(input)
    const { session, token } = this.#identity.sessions.issue(user.key, 'panel', this.#client)
    return panelSession(user, session.id, token)
  }

  async signIn(input: { username: string; password: string }): Promise<PanelSession> {
    const { user, session, token } = await this.#identity.signIn({
      ...input,
      address: 'panel',
      client: this.#client,
      kind: 'panel',
    })
    return panelSession(user, session.id, token)
  }

  /** Goes on with a remembered token; the token is replaced by a new one. null when it has ended. */
  resume(token: string): PanelSession | null {
    const rotated = this.#identity.sessions.rotate(token)
    if (rotated === null) return null
    const user = this.#identity.users.get(rotated.session.userKey)
    return user === null ? null : panelSession(user, rotated.session.id, rotated.token)
  }

  actor(token: string): Actor | null {
    const found = this.#identity.sessions.verify(token)
    return found === null ? null : { kind: 'user', user: found.user, sessionId: found.session.id }
  }

  signOut(token: string): void {
    const found = this.#identity.sessions.verify(token)
    if (found !== null) this.#identity.sessions.end(found.user.key, found.session.id)
  }
}

function panelSession(user: User, sessionId: string, token: string): PanelSession {
  return { me: { user, sessionId }, token }
}
