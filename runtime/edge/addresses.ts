/** The host's own label: its pages live at `http://atek.<domain>:<port>`. */
export const HOST_LABEL = 'atek'

/** The list of a person's apps; the root is another page for people who have a main app. */
export const APPS_PATH = '/_atek/apps'

/** Where the host and its apps are reached. The port is known once the listener listens. */
export class Addresses {
  readonly domain: string
  port = 0

  constructor(domain: string) {
    this.domain = domain.toLowerCase()
  }

  /** `http://atek.<domain>:<port>`, the origin of the host's own pages. */
  get host(): string {
    return `http://${HOST_LABEL}.${this.domain}:${this.port}`
  }

  /** The origin of an app. */
  app(id: string): string {
    return `http://${id}.${this.domain}:${this.port}`
  }

  /** Where a browser without an app session is sent (PROTOCOL, "Requests from a browser to an app"). */
  /** @param at the address at which another proxy serves the app; its own one unless told (C24) */
  bindSession(id: string, path: string, nonceHash: string, at: string | null = null): string {
    const external = at === null ? '' : `&at=${encodeURIComponent(at)}`
    return `${this.host}/_atek/bind-session?service=${id}&path=${encodeURIComponent(path)}&nonce=${nonceHash}${external}`
  }

  /** Signs the person's browser in and leads to the app (C15). */
  open(ticket: string, id: string, path: string): string {
    return `${this.host}/_atek/open?ticket=${ticket}&service=${id}&path=${encodeURIComponent(path)}`
  }
}
