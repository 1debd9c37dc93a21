import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, symlinkSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { build } from 'vite'

/** Bundles a TypeScript file into `folder`, so that plain Node can run it; returns the path of what it made. */
export async function bundle(entry: string, folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: resolve(import.meta.dirname, entry), outDir: join(folder, 'built'), target: 'node20' },
  })
  // Native packages are not bundled; from the temporary folder they are found by this link.
  const modules = join(folder, 'node_modules')
  if (!existsSync(modules)) symlinkSync(resolve(import.meta.dirname, '../../../node_modules'), modules, 'junction')
  return join(folder, 'built', basename(entry).replace(/\.ts$/, '.js'))
}

export interface Running {
  child: ChildProcess
  /** Whole lines so far. */
  lines(): string[]
  /** Resolves when there are as many lines; rejects with stderr when it ends before. */
  hasLines(count: number): Promise<void>
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
}

export function run(script: string, args: string[]): Running {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk
  })
  const closed = once(child, 'close')
  const lines = () => output.split('\n').slice(0, -1)
  return {
    child,
    lines,
    async hasLines(count) {
      while (lines().length < count) {
        const ended = await Promise.race([once(child.stdout, 'data').then(() => false), closed.then(() => true)])
        if (ended && lines().length < count) throw new Error(`It ended before: ${errors}`)
      }
    },
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
  }
}
