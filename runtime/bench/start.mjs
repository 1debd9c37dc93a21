/**
 * What starting costs: part of `npm run bench:start`, which prints the README's table.
 *
 * - app reachable after "Start", against the same app started by hand with the same Node: rounds take turns (host,
 *   by hand, host, …), so that a machine that slows down slows both.
 * - memory of the host for each installed, stopped app: the resident memory of a fresh host process with none and
 *   with many apps.
 *
 * Runs on the built host (out/). Linux: memory is read from /proc.
 */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { shown, spread } from './spread.mjs'

const ROUNDS = 15
const MANY = 500
const out = resolve(import.meta.dirname, '../../out')
const folder = await mkdtemp(join(tmpdir(), 'atek-bench-'))
/** @type {typeof import('../index.ts')} */
const { createRuntime } = await import(pathToFileURL(join(out, 'runtime', 'index.js')).href)
const quiet = { info() {}, warn() {}, error: console.error }
/** @type {import('../index.ts').Actor} */
const system = { kind: 'system' }

/** @param {string} name */
const host = (name) =>
  createRuntime(
    {
      configFolder: join(folder, name),
      port: 0,
      version: 'bench',
      panelClient: 'bench',
      examplesFolder: join(out, 'examples'),
      pagesFile: join(out, 'web', 'pages.js'),
      node: { execPath: process.execPath, env: {} },
    },
    { logger: quiet },
  )

/** @param {import('../index.ts').Runtime} runtime @param {string} id */
async function install(runtime, id) {
  const reviewId = crypto.randomUUID()
  await runtime.control.call(system, 'apps.review', { reviewId, source: 'example:hello', kind: 'example' })
  return runtime.control.call(system, 'apps.install', { reviewId, id, owner: 'system', allowScripts: false })
}

/** Until something answers `HEAD /` on the socket. @param {string} socketPath */
async function answers(socketPath) {
  for (;;) {
    const answered = await new Promise((done) => {
      const request = http.request({ socketPath, method: 'HEAD', path: '/' }, (response) => {
        response.resume()
        done(true)
      })
      request.on('error', () => done(false))
      request.end()
    })
    if (answered) return
    await new Promise((next) => setTimeout(next, 2))
  }
}

/** Milliseconds that it took. @param {() => Promise<unknown>} work */
async function timed(work) {
  const from = performance.now()
  await work()
  return performance.now() - from
}

async function startFigures() {
  const runtime = await host('start')
  const { key } = await install(runtime, 'hello')
  await runtime.control.call(system, 'apps.stop', { key })
  const app = await runtime.control.call(system, 'apps.get', { key })
  const byHand = join(folder, 'by-hand')
  await mkdir(byHand)

  /** @type {number[]} */
  const ours = []
  /** @type {number[]} */
  const bare = []
  for (let round = 0; round < ROUNDS; round++) {
    // Resolves when the host has seen the app answer.
    ours.push(await timed(() => runtime.control.call(system, 'apps.start', { key })))
    await runtime.control.call(system, 'apps.stop', { key })

    const socket = join(byHand, `${round}.sock`)
    /** @type {import('node:child_process').ChildProcess | undefined} */
    let child
    bare.push(
      await timed(() => {
        child = spawn(process.execPath, ['index.js'], {
          cwd: app.folder,
          env: { ATEK_ASSIGNED_SOCKET_FILE: socket, ATEK_ASSIGNED_SERVICE_KEY: key, ATEK_APP_DATA_DIR: byHand },
          stdio: 'ignore',
        })
        return answers(socket)
      }),
    )
    child?.kill('SIGKILL')
  }
  await runtime.dispose()
  return {
    ours: spread(ours),
    bare: spread(bare),
    ratio: spread(ours.map((value, i) => value / (bare[i] ?? Number.NaN))),
  }
}

/** Resident memory of a fresh headless host on this config folder, in bytes, once it has come to rest. */
async function restingMemory(/** @type {string} */ name) {
  const child = spawn(
    process.execPath,
    [join(out, 'runtime', 'cli.js'), 'run', '--configDir', join(folder, name), '--port', '0'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  await new Promise((done, fail) => {
    let text = ''
    child.stdout.on('data', (piece) => {
      text += piece
      if (text.includes('Atek is running')) done(undefined)
    })
    child.on('exit', () => fail(new Error('The host did not start.')))
  })
  const read = async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
  }
  // At rest: unchanged over half a second.
  let last = 0
  for (let now = await read(); now !== last; now = await read()) {
    last = now
    await new Promise((next) => setTimeout(next, 500))
  }
  child.kill('SIGTERM')
  await new Promise((done) => child.on('exit', done))
  return last
}

async function memoryFigures() {
  const runtime = await host('many')
  for (let n = 0; n < MANY; n++) {
    const { key } = await install(runtime, `hello-${n}`)
    await runtime.control.call(system, 'apps.stop', { key })
  }
  await runtime.dispose()
  await (await host('none')).dispose()
  const each = []
  for (let round = 0; round < 5; round++)
    each.push(((await restingMemory('many')) - (await restingMemory('none'))) / MANY / 1024)
  return spread(each)
}

try {
  const start = await startFigures()
  const memory = await memoryFigures()
  console.log(`| app reachable after Start | ${shown(start.ours, 'ms')} |`)
  console.log(`| the same app started by hand | ${shown(start.bare, 'ms')} |`)
  console.log(`| ratio, round by round | ${shown(start.ratio, '×', 2)} |`)
  console.log(`| memory of the host for each installed, stopped app (of ${MANY}) | ${shown(memory, 'kB', 1)} |`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
