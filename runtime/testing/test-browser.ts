import { type RawAnswer, rawRequest } from './raw-http.ts'

/** As much of a browser as signing in needs: a cookie jar per host name, redirects, Origin, page loads. */
export class TestBrowser {
  readonly #port: number
  readonly #elsewhere: Record<string, number>
  readonly #jar = new Map<string, Map<string, string>>()

  /** @param elsewhere ends of addresses (`:9000`) that are not the host's, and the port that answers there */
  constructor(port: number, elsewhere: Record<string, number> = {}) {
    this.#port = port
    this.#elsewhere = elsewhere
  }

  /** Cookies of a host name, to look at and to tamper with. */
  cookies(host: string): Map<string, string> {
    let cookies = this.#jar.get(host)
    if (cookies === undefined) {
      cookies = new Map()
      this.#jar.set(host, cookies)
    }
    return cookies
  }

  cookieHeader(host: string): string {
    return [...this.cookies(host)].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** A page load, not following redirects. */
  get(url: string, headers: string[] = []): Promise<RawAnswer> {
    return this.send('GET', url, ['Accept: text/html,*/*;q=0.8', ...headers])
  }

  /** A page load, following redirects; `urls` lists every address on the way. */
  async follow(url: string, headers: string[] = []): Promise<{ answer: RawAnswer; urls: string[] }> {
    const urls = [url]
    let answer = await this.get(url, headers)
    while (answer.status >= 300 && answer.status < 400) {
      if (urls.length > 20) throw new Error(`Too many redirects: ${urls.join(' ')}`)
      const next = new URL(answer.header('location') ?? '', urls.at(-1)).href
      urls.push(next)
      answer = await this.get(next)
    }
    return { answer, urls }
  }

  /** A form of the page's own origin, not following redirects. */
  post(url: string, fields: Record<string, string>, headers: string[] = []): Promise<RawAnswer> {
    const body = new URLSearchParams(fields).toString()
    return this.send(
      'POST',
      url,
      [
        'Accept: text/html,*/*;q=0.8',
        'Content-Type: application/x-www-form-urlencoded',
        ...(headers.some((line) => line.startsWith('Origin:')) ? [] : [`Origin: ${new URL(url).origin}`]),
        ...headers,
      ],
      body,
    )
  }

  /** Any request with this browser's cookies. */
  async send(method: string, url: string, headers: string[] = [], body = ''): Promise<RawAnswer> {
    const { host, hostname, pathname, search } = new URL(url)
    const cookie = this.cookieHeader(hostname)
    const port = Object.entries(this.#elsewhere).find(([end]) => host.endsWith(end))?.[1] ?? this.#port
    const answer = await rawRequest(
      port,
      [
        `${method} ${pathname}${search} HTTP/1.1`,
        `Host: ${host}`,
        ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
        ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
        ...headers,
      ],
      body,
    )
    for (const line of answer.all('set-cookie')) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') this.cookies(hostname).delete(name)
      else this.cookies(hostname).set(name, value)
    }
    return answer
  }

  /** Signs in on the host's page. */
  signIn(address: string, username: string, password: string): Promise<RawAnswer> {
    return this.post(`${address}/_atek/login`, { username, password, redirect: '/' })
  }
}
