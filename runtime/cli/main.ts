import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { AppError } from '../contract/errors.ts'
import { appCommands } from './app-commands.ts'
import { type Command, helpOf, parseCommand } from './command.ts'
import { HostConnection } from './host-connection.ts'
import { type CliIo, plain, UsageError } from './io.ts'
import { userCommands } from './user-commands.ts'

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ...Object.entries(appCommands),
  ...Object.entries(userCommands),
])

/**
 * Runs the command line and returns its exit code: 0, 1 for what failed, 2 for what was written wrong. `out` is the
 * folder of the built files that ship with the host.
 */
export async function main(argv: string[], io: CliIo, out: string): Promise<number> {
  const [name, ...rest] = argv
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') io.stdout.write(help())
    else if (name === 'run') await run(rest, io, out)
    else await command(name, rest, io)
    return 0
  } catch (error) {
    if (error instanceof UsageError || isParseError(error)) {
      const known = name === 'run' || COMMANDS.has(name ?? '')
      io.stderr.write(`${plain(error.message)}\nHow it is written: node cli.js ${known ? `${name} ` : ''}--help\n`)
      return 2
    }
    // What a person can mend is a sentence; anything else needs its stack.
    const text = error instanceof AppError ? plain(error.message) : error instanceof Error ? error.stack : String(error)
    io.stderr.write(`${text}\n`)
    return 1
  }
}

async function command(name: string, argv: string[], io: CliIo): Promise<void> {
  const found = COMMANDS.get(name)
  if (found === undefined) throw new UsageError(`Unknown command "${name}".`)
  const { help, json, configDir, call } = parseCommand(name, found, argv)
  if (help) {
    io.stdout.write(helpOf(name, found, defaultConfigFolder()))
    return
  }
  const host = await HostConnection.open(resolve(configDir ?? defaultConfigFolder()))
  const answer = await found.run({ ...call, host, io })
  io.stdout.write(json ? `${JSON.stringify(answer.json, null, 2)}\n` : answer.text)
}

async function run(args: string[], io: CliIo, out: string): Promise<void> {
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
    io.stdout.write(runHelp())
    return
  }
  const configFolder = resolve(values.configDir ?? defaultConfigFolder())
  const port = values.port === undefined ? undefined : portOf(values.port)
  // Loaded here: the other commands need nothing of a host, and are done before it were loaded.
  const { runHost } = await import('./run.ts')
  await runHost({ configFolder, port, domain: values.domain, out }, io)
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new UsageError(`--port takes a number from 0 to 65535, not "${text}".`)
}

function defaultConfigFolder(): string {
  const { platform, env } = process
  // As the desktop app, so that both mean the same host.
  if (env.ATEK_CONFIG_DIR) return resolve(env.ATEK_CONFIG_DIR)
  if (platform === 'win32') return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'atek-desktop', 'host')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'atek-desktop', 'host')
  return join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'atek-desktop', 'host')
}

function runHelp(): string {
  return `Runs the host without a window, until it is told to stop (Ctrl+C).

  node cli.js run [--configDir DIR] [--port N] [--domain D]

  --configDir DIR   where the host keeps its things (default: ${defaultConfigFolder()})
  --port N          port on 127.0.0.1 and ::1; 0 takes any free one (default: config.json's, else 8420)
  --domain D        domain that apps are subdomains of (default: config.json's, else localhost)
`
}

function help(): string {
  const lines = [...COMMANDS].map(([name, { synopsis, summary }]) => [`${name} ${synopsis}`.trim(), summary] as const)
  const width = Math.max(...lines.map(([left]) => left.length))
  return `Atek, the host without a window

  node cli.js run [--configDir DIR] [--port N] [--domain D]

With a host that runs, headless or as the desktop app:

${lines.map(([left, summary]) => `  ${left.padEnd(width)}  ${summary}\n`).join('')}
Each takes --configDir DIR (the running host's folder), --json and --help. It ends with 0, with 1 when it failed, with 2
when it was written wrong.
`
}

function isParseError(error: unknown): error is Error {
  return error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
}
