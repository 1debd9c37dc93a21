import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { createLogger } from '../core/logger.ts'
import { createRuntime } from '../runtime.ts'
import type { CliIo } from './io.ts'

export interface RunOptions {
  configFolder: string
  port: number | undefined
  domain: string | undefined
  /** The built files that ship with the host. */
  out: string
}

/** The same host as the desktop's, for benchmarks, protocol tests and computers without a display; until a signal. */
export async function runHost({ configFolder, port, domain, out }: RunOptions, io: CliIo): Promise<void> {
  const runtime = await createRuntime(
    {
      configFolder,
      port,
      domain,
      version: packageJson.version,
      panelClient: 'Atek command line',
      examplesFolder: join(out, 'examples'),
      pagesFile: join(out, 'web', 'pages.js'),
      trafficWorkerFile: join(out, 'runtime', 'traffic-worker.js'),
      node: { execPath: process.execPath, env: {} },
    },
    { logger: createLogger((line) => io.stderr.write(`${line}\n`)) },
  )
  const { address, portTaken } = runtime.status()
  if (portTaken !== null) io.stdout.write(`Port ${portTaken} is taken.\n`)
  io.stdout.write(`Atek is running at ${address}\n`)

  const signal = await new Promise<NodeJS.Signals>((done) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => done(name))
  })
  io.stdout.write(`Stopping (${signal})\n`)
  await runtime.dispose()
}
