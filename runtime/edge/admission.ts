import { mayManage, mayOpen } from '../apps/app-rights.ts'
import type { Apps } from '../apps/apps.ts'
import { errorWords } from '../apps/client/client-errors.ts'
import { AppError, ERRORS, toErrorData } from '../contract/errors.ts'
import type { User } from '../contract/models.ts'
import type { Logger } from '../core/logger.ts'
import type { Identity } from '../identity/identity.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { APP_COOKIE, cookieValues } from './cookies.ts'
import type { Rates } from './rates.ts'
import { headerSafePath } from './redirect.ts'
import type { Refusal, RefusalPages } from './refusal.ts'
import type { NoPlace } from './socket-budget.ts'

/** Who a request to an app is from, as its app session cookie tells; `ambiguous` when there are two of them. */
export type AppCaller = { user: User; sessionId: string } | null | 'ambiguous'

/** Seconds after which somebody may have left. */
const RETRY_AFTER = 10

export interface Admitted {
  app: AppRecord
  user: User
  sessionId: string
  /** The target without a bind token. */
  path: string
}

/** The steps between an app's address and the app: session, access, running. Each one refuses with its reason (C21). */
export class Admission {
  readonly #identity: Identity
  readonly #apps: Apps
  readonly #pages: RefusalPages
  readonly #rates: Rates
  readonly #logger: Logger

  constructor(deps: { identity: Identity; apps: Apps; pages: RefusalPages; rates: Rates; logger: Logger }) {
    this.#identity = deps.identity
    this.#apps = deps.apps
    this.#pages = deps.pages
    this.#rates = deps.rates
    this.#logger = deps.logger
  }

  caller(rawHeaders: readonly string[], app: AppRecord | null): AppCaller {
    const cookies = app === null ? [] : cookieValues(rawHeaders, APP_COOKIE)
    if (cookies.length > 1) return 'ambiguous'
    const cookie = cookies[0]
    return cookie === undefined || app === null ? null : this.#identity.appSessions.verify(cookie, app.key)
  }

  /** Counts the request, and refuses it when there were too many (C26). */
  overRate(caller: AppCaller, address: string | undefined): Refusal | null {
    const known = caller === null || caller === 'ambiguous' ? null : caller.user.key
    const over = this.#rates.over('app', known, address)
    if (over === null) return null
    const { seconds, reason, message } = over
    const headers = ['Retry-After', String(seconds)]
    return { code: 'RATE_LIMITED', status: 429, reason, message, page: this.#pages.tooMany(), headers }
  }

  admit(label: string, app: AppRecord | null, caller: AppCaller, path: string): Admitted | Refusal {
    if (app === null) {
      const message = 'There is no app at this address.'
      const page = this.#pages.notInstalled(label)
      return { code: 'APP_NOT_INSTALLED', status: 404, reason: `No app has the ID "${label}".`, message, page }
    }
    if (caller === 'ambiguous') {
      // Nothing tells which of the two is ours, and a foreign one would make this person act as somebody else (A24).
      const reason = 'The request carries two different app session cookies.'
      const page = this.#pages.twoSessions(app)
      const headers = ['Clear-Site-Data', '"cookies"']
      return { code: 'BAD_REQUEST', status: 400, reason, message: page.text, page, headers }
    }
    if (caller === null) {
      const message = 'You are not signed in to this app.'
      const reason = 'There is no app session cookie, or it is not valid any more.'
      return { code: 'NOT_SIGNED_IN', status: 401, reason, message, page: null }
    }
    const { user, sessionId } = caller
    if (!mayOpen(user.key, app.owner)) {
      const page = this.#pages.denied(app, user.username)
      const reason = 'The app belongs to another user.'
      return { code: 'FORBIDDEN', status: 403, reason, message: 'You may not open this app.', page }
    }
    return { app, user, sessionId, path }
  }

  /** The app does not run, and could not be started for this request. */
  notRunning({ app, user, path }: Admitted, error: unknown): Refusal {
    if (!(error instanceof AppError)) this.#logger.error('starting an app for a request failed', { error })
    const { code, message } = toErrorData(error)
    const [status, reason] = error instanceof AppError ? [error.status, errorWords(error)] : [500, message]
    // What an app wrote before it died is its owner's to read, and nobody else's (C51).
    const lines = app.owner === user.key ? (this.#apps.state(app.key).crash?.lastLines ?? []) : []
    const page =
      code === 'APP_STOPPED'
        ? this.#pages.stopped(
            app,
            headerSafePath(path),
            mayManage({ key: user.key, admin: user.role === 'admin' }, app.owner),
          )
        : this.#pages.startFailed(app, message, lines)
    return { code, status, reason, message, page }
  }

  /** All connections to the app are taken (A45). */
  noPlace({ app }: Admitted, { code, message, reason }: NoPlace): Refusal {
    const own = code === 'RATE_LIMITED'
    const page = this.#pages.noPlace(app, message, own)
    return { code, status: ERRORS[code].status, reason, message, page, headers: ['Retry-After', String(RETRY_AFTER)] }
  }

  /** The app was asked and gave no answer that could be passed on. */
  failed({ app, path }: Admitted, error: AppError): Refusal {
    const page = this.#pages.unavailable(app, error.message, headerSafePath(path))
    return { code: error.code, status: error.status, reason: errorWords(error), message: error.message, page }
  }
}

export function isRefusal<T extends object>(outcome: T | Refusal): outcome is Refusal {
  return 'code' in outcome
}
