/** Our host as it is built, headless: `node out/runtime/cli.js run`. */
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addAdministrator, ask, installed, signIn, TOKEN } from '../host-client.mjs'
import { isApp, processTree, project } from '../system.mjs'

/** @typedef {import('./types.ts').Contestant} Contestant */
/** @typedef {import('./types.ts').Running} Running */
/** @typedef {import('./types.ts').Setting} Setting */

const CLI = join(project, 'out', 'runtime', 'cli.js')

/**
 * Starts a host on a config folder. Node's own options (a profiler's) may be given in ATEK_BENCH_NODE.
 * @param {string} configFolder @returns {Promise<{ child: import('node:child_process').ChildProcess, port: number }>}
 */
export async function runHost(configFolder) {
  const options = (process.env.ATEK_BENCH_NODE ?? '').split(' ').filter((option) => option !== '')
  const child = spawn(process.execPath, [...options, CLI, 'run', '--configDir', configFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise((done, fail) => {
    let text = ''
    child.stdout.on('data', (piece) => {
      text += piece
      const found = /running at http:\/\/atek\.localhost:(\d+)/.exec(text)
      if (found) done(Number(found[1]))
    })
    child.once('exit', (code) => fail(new Error(`The host ended with ${code} before it said its address: ${text}`)))
  })
  return { child, port }
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<void>} */
export function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((done) => {
    child.once('exit', () => done())
    child.kill('SIGTERM')
  })
}

/**
 * What a host that is set up looks like to the workloads.
 * @param {number} port @param {{ static: string[], node: string[] }} cookies
 * @param {() => number[]} pids @param {() => Promise<void>} stop
 * @returns {Promise<Running>}
 */
export async function hostRunning(port, cookies, pids, stop) {
  const cookie = cookies.node[0] ?? ''
  const { body: token } = await ask(port, {
    host: `node.localhost:${port}`,
    path: '/token',
    headers: { Cookie: cookie },
  })
  return {
    target: (app) => ({ port, host: `${app}.localhost:${port}` }),
    cookies: (app) => cookies[app],
    refuses: true,
    rpc: {
      port,
      host: `localhost:${port}`,
      path: '/_atek/gateway?api=bench.example%2Fecho',
      headers: { Authorization: `Bearer ${token}` },
      cookie: '',
    },
    pids,
    stop,
  }
}

/**
 * @param {string} name @param {Record<string, unknown>} [config] More of config.json.
 * @param {(configFolder: string) => Promise<string[]>} [grow] Fills the stopped host's database; may return cookies of "static" to use.
 * @returns {Contestant}
 */
export function headless(name, config = {}, grow = async () => []) {
  return {
    name,
    missing: () => null,
    async start({ folder, appFolders }) {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'config.json'), JSON.stringify({ port: 0, systemAuthTokens: [TOKEN], ...config }))
      const first = await runHost(folder)
      await addAdministrator(first.port, 'alice')
      await installed(first.port, appFolders.static, 'static')
      await installed(first.port, appFolders.node, 'node')
      await ended(first.child)
      const more = await grow(folder)
      const { child, port } = await runHost(folder)
      const [own = '', node = ''] = await signIn(port, 'alice', ['static', 'node'])
      const cookies = { static: more.length > 0 ? more : [own], node: [node] }
      return hostRunning(
        port,
        cookies,
        () => processTree(child.pid ?? 0, isApp),
        () => ended(child),
      )
    },
  }
}
