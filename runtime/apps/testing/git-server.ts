import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ENV = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
}

/** A real git server on loopback: git's own http-backend behind node:http. */
export class GitServer {
  readonly #root = mkdtempSync(join(tmpdir(), 'atek-git-'))
  readonly #server: Server
  /** Answers instead of git when it is set. */
  instead: ((request: IncomingMessage, response: ServerResponse) => void) | null = null

  private constructor() {
    this.#server = createServer((request, response) => {
      if (this.instead !== null) this.instead(request, response)
      else this.#backend(request, response)
    })
  }

  static async start(): Promise<GitServer> {
    const server = new GitServer()
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  url(name: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${name}`
  }

  git(name: string, ...args: string[]): string {
    return execFileSync('git', args, { cwd: join(this.#root, name), env: ENV, encoding: 'utf8', stdio: 'pipe' }).trim()
  }

  /** Makes or extends a repository with one commit of these files, and tags it. Returns its address. */
  commit(name: string, files: Record<string, string>, ...tags: string[]): string {
    const folder = join(this.#root, name)
    mkdirSync(folder, { recursive: true })
    try {
      this.git(name, 'rev-parse', '--git-dir')
    } catch {
      this.git(name, 'init', '-q', '-b', 'main')
    }
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    this.git(name, 'add', '-A')
    this.git(name, 'commit', '-q', '--allow-empty', '-m', 'a change')
    for (const tag of tags) this.git(name, 'tag', '-a', tag, '-m', tag)
    return this.url(name)
  }

  folder(name: string): string {
    return join(this.#root, name)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    rmSync(this.#root, { recursive: true, force: true })
  }

  #backend(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://x')
    const [, name = '', ...rest] = url.pathname.split('/')
    const child = spawn('git', ['http-backend'], {
      env: {
        ...ENV,
        GIT_PROJECT_ROOT: this.#root,
        GIT_HTTP_EXPORT_ALL: '1',
        // The test's own files; whoever runs the test may be another user.
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        PATH_INFO: `/${name}/.git/${rest.join('/')}`,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        REMOTE_ADDR: '127.0.0.1',
      },
    })
    request.pipe(child.stdin)
    child.stdin.on('error', () => {})
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('close', () => {
      const output = Buffer.concat(chunks)
      const end = output.indexOf('\r\n\r\n')
      for (const line of output.toString('latin1', 0, Math.max(end, 0)).split('\r\n')) {
        const [header = '', value = ''] = line.split(': ')
        if (header === 'Status') response.statusCode = Number.parseInt(value, 10)
        else if (header !== '') response.setHeader(header, value)
      }
      response.end(output.subarray(end + 4))
    })
  }
}
