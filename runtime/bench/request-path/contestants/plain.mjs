/** Contestants that are the app itself, or a program with a configuration file and a port for each app. */
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, isInstalled, listening, processTree } from '../system.mjs'

/** @typedef {import('./types.ts').Contestant} Contestant */
/** @typedef {import('./types.ts').Running} Running */
/** @typedef {import('./types.ts').Setting} Setting */

const COOKIE = `atek_app=${'c'.repeat(43)}`

/**
 * @param {{ static: number, node: number }} ports @param {boolean} refuses
 * @param {() => number[]} pids @param {() => Promise<void>} stop
 * @returns {Running}
 */
function running(ports, refuses, pids, stop) {
  return {
    target: (app) => ({ port: ports[app], host: `127.0.0.1:${ports[app]}` }),
    cookies: () => [COOKIE],
    refuses,
    rpc: { port: ports.node, host: `127.0.0.1:${ports.node}`, path: '/rpc', headers: {}, cookie: COOKIE },
    pids,
    stop,
  }
}

/** @type {Contestant} */
export const appAlone = {
  name: 'the app alone',
  missing: () => null,
  start: async ({ apps }) =>
    running(
      { static: apps.static.port, node: apps.node.port },
      false,
      () => [],
      async () => {},
    ),
}

/**
 * @param {string} name @param {string} program
 * @param {(folder: string, apps: Setting['apps'], ports: { static: number, node: number }, extra: number) => { file: string, text: string, args: string[] }} configure
 * @param {{ refuses?: boolean, helper?: string }} [options] `helper`: a Node program that listens on the extra port.
 * @returns {Contestant}
 */
function configured(name, program, configure, { refuses = false, helper } = {}) {
  return {
    name,
    missing: () => (isInstalled(program) ? null : program),
    async start({ folder, apps }) {
      await mkdir(folder, { recursive: true })
      const ports = { static: await freePort(), node: await freePort() }
      const extra = await freePort()
      const { file, text, args } = configure(folder, apps, ports, extra)
      await writeFile(join(folder, file), text)
      const env = { ...process.env, HOME: folder, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
      const children = [spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })]
      if (helper !== undefined) {
        const script = join(folder, 'helper.mjs')
        await writeFile(script, helper)
        children.push(spawn(process.execPath, [script, String(extra)], { stdio: ['ignore', 'ignore', 'inherit'] }))
        await listening(extra)
      }
      await listening(ports.static)
      return running(
        ports,
        refuses,
        () => children.flatMap((child) => processTree(child.pid ?? 0)),
        async () => {
          for (const child of children) child.kill('SIGTERM')
        },
      )
    },
  }
}

const AUTH_SERVICE = `
import http from 'node:http'
http.createServer({ keepAliveTimeout: 3_600_000 }, (req, res) => {
  res.writeHead(req.headers.cookie === '${COOKIE}' ? 200 : 401, { 'Content-Length': 0, 'X-User': 'alice' })
  res.end()
}).listen(Number(process.argv[2]), '127.0.0.1')
`

/** @param {string} folder @param {string} servers */
const nginxConfig = (folder, servers) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1; daemon off; error_log stderr crit; pid ${join(folder, 'nginx.pid')};
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; tcp_nodelay on; client_max_body_size 100m;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
${servers}
}`

/** @param {string} inside @param {string} auth @param {'static' | 'node'} app @param {Setting['apps']} apps @param {number} port */
const nginxServer = (inside, auth, app, apps, port) => `
  upstream ${app} { server unix:${apps[app].socket}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      ${inside}
      proxy_pass http://${app}; proxy_http_version 1.1; proxy_request_buffering off;
      proxy_set_header Connection $connection_upgrade; proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Host $http_host;
    }
    location = /auth {
      internal; proxy_pass http://${auth}; proxy_http_version 1.1; proxy_pass_request_body off;
      proxy_set_header Connection ""; proxy_set_header Content-Length "";
    }
  }`

/** @param {string} name @param {string} inside @param {{ refuses?: boolean, helper?: string, kept?: boolean }} [options] */
const nginx = (name, inside, { kept = false, ...options } = {}) =>
  configured(
    name,
    'nginx',
    (folder, apps, ports, extra) => ({
      file: 'nginx.conf',
      text: nginxConfig(
        folder,
        `  upstream auth { server 127.0.0.1:${extra}; keepalive 256; keepalive_requests 1000000000; }
${nginxServer(inside, kept ? 'auth' : `127.0.0.1:${extra}`, 'static', apps, ports.static)}
${nginxServer(inside, kept ? 'auth' : `127.0.0.1:${extra}`, 'node', apps, ports.node)}`,
      ),
      args: ['-p', folder, '-c', join(folder, 'nginx.conf')],
    }),
    options,
  )

export const nginxAlone = nginx('nginx proxy_pass', '')

const ASK = 'auth_request /auth; auth_request_set $user $upstream_http_x_user; proxy_set_header Remote-User $user;'

/** As nginx's own documentation has it: each question is a new connection to the service. */
export const nginxAuth = nginx('nginx auth_request', ASK, { refuses: true, helper: AUTH_SERVICE })

/** Tuned: with an upstream block that keeps connections to the service. */
export const nginxAuthKept = nginx('nginx auth_request, kept alive', ASK, {
  refuses: true,
  helper: AUTH_SERVICE,
  kept: true,
})

export const caddy = configured('Caddy reverse_proxy', 'caddy', (folder, apps, ports) => ({
  file: 'Caddyfile',
  text: `{
  admin off
  auto_https off
  log default {
    level ERROR
  }
}
${['static', 'node']
  .map((app) => {
    const kind = /** @type {'static' | 'node'} */ (app)
    return `http://127.0.0.1:${ports[kind]} {
  bind 127.0.0.1
  reverse_proxy unix/${apps[kind].socket} {
    transport http {
      keepalive_idle_conns_per_host 256
    }
  }
}`
  })
  .join('\n')}
`,
  args: ['run', '--config', join(folder, 'Caddyfile')],
}))
