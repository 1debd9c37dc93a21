/** The proxies that a Node program would take, each as a process of its own with kept-alive connections. */
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { freePort, listening, processTree, project } from '../system.mjs'

/** @typedef {import('./types.ts').Contestant} Contestant */

const require = createRequire(join(project, 'package.json'))

/** @param {string} path */
const program = (path) => `
const http = require('node:http')
const { createProxyServer } = require(${JSON.stringify(path)})
for (const [socketPath, port] of JSON.parse(process.argv[2])) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 256 })
  const proxy = createProxyServer({ target: { socketPath, host: 'localhost', port: 80, protocol: 'http:' }, agent, ws: true })
  proxy.on('error', (_error, _req, res) => res.destroy?.())
  const server = http.createServer({ keepAliveTimeout: 3_600_000 }, (req, res) => proxy.web(req, res))
  server.on('upgrade', (req, socket, head) => proxy.ws(req, socket, head))
  server.listen(port, '127.0.0.1')
}
`

/** @param {string} name @returns {Contestant} */
const nodeProxy = (name) => ({
  name,
  missing() {
    try {
      require.resolve(name)
      return null
    } catch {
      return name
    }
  },
  async start({ folder, apps }) {
    await mkdir(folder, { recursive: true })
    const ports = { static: await freePort(), node: await freePort() }
    const script = join(folder, 'proxy.cjs')
    await writeFile(script, program(require.resolve(name)))
    const routes = [
      [apps.static.socket, ports.static],
      [apps.node.socket, ports.node],
    ]
    const child = spawn(process.execPath, ['--no-deprecation', script, JSON.stringify(routes)], {
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await listening(ports.static)
    return {
      target: (app) => ({ port: ports[app], host: `127.0.0.1:${ports[app]}` }),
      cookies: () => [`atek_app=${'c'.repeat(43)}`],
      refuses: false,
      rpc: { port: ports.node, host: `127.0.0.1:${ports.node}`, path: '/rpc', headers: {}, cookie: '' },
      pids: () => processTree(child.pid ?? 0),
      async stop() {
        child.kill('SIGKILL')
      },
    }
  },
})

export const httpProxy = nodeProxy('http-proxy')
export const httpProxy3 = nodeProxy('http-proxy-3')
