/**
 * Starts the packaged app as a person would and looks at it from outside only: its fuses, its window, its port, its end.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { withDesktopSession } from './desktop-session.mjs'
import { SetupError, step } from './report.mjs'
import { tryRun } from './run.mjs'

const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 20_000
const POLL_MS = 100
const KEPT_OUTPUT = 20_000

/** What electron-builder.yml sets, read back from the binary. */
const FUSES = /** @type {const} */ ({
  RunAsNode: true,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
})

/** @param {{ folder: string, executable: string }} app The unpacked app. */
export async function smokeTest(app) {
  await step('Reading the fuses of the package', () => checkFuses(app.executable))
  if (process.platform !== 'linux') return
  checkFiles(app.folder)
  await step('Starting the package, looking at its window and port, ending it', () =>
    withDesktopSession((session) => startAndStop(app, session)),
  )
}

/** @param {string} executable */
async function checkFuses(executable) {
  const { getCurrentFuseWire, FuseV1Options } = await import('@electron/fuses')
  const wire = await getCurrentFuseWire(executable)
  const wrong = Object.entries(FUSES).filter(([name, on]) => {
    const state = wire[FuseV1Options[/** @type {keyof typeof FUSES} */ (name)]]
    // The states are the characters '0' and '1'.
    return state !== (on ? 0x31 : 0x30)
  })
  if (wrong.length === 0) return
  throw new SetupError(
    `Fuses of the package are not as they should be: ${wrong.map(([name, on]) => `${name} is not ${on ? 'on' : 'off'}`).join(', ')}.`,
  )
}

/** @param {string} folder */
function checkFiles(folder) {
  const resources = join(folder, 'resources')
  const unpacked = join(resources, 'app.asar.unpacked', 'node_modules')
  const wanted = [
    join(resources, 'app.asar'),
    join(resources, 'examples'),
    join(resources, 'docs'),
    join(resources, 'icons', 'tray.png'),
    join(unpacked, 'keytar', 'build', 'Release', 'keytar.node'),
    join(unpacked, 'better-sqlite3'),
    join(unpacked, 'argon2', 'prebuilds'),
  ]
  const missing = wanted.filter((path) => !existsSync(path))
  if (missing.length > 0) throw new SetupError(`The package lacks ${missing.join(', ')}.`)
  if (existsSync(join(resources, 'default_app.asar'))) throw new SetupError('The package has a default_app.asar.')
}

/**
 * @param {{ folder: string, executable: string }} app
 * @param {import('./desktop-session.mjs').DesktopSession} session
 */
async function startAndStop(app, session) {
  const work = await mkdtemp(join(tmpdir(), 'atek-smoke-'))
  const config = join(work, 'config')
  await mkdir(config, { mode: 0o700 })
  const port = await freePort()
  await writeFile(join(config, 'config.json'), JSON.stringify({ port }))
  const args = [`--user-data-dir=${join(work, 'user')}`]
  // Chromium cannot have its sandbox as root, as which CI often runs.
  if (process.getuid?.() === 0) args.unshift('--no-sandbox')
  const [command, all] = session.inside(app.executable, args)
  const child = spawn(command, all, {
    env: { ...process.env, ...session.env, ELECTRON_RUN_AS_NODE: undefined, ATEK_CONFIG_DIR: config },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  /** @param {Buffer} data */
  const keep = (data) => {
    output = (output + data.toString()).slice(-KEPT_OUTPUT)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  /** @type {Promise<number | null>} */
  const ended = new Promise((done) => child.once('close', (code) => done(code)))
  try {
    await until('a window titled "Atek"', START_LIMIT_MS, ended, () => hasWindow(session.env))
    await until(`an answer at http://atek.localhost:${port}/`, START_LIMIT_MS, ended, () => answers(port))
    const main = await mainProcess(app.executable)
    process.kill(main, 'SIGTERM')
    const code = await Promise.race([ended, delay(STOP_LIMIT_MS, 'late', { ref: false })])
    if (code === 'late') throw new SetupError(`The package did not end within ${STOP_LIMIT_MS / 1000} s of SIGTERM.`)
    if (code !== 0) throw new SetupError(`The package ended with code ${code} after SIGTERM.`)
    const left = await processesOf(app.folder)
    if (left.length > 0) throw new SetupError(`Processes of the package stay after its end: ${left.join(', ')}.`)
  } catch (error) {
    if (error instanceof SetupError) error.output ??= output
    throw error
  } finally {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // The group is gone, as it should be.
    }
    await rm(work, { recursive: true, force: true, maxRetries: 5 })
  }
}

/**
 * @param {string} what
 * @param {number} limit In milliseconds.
 * @param {Promise<unknown>} ended
 * @param {() => Promise<boolean>} condition
 */
async function until(what, limit, ended, condition) {
  let over = false
  ended.then(() => {
    over = true
  })
  for (const end = Date.now() + limit; Date.now() < end; await delay(POLL_MS)) {
    if (await condition()) return
    if (over) throw new SetupError(`The package ended before there was ${what}.`)
  }
  throw new SetupError(`After ${limit / 1000} s there was not ${what}.`)
}

/** @param {Record<string, string | undefined>} env */
async function hasWindow(env) {
  const { stdout } = await tryRun('xwininfo', ['-root', '-tree'], { env })
  return /"Atek[^"]*"/.test(stdout)
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function answers(port) {
  return new Promise((done) => {
    // By address, since not every system resolves *.localhost; the host goes by the Host header.
    const request = get(
      { host: '127.0.0.1', port, path: '/', headers: { host: `atek.localhost:${port}`, accept: 'text/html' } },
      (response) => {
        response.resume()
        done((response.statusCode ?? 500) < 500)
      },
    )
    request.on('error', () => done(false))
  })
}

/**
 * The one process of the app whose parent is none of the app's.
 * @param {string} executable
 */
async function mainProcess(executable) {
  const all = await processesOf(dirname(executable))
  for (const pid of all) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1])
    if (parent > 0 && !all.includes(parent)) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      // Crashpad's handler has detached itself from the main process.
      if (command.startsWith(executable)) return pid
    }
  }
  throw new SetupError('The main process of the package was not found.')
}

/**
 * @param {string} folder
 * @returns {Promise<number[]>} Those that run a file of that folder; apps of the host are among them, since they run on its Electron.
 */
async function processesOf(folder) {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const file = await readlink(`/proc/${pid}/exe`).catch(() => '')
      return file.startsWith(folder + sep) ? Number(pid) : 0
    }),
  )
  return found.filter((pid) => pid > 0)
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
