/** What the benchmark needs of the system: programs, ports, processor time and memory of processes (Linux). */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { resolve } from 'node:path'

export const project = resolve(import.meta.dirname, '../../..')

/** @param {string} program */
export function isInstalled(program) {
  try {
    execFileSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** First line of what a program says about its version. @param {string} program @param {string} option */
export function versionOf(program, option) {
  try {
    const said = execFileSync('sh', ['-c', `${program} ${option} 2>&1 || true`], { encoding: 'utf8' })
    return said.split('\n')[0]?.trim() ?? ''
  } catch {
    return ''
  }
}

/** @returns {Promise<number>} A TCP port of 127.0.0.1 that is free. */
export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer()
    server.on('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** Resolves when something accepts connections. @param {number} port @param {number} [limit] Milliseconds. */
export async function listening(port, limit = 20_000) {
  const until = performance.now() + limit
  while (performance.now() < until) {
    const open = await new Promise((done) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('connect', () => done(true)).on('error', () => done(false))
      socket.on('connect', () => socket.destroy())
    })
    if (open) return
    await new Promise((next) => setTimeout(next, 20))
  }
  throw new Error(`Nothing listens on port ${port}.`)
}

/** Milliseconds to the next answer. @param {number} ms */
export const pause = (ms) => new Promise((next) => setTimeout(next, ms))

const TICKS = 100

/** Seconds of processor time that these processes have used so far. @param {number[]} pids */
export function processorSeconds(pids) {
  let ticks = 0
  for (const pid of pids) {
    try {
      // The name in brackets may hold anything, blanks too.
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
      ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // Ended meanwhile.
    }
  }
  return ticks / TICKS
}

/** A span in which that many ticks of processor time are none to speak of: longer than ours waits for a moment to write. */
const REST_SPAN = 500
const REST_TICKS = 1

/** Resolves when these processes have nothing left to do, or after a minute. @param {number[]} pids */
export async function atRest(pids) {
  const until = performance.now() + 60_000
  for (let before = processorSeconds(pids); performance.now() < until; ) {
    await pause(REST_SPAN)
    const now = processorSeconds(pids)
    if ((now - before) * TICKS <= REST_TICKS) return
    before = now
  }
}

/** Highest resident memory of these processes since `forgetPeaks`, in bytes. @param {number[]} pids */
export function peakMemory(pids) {
  let bytes = 0
  for (const pid of pids) {
    try {
      bytes += Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024
    } catch {
      // Ended meanwhile.
    }
  }
  return bytes
}

/** @param {number[]} pids */
export function forgetPeaks(pids) {
  for (const pid of pids) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, '5')
    } catch {
      // Not ours to reset, or gone: its peak is that of its whole life then.
    }
  }
}

/**
 * A process and all below it. @param {number} pid
 * @param {(pid: number) => boolean} [leaveOut] Processes that are not counted, with all below them.
 * @returns {number[]}
 */
export function processTree(pid, leaveOut = () => false) {
  /** @type {Map<number, number[]>} */
  const children = new Map()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const fields = readFileSync(`/proc/${entry}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
      const parent = Number(fields[1])
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
    } catch {
      // Ended meanwhile.
    }
  }
  /** @type {number[]} */
  const found = []
  const add = (/** @type {number} */ at) => {
    if (leaveOut(at)) return
    found.push(at)
    for (const child of children.get(at) ?? []) add(child)
  }
  add(pid)
  return found
}

/** Whether a process is an app that a host started. @param {number} pid */
export function isApp(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes('ATEK_ASSIGNED_SERVICE_KEY=')
  } catch {
    return false
  }
}
