import { appTitle } from '../apps/app-title.ts'
import type { ErrorCode } from '../contract/errors.ts'
import type { PageApp, PageModel } from '../contract/pages.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { type Addresses, APPS_PATH } from './addresses.ts'

export type MessagePage = Extract<PageModel, { page: 'message' }>

/** Why a request does not go to an app: in general words for the caller, in exact ones for the record (C21). */
export interface Refusal {
  code: ErrorCode
  status: number
  /** Exact, without secrets; for the record only. */
  reason: string
  /** A sentence for the caller. */
  message: string
  /** What a page load is shown; null where none can come here, or none is needed. */
  page: MessagePage | null
  /** Raw: name, value, name, value … */
  headers?: string[]
}

export function pageApp(app: AppRecord, icon: string | null): PageApp {
  return { id: app.id, key: app.key, title: appTitle(app), icon }
}

/** Empty: the address that the page stands at, whichever it is (RFC 3986, 4.4). */
const SAME_PAGE = { label: 'Try again', href: '' }

/** The pages that stand in for an app. */
export class RefusalPages {
  readonly #addresses: Addresses
  readonly #icon: (appKey: string) => string | null
  #tooMany: MessagePage | null = null
  #busy: MessagePage | null = null

  constructor(deps: { addresses: Addresses; icon(appKey: string): string | null }) {
    this.#addresses = deps.addresses
    this.#icon = deps.icon
  }

  notInstalled(label: string): MessagePage {
    return this.#page('not-found', null, {
      title: 'There is no app here',
      text: `No app with the ID “${label}” is installed.`,
    })
  }

  denied(app: AppRecord, username: string): MessagePage {
    return this.#page('denied', app, {
      title: `${appTitle(app)} is not yours to open`,
      text: `You are signed in as ${username}. This app belongs to somebody else.`,
    })
  }

  /**
   * A person stopped it, or it never starts by itself. The button is on the host's own page: a form here would come
   * from the app's origin, and whatever the app has left in a browser could press it.
   */
  stopped(app: AppRecord, path: string, mayStart: boolean): MessagePage {
    const text = mayStart ? 'Start it to go on.' : 'Its owner or an administrator can start it in Atek.'
    const page = this.#page('stopped', app, { title: `${appTitle(app)} is stopped`, text })
    if (!mayStart) return page
    const href = `${this.#addresses.host}/_atek/apps/${app.id}/start?path=${encodeURIComponent(path)}`
    page.actions.unshift({ label: 'Start…', href })
    return page
  }

  startFailed(app: AppRecord, message: string, lastLines: string[]): MessagePage {
    const page = this.#page('crashed', app, { title: `${appTitle(app)} could not start`, text: message })
    page.details = lastLines
    page.actions.unshift({ label: 'Try again', href: this.#addresses.app(app.id) })
    return page
  }

  unavailable(app: AppRecord, message: string, path: string): MessagePage {
    const page = this.#page('unavailable', app, { title: `${appTitle(app)} did not answer`, text: message })
    page.actions.unshift({ label: 'Try again', href: `${this.#addresses.app(app.id)}${path}` })
    return page
  }

  usedLink(app: AppRecord, path: string): MessagePage {
    const page = this.#page('bad-request', app, {
      title: 'This link cannot be used again',
      text: 'It was made for one browser and one use. Open the app to go on.',
    })
    page.actions.unshift({ label: `Open ${appTitle(app)}`, href: `${this.#addresses.app(app.id)}${path}` })
    return page
  }

  twoSessions(app: AppRecord | null): MessagePage {
    return this.#page('bad-request', app, {
      title: 'Your browser sent two sessions',
      text: 'Another site may have set one of them, so neither was used. The cookies of this address are being cleared; load the page again.',
    })
  }

  /** All connections to the app are taken; `own`: by this person alone. */
  noPlace(app: AppRecord, message: string, own: boolean): MessagePage {
    const title = own ? 'Too many connections' : `${appTitle(app)} is busy`
    const page = this.#page(own ? 'rate-limited' : 'unavailable', app, { title, text: message })
    page.actions.unshift(SAME_PAGE)
    return page
  }

  /** The same one each time, so that it need not be rendered for each request of a flood. */
  tooMany(): MessagePage {
    if (this.#tooMany === null) {
      this.#tooMany = this.#page('rate-limited', null, {
        title: 'Too many requests',
        text: 'Wait a few seconds, then try again.',
      })
      this.#tooMany.actions.unshift(SAME_PAGE)
    }
    return this.#tooMany
  }

  /** The host has no connection to spare. The same one each time, as `tooMany`. */
  busy(): MessagePage {
    if (this.#busy === null) {
      this.#busy = this.#page('unavailable', null, {
        title: 'Atek is busy',
        text: 'All its connections are in use. Wait a few seconds, then try again.',
      })
      this.#busy.actions.unshift(SAME_PAGE)
    }
    return this.#busy
  }

  #page(kind: MessagePage['kind'], app: AppRecord | null, words: { title: string; text: string }): MessagePage {
    return {
      page: 'message',
      kind,
      ...words,
      app: app === null ? null : pageApp(app, this.#icon(app.key)),
      details: [],
      actions: [{ label: 'Your apps', href: this.#addresses.host + APPS_PATH }],
    }
  }
}
