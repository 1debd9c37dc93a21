import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { open } from './raw-http.ts'

/** The ports that stand in the documented configurations, and those that are meant in a test. */
export interface ProxyPorts {
  host: number
  app: number
  proxy: number
}

export type ProxyKind = 'nginx' | 'caddy'

/** The configuration as resources/docs/forward-auth.md has it, with other ports. */
async function documented(kind: ProxyKind, ports: ProxyPorts): Promise<string> {
  const text = await readFile(resolve(import.meta.dirname, '../../resources/docs/forward-auth.md'), 'utf8')
  const language = kind === 'nginx' ? 'nginx' : 'caddyfile'
  const block = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\n\`\`\``).exec(text)?.[1]
  if (block === undefined) throw new Error(`The document has no configuration for ${kind}.`)
  const numbers = new Map([
    [':8420', `:${ports.host}`],
    [':3000', `:${ports.app}`],
    [':9000', `:${ports.proxy}`],
  ])
  return block.replace(/:(?:8420|3000|9000)\b/g, (port) => numbers.get(port) ?? port)
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port.')
  return address.port
}

/** A real proxy of this system with the documented configuration, without rights and on loopback only. */
export async function startProxy(kind: ProxyKind, ports: ProxyPorts): Promise<{ close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), `atek-${kind}-`))
  await mkdir(join(folder, 'temp'))
  // Under another account, where the tests run as root, the folders have to be that one's to write.
  await chmod(folder, 0o777)
  await chmod(join(folder, 'temp'), 0o777)
  const config = await documented(kind, ports)
  const root = process.getuid?.() === 0
  const file = join(folder, 'config')
  await writeFile(file, kind === 'nginx' ? aroundNginx(config, folder) : aroundCaddy(config))
  const [command, args] =
    kind === 'nginx'
      ? ['/usr/sbin/nginx', ['-p', folder, '-c', file, '-e', 'stderr']]
      : ['caddy', ['run', '--config', file, '--adapter', 'caddyfile']]
  const env = { PATH: process.env.PATH ?? '', HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const child = spawn(command, args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(root && { uid: NOBODY, gid: NOBODY }),
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done())
    child.once('error', (error) => {
      said += error.message
      done()
    })
  })
  const close = async () => {
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await listening(ports.proxy, child, ended)
  } catch (error) {
    await close()
    throw new Error(`${kind} did not start: ${said}`, { cause: error })
  }
  return { close }
}

const NOBODY = 65_534

async function listening(port: number, child: ChildProcess, ended: Promise<void>): Promise<void> {
  let over = false
  void ended.then(() => {
    over = true
  })
  for (;;) {
    const socket = await open(port).catch(() => null)
    if (socket !== null) {
      socket.destroy()
      return
    }
    if (over || child.exitCode !== null) throw new Error('It has ended.')
    await new Promise((done) => setTimeout(done, 20))
  }
}

function aroundNginx(config: string, folder: string): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/temp/${name};`,
  )
  return `daemon off;\nmaster_process off;\npid ${folder}/nginx.pid;\nevents {}\nhttp {\naccess_log off;\n${temp.join('\n')}\n${config}\n}\n`
}

function aroundCaddy(config: string): string {
  return `{\n\tadmin off\n\tauto_https off\n}\n${config}\n`
}
