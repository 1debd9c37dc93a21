import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import { LIMITS } from '../../contract/limits.ts'
import { type Clock, delay } from '../../core/clock.ts'
import { LineSplitter } from '../logs/line-splitter.ts'
import { killGroup, signalProcess } from './kill.ts'
import { MARKERS, type Sweeper } from './sweeper.ts'

export interface RunOptions {
  execPath: string
  main: string
  cwd: string
  env: Record<string, string>
  socketPath: string
  token: string
  clock: Clock
  sweeper: Sweeper
  write(stream: 'stdout' | 'stderr', lines: string[]): Promise<void>
  /** Called once the process has its ID, and once it and all its children are gone. */
  began(pid: number): void
  ended(pid: number): Promise<void>
}

export interface RunExit {
  exitCode: number | null
  signal: string | null
  /** When the system could not even start it. */
  error: string | null
}

/** One run of an app's process, from its start until nothing of it is left. */
export class AppRun {
  readonly pid: number | null
  readonly startedAt: number
  /** Its process, all that it started, and its socket are gone; its output is read to the end. */
  readonly exited: Promise<RunExit>
  readonly #options: RunOptions
  readonly #lastErrors: string[] = []
  #alive = true

  constructor(options: RunOptions) {
    this.#options = options
    this.startedAt = options.clock.now()
    const child = execa(options.execPath, [options.main], {
      cwd: options.cwd,
      env: options.env,
      extendEnv: false,
      // A group of its own, so that all that it starts can be ended with it. On Windows that would open a console.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: false,
      reject: false,
    })
    this.pid = child.pid ?? null
    if (this.pid !== null) options.began(this.pid)
    const output = Promise.all([this.#read(child.stdout, 'stdout'), this.#read(child.stderr, 'stderr')])
    const death = new Promise<RunExit>((resolve) => {
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, error: null }))
      child.once('error', (error) => resolve({ exitCode: null, signal: null, error: error.message }))
      // What could not even be tried has no events, only a result.
      void child.then((result) => {
        if (result.exitCode === undefined && result.signal === undefined) {
          resolve({ exitCode: null, signal: null, error: result.shortMessage ?? 'unknown' })
        }
      })
    })
    this.exited = death.then(async (exit) => {
      this.#alive = false
      await this.#clean([child.stdout, child.stderr], output)
      return exit
    })
  }

  /** Whether the process itself lives. */
  get alive(): boolean {
    return this.#alive
  }

  /** Last lines of stderr, oldest first. */
  get lastErrors(): string[] {
    return [...this.#lastErrors]
  }

  /** Asks it to end (SIGTERM), and after 5 s ends its whole group. */
  async stop(): Promise<RunExit> {
    if (this.#alive && this.pid !== null) {
      signalProcess(this.pid, 'SIGTERM')
      const patience = new AbortController()
      const impatient = delay(this.#options.clock, LIMITS.appStopTimeout, patience.signal).then(
        () => this.kill(),
        () => {},
      )
      await Promise.race([this.exited, impatient])
      patience.abort()
    }
    return this.exited
  }

  /** Ends its whole group at once. */
  async kill(): Promise<RunExit> {
    if (this.#alive && this.pid !== null) await killGroup(this.pid)
    return this.exited
  }

  async #read(stream: Readable, name: 'stdout' | 'stderr'): Promise<void> {
    const splitter = new LineSplitter(this.#options.token)
    const give = async (lines: string[]) => {
      if (name === 'stderr') {
        this.#lastErrors.push(...lines)
        this.#lastErrors.splice(0, this.#lastErrors.length - LIMITS.crashLines)
      }
      await this.#options.write(name, lines)
    }
    try {
      for await (const chunk of stream) await give(splitter.push(chunk))
    } catch {
      // The pipe was destroyed below, or broke with the process: what came until then is kept.
    }
    await give(splitter.end())
  }

  async #clean(streams: Readable[], output: Promise<unknown>): Promise<void> {
    const { sweeper, socketPath, clock } = this.#options
    if (this.pid !== null) {
      await killGroup(this.pid)
      await sweeper.sweep(`${MARKERS.app}=${socketPath}`)
    }
    const patience = new AbortController()
    await Promise.race([output, delay(clock, LIMITS.appDrainTimeout, patience.signal).catch(() => {})])
    patience.abort()
    for (const stream of streams) stream.destroy()
    await output
    if (process.platform !== 'win32') await rm(socketPath, { force: true })
    if (this.pid !== null) await this.#options.ended(this.pid)
  }
}
