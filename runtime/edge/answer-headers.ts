import type { AuthHeaderLine } from '../contract/models.ts'
import type { HeaderAccount } from '../traffic/header-account.ts'
import { hostOnlyCookie, isHostCookie, setCookieName } from './cookies.ts'
import { nameFacts } from './header-names.ts'
import { connectionNamed } from './hop-by-hop.ts'

/** Changes headers (name, value, name, value …) value by value, for an app that lives elsewhere (C23). */
export type AnswerRewrite = (headers: string[]) => string[]

/**
 * The headers of an app's answer on their way to the client: without those of the one hop, without Set-Cookie lines that
 * would overwrite the host's cookies on the app's name or set cookies on other names, and without Alt-Svc.
 */
export class AnswerHeaders implements HeaderAccount {
  readonly #rewrite: AnswerRewrite | null
  readonly #websocket: boolean

  constructor(options: { websocket: boolean; rewrite: AnswerRewrite | null }) {
    this.#rewrite = options.rewrite
    this.#websocket = options.websocket
  }

  /** What the client gets. @param raw as the app sent them: name, value, name, value … */
  forward(raw: readonly string[]): string[] {
    const named = connectionNamed(raw)
    const headers: string[] = []
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i] ?? ''
      const value = forwarded(name, raw[i + 1] ?? '', named)
      if (value !== null) headers.push(name, value)
    }
    const rewritten = this.#rewrite === null ? headers : this.#rewrite(headers)
    if (this.#websocket) rewritten.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
    return rewritten
  }

  lines(raw: readonly string[]): AuthHeaderLine[] {
    const named = connectionNamed(raw)
    const lines: AuthHeaderLine[] = []
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i] ?? ''
      const sent = raw[i + 1] ?? ''
      const value = forwarded(name, sent, named)
      const received = value === null || this.#rewrite === null ? value : (this.#rewrite([name, value])[1] ?? null)
      const action = received === null ? 'stripped' : received === sent ? 'kept' : 'replaced'
      lines.push({ name, sent, received, action, reason: reasonOf(name, value, sent, received), label: null })
    }
    return lines
  }
}

/** Of nearly every answer: an app of this host's, and no WebSocket. */
export const PLAIN_ANSWER = new AnswerHeaders({ websocket: false, rewrite: null })

/** The value that the client gets; null when it gets none. */
function forwarded(name: string, value: string, named: ReadonlySet<string> | null): string | null {
  const { answer, lower } = nameFacts(name)
  switch (answer) {
    case 'hop':
      return null
    case 'set-cookie':
      return named?.has(lower) || isHostCookie(setCookieName(value)) ? null : hostOnlyCookie(value)
    case 'alt-svc':
      // Where else this name is served is the host's to say: the app's words would lead browsers past it (C21).
      return null
    default:
      return named?.has(lower) ? null : value
  }
}

function reasonOf(name: string, value: string | null, sent: string, received: string | null): string {
  const { answer } = nameFacts(name)
  if (received === sent) return 'It is for the client.'
  if (value !== null && received !== value) return 'An address of the app’s own, as it is called here.'
  if (answer === 'set-cookie') {
    return received === null
      ? 'The host’s cookies are set by the host only.'
      : 'A cookie is for the app’s own name, and for no other.'
  }
  if (answer === 'alt-svc') return 'Where else this name is served is the host’s to say.'
  return answer === 'hop'
    ? 'It concerns the connection between app and host only.'
    : 'The app’s Connection header says that it is for the host only.'
}
