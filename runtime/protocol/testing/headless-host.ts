import { spawn } from 'node:child_process'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { hostPaths } from '../../core/host-paths.ts'

/** A token of `systemAuthTokens`. */
export const SYSTEM_TOKEN = 'ab'.repeat(32)

export interface HeadlessHost {
  folder: string
  port: number
  pid: number
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>
  dispose(): Promise<void>
}

/** The headless host as a child process, started by its command line on a folder of its own and any free port. */
export async function startHeadless(config: Record<string, unknown> = {}): Promise<HeadlessHost> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'atek-headless-')))
  await writeFile(
    hostPaths(folder).configFile,
    JSON.stringify({ port: 0, systemAuthTokens: [SYSTEM_TOKEN], ...config }),
  )
  const script = resolve(import.meta.dirname, 'cli.mjs')
  const child = spawn(process.execPath, [script, 'run', '--configDir', folder], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const ended = new Promise<number | null>((done) => child.once('close', done))
  const port = await new Promise<number>((done, fail) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const found = /running at http:\/\/atek\.localhost:(\d+)/.exec(printed)
      if (found !== null) done(Number(found[1]))
    })
    void ended.then(() => fail(new Error(`The host ended before it said its address: ${errors}`)))
  })
  const host: HeadlessHost = {
    folder,
    port,
    pid: child.pid ?? 0,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
    async dispose() {
      await host.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
      await rm(hostPaths(folder).sockets, { recursive: true, force: true })
    },
  }
  return host
}
