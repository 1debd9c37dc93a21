import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import packageJson from '../package.json' with { type: 'json' }
import { AppError } from './contract/errors.ts'
import { createLogger } from './core/logger.ts'
import { createRuntime } from './runtime.ts'

const HELP = `Atek, the host without a window

  node cli.js run [--configDir DIR] [--port N] [--domain D]

  --configDir DIR   where the host keeps its things (default: ${defaultConfigFolder()})
  --port N          port on 127.0.0.1 and ::1; 0 takes any free one (default: config.json's, else 8420)
  --domain D        domain that apps are subdomains of (default: config.json's, else localhost)
`

/** The same host as the desktop's, for benchmarks, protocol tests and computers without a display. */
async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      configDir: { type: 'string' },
      port: { type: 'string' },
      domain: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const port = values.port === undefined ? undefined : portOf(values.port)
  const out = fileURLToPath(new URL('..', import.meta.url))
  const runtime = await createRuntime(
    {
      configFolder: resolve(values.configDir ?? defaultConfigFolder()),
      port,
      domain: values.domain,
      version: packageJson.version,
      panelClient: 'Atek command line',
      examplesFolder: join(out, 'examples'),
      pagesFile: join(out, 'web', 'pages.js'),
      node: { execPath: process.execPath, env: {} },
    },
    { logger: createLogger((line) => process.stderr.write(`${line}\n`)) },
  )
  const { address, portTaken } = runtime.status()
  if (portTaken !== null) process.stdout.write(`Port ${portTaken} is taken.\n`)
  process.stdout.write(`Atek is running at ${address}\n`)

  const signal = await new Promise<NodeJS.Signals>((done) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => done(name))
  })
  process.stdout.write(`Stopping (${signal})\n`)
  await runtime.dispose()
  return 0
}

function portOf(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new AppError('BAD_INPUT', `--port takes a number from 0 to 65535, not "${text}".`)
}

function defaultConfigFolder(): string {
  const { platform, env } = process
  if (platform === 'win32') return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'atek-desktop', 'host')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'atek-desktop', 'host')
  return join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'atek-desktop', 'host')
}

async function main([command, ...args]: string[]): Promise<number> {
  if (command === 'run') return run(args)
  const asked = command === undefined || command === '--help' || command === '-h' || command === 'help'
  ;(asked ? process.stdout : process.stderr).write(asked ? HELP : `Unknown command "${command}".\n\n${HELP}`)
  return asked ? 0 : 2
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // What a person can mend is a sentence; anything else needs its stack.
  const text =
    error instanceof AppError || isUsageError(error)
      ? error.message
      : error instanceof Error
        ? error.stack
        : String(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = isUsageError(error) ? 2 : 1
}

function isUsageError(error: unknown): error is Error {
  return error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
}
