import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { killGroup } from './kill.ts'

/**
 * The processes that a host has running, one small file each, for systems where a process cannot be asked for its
 * environment. Process IDs are used again, so a file also holds what tells the process apart: when it was started.
 */
export class ProcessFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async add(pid: number): Promise<void> {
    await writeFile(this.#file(pid), (await identify(pid)) ?? '', { mode: 0o600 })
  }

  async remove(pid: number): Promise<void> {
    await rm(this.#file(pid), { force: true })
  }

  /** Ends those of an earlier host that still run; returns their process IDs. */
  async endAll(): Promise<number[]> {
    const ended: number[] = []
    for (const name of await readdir(this.#folder)) {
      const pid = Number(name)
      const recorded = await readFile(this.#file(pid), 'utf8').catch(() => '')
      if (Number.isInteger(pid) && recorded !== '' && (await identify(pid)) === recorded) {
        await killGroup(pid)
        ended.push(pid)
      }
      await rm(join(this.#folder, name), { force: true, recursive: true })
    }
    return ended
  }

  #file(pid: number): string {
    return join(this.#folder, String(pid))
  }
}

/** What stays the same as long as this is the same process; null when there is none. */
async function identify(pid: number): Promise<string | null> {
  const [program, ...args] =
    process.platform === 'win32'
      ? ['tasklist', '/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']
      : ['ps', '-o', 'lstart=', '-p', String(pid)]
  if (program === undefined) return null
  const { stdout, exitCode } = await execa(program, args, { reject: false, windowsHide: true })
  const line = stdout.trim()
  if (exitCode !== 0 || line === '' || !line.includes(process.platform === 'win32' ? `"${pid}"` : ':')) return null
  // The third and later columns of tasklist change while it runs.
  return process.platform === 'win32' ? line.split(',').slice(0, 2).join(',') : line
}
