import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Arborist from '@npmcli/arborist'
import pacote from 'pacote'

interface Version {
  packageJson: Record<string, unknown>
  tarball: Buffer
}

/** A small npm registry on loopback, with the packages that a test publishes. */
export class NpmRegistry {
  readonly #root = mkdtempSync(join(tmpdir(), 'atek-npm-'))
  readonly #packages = new Map<string, Version[]>()
  readonly #server: Server
  /** Paths that were asked for. */
  readonly requests: string[] = []
  /** Answers instead, when it is set and returns true. */
  instead: ((request: IncomingMessage, response: ServerResponse) => boolean) | null = null

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  static async start(): Promise<NpmRegistry> {
    const registry = new NpmRegistry()
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve))
    return registry
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async publish(
    name: string,
    version: string,
    files: Record<string, string>,
    more: Record<string, unknown> = {},
  ): Promise<void> {
    const folder = join(this.#root, `${name.replace('/', '-')}-${version}`)
    const packageJson = { name, version, ...more }
    for (const [path, text] of Object.entries({ ...files, 'package.json': JSON.stringify(packageJson) })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const options = { Arborist, ignoreScripts: true, cache: join(this.#root, 'cache') }
    this.publishRaw(packageJson, await pacote.tarball(`file:${folder}`, options))
  }

  /** As it is: what no honest program would pack. */
  publishRaw(packageJson: { name: string; version: string; [key: string]: unknown }, tarball: Buffer): void {
    const { name } = packageJson
    this.#packages.set(name, [...(this.#packages.get(name) ?? []), { packageJson, tarball }])
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    rmSync(this.#root, { recursive: true, force: true })
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(request.url ?? '/').slice(1)
    this.requests.push(path)
    if (this.instead?.(request, response)) return
    const [name = '', file] = path.split('/-/')
    const versions = this.#packages.get(name)
    if (versions === undefined) return void response.writeHead(404).end('{"error":"Not found"}')
    if (file !== undefined) {
      return void response.end(versions.find(({ packageJson }) => `${packageJson.version}.tgz` === file)?.tarball)
    }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        name,
        'dist-tags': { latest: versions.at(-1)?.packageJson.version },
        versions: Object.fromEntries(
          versions.map(({ packageJson, tarball }) => [
            packageJson.version,
            {
              ...packageJson,
              hasInstallScript: 'scripts' in packageJson || undefined,
              dist: {
                tarball: `${this.url}${name}/-/${packageJson.version}.tgz`,
                integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
              },
            },
          ]),
        ),
      }),
    )
  }
}
