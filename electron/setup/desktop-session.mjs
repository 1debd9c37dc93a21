/**
 * A desktop for tests: a display of its own (Xvfb), a session bus and an unlocked keychain (gnome-keyring), with folders
 * of its own, so that nothing of the person who runs the tests is read or changed.
 */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupError } from './report.mjs'

const DISPLAY_LIMIT_MS = 20_000

/**
 * @typedef {object} DesktopSession
 * @property {Record<string, string | undefined>} env To be added to the environment of what runs in it.
 * @property {(command: string, args: string[]) => [string, string[]]} inside The command that runs `command` in the session.
 */

/**
 * @template T
 * @param {(session: DesktopSession) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withDesktopSession(work) {
  // macOS and Windows have their own display and keychain, always.
  if (process.platform !== 'linux') return work({ env: {}, inside: (command, args) => [command, args] })
  // A short path: sockets of the keychain and of apps go in there.
  const folder = await mkdtemp(join(tmpdir(), 'atek-'))
  const display = await startDisplay().catch(async (error) => {
    await rm(folder, { recursive: true, force: true })
    throw error
  })
  try {
    const env = {
      DISPLAY: display.name,
      WAYLAND_DISPLAY: undefined,
      DBUS_SESSION_BUS_ADDRESS: undefined,
      GNOME_KEYRING_CONTROL: undefined,
      XDG_RUNTIME_DIR: join(folder, 'run'),
      XDG_DATA_HOME: join(folder, 'data'),
      XDG_CONFIG_HOME: join(folder, 'config'),
    }
    for (const path of [env.XDG_RUNTIME_DIR, env.XDG_DATA_HOME, env.XDG_CONFIG_HOME]) await mkdir(path, { mode: 0o700 })
    return await work({ env, inside })
  } finally {
    display.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {[string, string[]]}
 */
function inside(command, args) {
  const unlock = 'printf atek | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"'
  return ['dbus-run-session', ['--', 'sh', '-c', unlock, 'sh', command, ...args]]
}

/** @returns {Promise<{ name: string, stop(): void }>} */
function startDisplay() {
  return new Promise((done, fail) => {
    // It picks a free number itself and says it on descriptor 3: no race with another display.
    const args = ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp', '-noreset']
    const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
    const stop = () => void server.kill('SIGTERM')
    const limit = setTimeout(() => {
      stop()
      fail(
        new SetupError('The display for the tests (Xvfb) did not start.', {
          command: `Xvfb ${args.slice(2).join(' ')}`,
        }),
      )
    }, DISPLAY_LIMIT_MS)
    server.once('error', (error) => {
      clearTimeout(limit)
      fail(new SetupError(`The display for the tests (Xvfb) could not be started: ${error.message}`, { cause: error }))
    })
    server.once('exit', (code) => {
      clearTimeout(limit)
      fail(new SetupError(`The display for the tests (Xvfb) ended at once, with code ${code}.`))
    })
    const told = /** @type {import('node:stream').Readable} */ (server.stdio[3])
    let text = ''
    told.setEncoding('utf8').on('data', (part) => {
      text += part
      if (!text.includes('\n')) return
      clearTimeout(limit)
      done({ name: `:${text.trim()}`, stop })
    })
  })
}
