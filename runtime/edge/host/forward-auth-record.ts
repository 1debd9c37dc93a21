import type { AuthHeaderLine, User } from '../../contract/models.ts'
import type { Clock } from '../../core/clock.ts'
import type { AppRecord } from '../../storage/apps-table.ts'
import { ToldLines } from '../../traffic/header-account.ts'
import type { Recorder } from '../../traffic/recorder.ts'
import { HOST_LABEL } from '../addresses.ts'
import type { AskedRequest, NotAllowed } from './forward-auth-caller.ts'

/** For how long an answer like one that was recorded is not recorded again. */
const QUIET = 60_000
const MOST_KNOWN = 1000

export interface Answered {
  rawHeaders: readonly string[]
  app: AppRecord | null
  user: User | null
  asked: AskedRequest
  /** null when the person was let in. */
  refused: NotAllowed | null
  lines: AuthHeaderLine[]
}

/**
 * The record of what another proxy was told (C24). It asks with every picture of a page, and the decision is the same
 * each time: that is recorded once a minute for each person, app and answer, and every time that the answer is another.
 */
export class ForwardAuthRecord {
  readonly #recorder: Recorder
  readonly #clock: Clock
  readonly #known = new Map<string, number>()

  constructor(deps: { recorder: Recorder; clock: Clock }) {
    this.#recorder = deps.recorder
    this.#clock = deps.clock
  }

  add({ rawHeaders, app, user, asked, refused, lines }: Answered): void {
    const key = `${app?.key ?? ''} ${user?.key ?? ''} ${asked.origin ?? ''} ${refused?.code ?? ''} ${refused?.reason ?? ''}`
    const now = this.#clock.monotonic()
    const before = this.#known.get(key)
    if (before !== undefined && now - before < QUIET) return
    this.#known.delete(key)
    this.#known.set(key, now)
    const oldest = this.#known.keys().next().value
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest)

    const exchange = this.#recorder.begin({
      kind: 'http',
      appKey: app?.key ?? null,
      appId: app?.id ?? HOST_LABEL,
      method: asked.method ?? 'GET',
      path: asked.uri ?? '/',
      requestHeaders: [...rawHeaders],
    })
    if (user !== null)
      exchange.caller({ userKey: user.key, username: user.username, serviceKey: null, serviceId: null })
    exchange.requestHeaders(new ToldLines([...lines]))
    const where = asked.origin === null ? 'Another proxy' : `The proxy at ${asked.origin}`
    if (refused === null) {
      exchange.note(`${where} asked who this is, and was told. Equal answers within a minute are not recorded.`)
      exchange.head(200, [])
    } else {
      exchange.refuse(refused.code, `${where} asked who this is. ${refused.reason}`, refused.status)
      exchange.head(refused.status, [])
    }
    exchange.end()
  }
}
