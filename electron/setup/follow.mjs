/** Runs the program that set-up is for: its output is ours, its exit code too, and signals reach it once. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { duration, SetupError } from './report.mjs'

/** npm and the terminal both pass on a Ctrl-C; what comes again within this is the same one. */
const SAME_SIGNAL_MS = 1000

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env Added to the environment; undefined removes.
 * @param {{ limit?: number }} [options] `limit`: milliseconds after which it and all that it started is killed.
 * @returns {Promise<number>} Its exit code, or 128 + the number of the signal that ended it.
 */
export function follow(command, args, env, options = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      stdio: 'inherit',
      env: { ...process.env, ...env },
      // A group of its own: the terminal's Ctrl-C then comes through us only, and is one signal instead of three.
      detached: process.platform !== 'win32',
    })
    /** @type {Map<string, number>} */
    const sent = new Map()
    /** @param {NodeJS.Signals} signal */
    const pass = (signal) => {
      const now = Date.now()
      if (now - (sent.get(signal) ?? 0) < SAME_SIGNAL_MS) return
      sent.set(signal, now)
      child.kill(signal)
    }
    /** @type {NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, pass)
    const limit =
      options.limit === undefined
        ? undefined
        : setTimeout(() => {
            process.stderr.write(`Stopped: it took longer than ${duration(options.limit ?? 0)}.\n`)
            process.kill(-(child.pid ?? 0), 'SIGKILL')
          }, options.limit)
    child.on('error', (error) =>
      fail(new SetupError(`${command} could not be started: ${error.message}`, { cause: error })),
    )
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      for (const name of signals) process.off(name, pass)
      done(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
