/** What set-up says on the terminal: one calm line a step, with the time it took. */

/** A set-up failure that is explained already: a sentence, then (where there is one) the command to run. */
export class SetupError extends Error {
  /**
   * @param {string} message What happened and what to do, in a sentence or two.
   * @param {{ command?: string, output?: string, cause?: unknown }} [more] `output`: the last lines of a failed command.
   */
  constructor(message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'SetupError'
    this.command = more.command
    this.output = more.output
  }
}

/**
 * Times in the unit that a person reads at a glance.
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/**
 * Runs one step; its line is complete when the step is.
 * @template T
 * @param {string} label What is being done: "Building better-sqlite3".
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(label, work) {
  const started = Date.now()
  process.stdout.write(`${label} … `)
  try {
    const result = await work()
    process.stdout.write(`${duration(Date.now() - started)}\n`)
    return result
  } catch (error) {
    process.stdout.write(`failed after ${duration(Date.now() - started)}\n`)
    throw error
  }
}

/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`)
}

/**
 * Prints a failure the way a person can act on it and sets the exit code.
 * @param {unknown} error
 */
export function explain(error) {
  if (error instanceof SetupError) {
    if (error.output) process.stderr.write(`${error.output.trimEnd()}\n`)
    process.stderr.write(`\n${error.message}\n`)
    if (error.command) process.stderr.write(`\n  ${error.command}\n`)
  } else {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  }
  process.exitCode = 1
}
