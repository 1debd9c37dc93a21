/** Runs the program that set-up is for: its output is ours, its exit code too, and signals reach it once. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { duration, SetupError } from './report.mjs'

/** npm and the terminal both pass on a Ctrl-C; what comes again within this is the same one. */
const SAME_SIGNAL_MS = 1000
const ORPHAN_CHECK_MS = 500

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env Added to the environment; undefined removes.
 * @param {{ limit?: number }} [options] `limit`: milliseconds that it may take. With one, it is a check: signals reach
 *   all that it started, and nothing of that stays when it has ended.
 * @returns {Promise<number>} Its exit code, or 128 + the number of the signal that ended it.
 */
export function follow(command, args, env, options = {}) {
  return new Promise((done, fail) => {
    const hasGroup = process.platform !== 'win32'
    const child = spawn(command, args, {
      stdio: 'inherit',
      env: { ...process.env, ...env },
      // A group of its own: the terminal's Ctrl-C then comes through us only, and is one signal instead of three.
      detached: hasGroup,
    })
    /** @param {NodeJS.Signals} signal */
    const killGroup = (signal) => {
      try {
        if (hasGroup && child.pid !== undefined) process.kill(-child.pid, signal)
        else child.kill(signal)
      } catch {
        // Nobody is left in the group.
      }
    }
    const stopListening = listen((signal) => (options.limit === undefined ? child.kill(signal) : killGroup(signal)))
    const limit = options.limit === undefined ? undefined : setTimeout(late, options.limit)
    function late() {
      process.stderr.write(`Stopped: it took longer than ${duration(options.limit ?? 0)}.\n`)
      killGroup('SIGKILL')
    }
    child.on('error', (error) => {
      fail(new SetupError(`${command} could not be started: ${error.message}`, { cause: error }))
    })
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      stopListening()
      if (options.limit !== undefined) killGroup('SIGKILL')
      done(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

/**
 * Calls `pass` once for every signal that is meant for the program.
 * @param {(signal: NodeJS.Signals) => void} pass
 * @returns {() => void} Stops that.
 */
function listen(pass) {
  /** @type {Map<string, number>} */
  const passed = new Map()
  /** @param {NodeJS.Signals} signal */
  const once = (signal) => {
    const now = Date.now()
    if (now - (passed.get(signal) ?? 0) < SAME_SIGNAL_MS) return
    passed.set(signal, now)
    pass(signal)
  }
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, once)
  // npm hands a SIGTERM to the shell between it and us, which ends without a word: seen by our new parent.
  const parent = process.ppid
  const watch = process.env.npm_lifecycle_event
    ? setInterval(() => process.ppid !== parent && once('SIGTERM'), ORPHAN_CHECK_MS)
    : undefined
  return () => {
    clearInterval(watch)
    for (const signal of signals) process.off(signal, once)
  }
}
