/** Child processes of set-up: quiet while they succeed, their output kept for when they fail. */
import { spawn } from 'node:child_process'
import { root } from './folders.mjs'
import { SetupError } from './report.mjs'

/** npm says what is wrong in its first lines, compilers in their last: both are shown, little enough to read. */
const FIRST_LINES = 15
const LAST_LINES = 45

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] Added to the environment; undefined removes.
 * @property {number} [timeout] In milliseconds; the process is killed then.
 * @property {AbortSignal} [signal]
 */

/**
 * Runs a command to its end and returns its standard output. Standard input is closed: set-up never waits for an answer.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number | null, stdout: string, output: string }>} `output`: both streams, shortened in the middle.
 */
export function tryRun(command, args, options = {}) {
  return new Promise((done) => {
    /** @type {string[]} */
    const stdout = []
    let output = ''
    /** @param {string} text */
    const keep = (text) => {
      output = shortened(output + text)
    }
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeout,
      killSignal: 'SIGKILL',
      signal: options.signal,
    })
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout.push(text)
      keep(text)
    })
    child.stderr.setEncoding('utf8').on('data', keep)
    child.on('error', (error) => done({ code: null, stdout: stdout.join(''), output: `${output}${error.message}` }))
    child.on('close', (code) => done({ code, stdout: stdout.join(''), output }))
  })
}

/** @param {string} text */
function shortened(text) {
  const lines = text.split('\n')
  if (lines.length <= FIRST_LINES + LAST_LINES) return text
  return [...lines.slice(0, FIRST_LINES), ...lines.slice(-LAST_LINES)].join('\n')
}

/**
 * Like tryRun, but a failure is a SetupError with that sentence.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions & { failure: string, hint?: string }} options
 */
export async function run(command, args, options) {
  const result = await tryRun(command, args, options)
  if (result.code === 0) return result.stdout
  throw new SetupError(options.failure, {
    command: options.hint ?? [command, ...args].join(' '),
    output: result.output,
  })
}

/**
 * The npm that started us where there is one: on Windows a plain `npm` is a script that spawn does not start.
 * @param {string[]} args
 * @returns {[string, string[]]}
 */
export function npmCommand(args) {
  const script = process.env.npm_execpath
  if (script && /npm-cli\.c?js$/.test(script)) return [process.execPath, [script, ...args]]
  return ['npm', args]
}
