/**
 * The two apps behind every contestant: one that is as fast as can be (nginx where it is installed) for downloads, and
 * one in Node for uploads, WebSockets and JSON-RPC. Both listen on the Unix socket that the environment names, as an
 * app of the host does, and on a TCP port where one is given.
 */
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isInstalled, listening, project } from './system.mjs'

/** @typedef {'static' | 'node'} AppKind */

const KILOBYTE = 'x'.repeat(1000)

const STATIC_NGINX = `
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
const { ATEK_ASSIGNED_SOCKET_FILE: socket, PORT: port, DATA } = process.env
const data = DATA ?? process.env.ATEK_APP_DATA_DIR
writeFileSync(join(data, '1m'), Buffer.alloc(1024 * 1024, 'x'))
writeFileSync(join(data, 'nginx.conf'), \`
\${process.getuid() === 0 ? 'user root;' : ''}
worker_processes 1; daemon off; error_log stderr crit; pid \${join(data, 'nginx.pid')};
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; sendfile on; tcp_nodelay on;
  default_type text/plain;
  client_body_temp_path \${data}; proxy_temp_path \${data}; fastcgi_temp_path \${data};
  uwsgi_temp_path \${data}; scgi_temp_path \${data};
  server {
    listen unix:\${socket};
    \${port ? \`listen 127.0.0.1:\${port};\` : ''}
    location / { return 200 "ok"; }
    location = /1k { return 200 "${KILOBYTE}"; }
    location = /1m { root \${data}; }
  }
}\`)
const child = spawn('nginx', ['-p', data, '-c', join(data, 'nginx.conf')], {
  env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' },
  stdio: 'inherit',
})
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => child.kill('SIGTERM'))
child.on('exit', (code) => process.exit(code ?? 0))
`

const STATIC_NODE = `
import http from 'node:http'
const small = Buffer.alloc(1000, 'x')
const large = Buffer.alloc(1024 * 1024, 'x')
const answer = (req, res) => {
  const body = req.url === '/1m' ? large : small
  res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length })
  res.end(body)
}
const { ATEK_ASSIGNED_SOCKET_FILE: socket, PORT: port } = process.env
http.createServer(answer).listen(socket)
if (port) http.createServer(answer).listen(Number(port), '127.0.0.1')
`

/** @param {string} ws Address of the package. */
const nodeApp = (ws) => `
import http from 'node:http'
const { WebSocketServer } = await import(${JSON.stringify(ws)})
const answer = (req, res) => {
  if (req.url === '/token') return res.end(process.env.ATEK_HOST_BEARER_TOKEN)
  let length = 0
  let text = ''
  req.on('data', (chunk) => {
    length += chunk.length
    if (req.url === '/rpc') text += chunk
  })
  req.on('end', () => {
    const body = req.url === '/rpc'
      ? JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(text).id, result: 'hello' })
      : String(length)
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
    res.end(body)
  })
}
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
const serve = (at) => {
  const server = http.createServer({ keepAliveTimeout: 3_600_000 }, answer)
  server.on('upgrade', (req, socket, head) => sockets.handleUpgrade(req, socket, head, (ws) => {
    ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }))
  }))
  server.listen(at)
}
const { ATEK_ASSIGNED_SOCKET_FILE: socket, PORT: port } = process.env
serve({ path: socket })
if (port) serve({ port: Number(port), host: '127.0.0.1' })
`

/** Writes an app that the host can install from its folder. @param {string} folder @param {AppKind} kind */
export async function writeApp(folder, kind) {
  await mkdir(folder, { recursive: true })
  const ws = pathToFileURL(join(project, 'node_modules', 'ws', 'wrapper.mjs')).href
  const source = kind === 'node' ? nodeApp(ws) : isInstalled('nginx') ? STATIC_NGINX : STATIC_NODE
  await writeFile(join(folder, 'index.js'), source)
  const name = { name: `bench-${kind}`, version: '1.0.0', type: 'module', main: 'index.js' }
  await writeFile(join(folder, 'package.json'), JSON.stringify(name))
  const exports = kind === 'node' ? [{ api: 'bench.example/echo', path: '/rpc' }] : []
  await writeFile(join(folder, 'atek.json'), JSON.stringify({ title: `Bench ${kind}`, exports }))
}

/**
 * The app as a process of its own, for the contestants that start none.
 * @param {string} folder Of writeApp. @param {number} port
 */
export async function startApp(folder, port) {
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true })
  const socket = join(folder, 'app.sock')
  const child = spawn(process.execPath, [join(folder, 'index.js')], {
    env: { ...process.env, ATEK_ASSIGNED_SOCKET_FILE: socket, PORT: String(port), DATA: data },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await listening(port)
  return { socket, port, pid: child.pid ?? 0, stop: () => void child.kill('SIGTERM') }
}
