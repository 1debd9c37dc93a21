import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Keeps cookies for scripts. The npm clients' `fetch` has no cookie jar, so a script points them here with
 * `$setEndpoint`: what goes through gets the cookies that came back before, and nothing else is changed.
 */
export class CookieKeeper {
  readonly cookies = new Map<string, string>()
  readonly #server: Server

  private constructor(hostPort: number) {
    this.#server = createServer((incoming, outgoing) => {
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { ...incoming.headers, host: `localhost:${hostPort}`, ...(cookie !== '' && { cookie }) }
      const { method, url: path } = incoming
      const onward = request({ host: '127.0.0.1', port: hostPort, method, path, headers, agent: false }, (answer) => {
        for (const line of answer.headers['set-cookie'] ?? []) this.#keep(line)
        outgoing.writeHead(answer.statusCode ?? 0, answer.headers)
        answer.pipe(outgoing)
      })
      onward.on('error', () => outgoing.destroy())
      incoming.pipe(onward)
    })
  }

  static async start(hostPort: number): Promise<CookieKeeper> {
    const keeper = new CookieKeeper(hostPort)
    await new Promise<void>((done) => keeper.#server.listen(0, '127.0.0.1', done))
    return keeper
  }

  get endpoint() {
    return { proto: 'http', hostname: '127.0.0.1', port: (this.#server.address() as AddressInfo).port }
  }

  /** As a Cookie header. */
  get header(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '') this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}
