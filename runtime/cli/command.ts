import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { HostConnection } from './host-connection.ts'
import { type CliIo, UsageError } from './io.ts'

export type OptionValue = string | boolean | (string | boolean)[] | undefined

/** A command against a running host. */
export interface Command {
  /** What stands behind the name: `<id> [key=value …]`. */
  synopsis: string
  /** One line. */
  summary: string
  /** Its own options, each with the line of its help. */
  options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean; help: string }>
  /** How many arguments that are no options it takes, at least and at most. */
  takes: [least: number, most: number]
  run(call: CommandCall): Promise<Answer>
}

export interface CommandCall {
  host: HostConnection
  args: string[]
  /** One option as text; undefined when it was not given. */
  text(name: string): string | undefined
  texts(name: string): string[]
  flag(name: string): boolean
  io: CliIo
}

/** What is printed: `json` with --json, otherwise `text`. */
export interface Answer {
  json: unknown
  text: string
}

export interface ParsedCommand {
  help: boolean
  json: boolean
  configDir: string | undefined
  call: Omit<CommandCall, 'host' | 'io'>
}

/** Throws UsageError, and what parseArgs throws for options that it does not know. */
export function parseCommand(name: string, command: Command, argv: string[]): ParsedCommand {
  const options: ParseArgsConfig['options'] = {
    configDir: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  }
  for (const [option, { type, multiple }] of Object.entries(command.options)) {
    options[option] = multiple === true ? { type, multiple } : { type }
  }
  const parsed = parseArgs({ args: argv, options, allowPositionals: true })
  const values: Record<string, OptionValue> = parsed.values
  const args = parsed.positionals
  const help = values.help === true
  const [least, most] = command.takes
  if (!help && args.length < least) throw new UsageError(`${name} needs ${command.synopsis}.`)
  if (!help && args.length > most) throw new UsageError(`${name} does not know what to do with "${args[most]}".`)
  const text = (option: string) => (typeof values[option] === 'string' ? values[option] : undefined)
  return {
    help,
    json: values.json === true,
    configDir: text('configDir'),
    call: {
      args,
      text,
      texts: (option) => [values[option] ?? []].flat().map(String),
      flag: (option) => values[option] === true,
    },
  }
}

export function helpOf(name: string, command: Command, configFolder: string): string {
  const options: [string, string][] = [
    ...Object.entries(command.options).map(([option, { type, help }]): [string, string] => [
      `--${option}${type === 'string' ? ' VALUE' : ''}`,
      help,
    ]),
    ['--configDir DIR', `the running host's folder (default: ${configFolder})`],
    ['--json', 'print the answer as JSON'],
    ['--help', 'print this'],
  ]
  const width = Math.max(...options.map(([option]) => option.length))
  return `${command.summary}

  node cli.js ${name} ${command.synopsis} [options]

${options.map(([option, help]) => `  ${option.padEnd(width)}  ${help}\n`).join('')}`
}
