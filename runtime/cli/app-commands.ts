import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { Answer, Command, CommandCall } from './command.ts'
import type { HostConnection } from './host-connection.ts'
import { plain, table, UsageError } from './io.ts'

const API = 'atek.cloud/services-api'

/** What is printed of a service; the rest stays in --json. */
const serviceSchema = z.looseObject({
  status: z.enum(['active', 'inactive']),
  key: z.string(),
  settings: z.looseObject({
    id: z.string(),
    owningUserKey: z.string(),
    sourceUrl: z.string(),
    desiredVersion: z.string().optional(),
    package: z.looseObject({ sourceType: z.string(), installedVersion: z.string().optional() }),
    manifest: z.looseObject({ name: z.string().optional(), title: z.string().optional() }).optional(),
    config: z.record(z.string(), z.string()).optional(),
  }),
})
type Service = z.infer<typeof serviceSchema>

const versionOptions = {
  desiredVersion: { type: 'string', help: 'version or semver range that installing and updating look for' },
} as const

const scriptOptions = {
  allowScripts: { type: 'boolean', help: 'run its installation and build scripts, with your rights on this computer' },
} as const

export const appCommands: Record<string, Command> = {
  ls: {
    synopsis: '',
    summary: 'Lists the installed apps.',
    options: {},
    takes: [0, 0],
    async run({ host }) {
      const { services } = await host.call(z.looseObject({ services: z.array(serviceSchema) }), API, 'list')
      const rows = services.map(({ status, settings }) => [
        settings.id,
        status,
        settings.package.installedVersion ?? '-',
        host.appAddress(settings.id),
        settings.sourceUrl,
      ])
      const text =
        rows.length === 0 ? 'No app is installed.\n' : table(['ID', 'STATUS', 'VERSION', 'ADDRESS', 'SOURCE'], rows)
      return { json: services, text }
    },
  },
  get: {
    synopsis: '<id>',
    summary: 'Shows an app.',
    options: {},
    takes: [1, 1],
    run: async ({ host, args }) => shown(host, await service(host, args)),
  },
  install: {
    synopsis: '<source>',
    summary: 'Installs an app: a folder of this computer, the https:// address of a git repository, or npm:<name>.',
    options: {
      id: { type: 'string', help: 'app ID, its subdomain (default: made from its name)' },
      ...versionOptions,
      user: { type: 'string', help: 'username of the owner (default: it is for everyone)' },
      config: {
        type: 'string',
        multiple: true,
        help: 'key=value that the app gets as an environment variable; repeatable',
      },
      ...scriptOptions,
    },
    takes: [1, 1],
    async run(call) {
      const { host, args, text, flag } = call
      const config = entries(call.texts('config'))
      const installed = await host.call(serviceSchema, API, 'install', {
        sourceUrl: sourceOf(args[0] ?? ''),
        ...given({ id: text('id'), desiredVersion: text('desiredVersion'), user: text('user') }),
        ...(Object.keys(config).length > 0 && { config }),
        ...(flag('allowScripts') && { allowScripts: true }),
      })
      const { id } = installed.settings
      const running = installed.status === 'active' ? '' : ' It could not be started yet; its log says why.'
      return { json: installed, text: `Installed ${id}: ${host.appAddress(id)}.${running}\n` }
    },
  },
  uninstall: {
    synopsis: '<id>',
    summary: 'Stops and removes an app. What it has stored stays.',
    options: {},
    takes: [1, 1],
    run: (call) => done(call, 'uninstall', 'Uninstalled'),
  },
  update: {
    synopsis: '<id>',
    summary: 'Brings an app to the newest version that its desired version allows.',
    options: { check: { type: 'boolean', help: 'only say whether there is one' }, ...scriptOptions },
    takes: [1, 1],
    async run({ host, args, flag }) {
      const [id = ''] = args
      if (flag('check')) {
        const versions = z.looseObject({
          hasUpdate: z.boolean(),
          installedVersion: z.string().nullish(),
          latestVersion: z.string().nullish(),
        })
        const found = await host.call(versions, API, 'checkForPackageUpdates', id)
        const [installed, latest] = [found.installedVersion || '(no version)', found.latestVersion || '(no version)']
        const text = found.hasUpdate
          ? `${id} ${installed} can be updated to ${latest}.\n`
          : `${id} ${installed} is up to date.\n`
        return { json: found, text: printable(text) }
      }
      const updated = z.looseObject({ installedVersion: z.string().nullish(), oldVersion: z.string().nullish() })
      const { installedVersion, oldVersion, ...rest } = await host.call(
        updated,
        API,
        'updatePackage',
        id,
        ...(flag('allowScripts') ? [{ allowScripts: true }] : []),
      )
      const text =
        installedVersion === oldVersion
          ? `${id} ${oldVersion || '(no version)'} is up to date.\n`
          : `Updated ${id} from ${oldVersion || '(no version)'} to ${installedVersion || '(no version)'}.\n`
      return { json: { installedVersion, oldVersion, ...rest }, text: printable(text) }
    },
  },
  cfg: {
    synopsis: '<id> [key=value …]',
    summary: 'Shows or changes what is set for an app. A value without text (key=) removes the key.',
    options: {
      id: { type: 'string', help: 'give the app another ID, and so another address' },
      sourceUrl: { type: 'string', help: 'where updates come from' },
      ...versionOptions,
    },
    takes: [1, Number.POSITIVE_INFINITY],
    async run(call) {
      const { host, args, text } = call
      const [id = '', ...pairs] = args
      const changes = entries(pairs)
      const { settings } = await service(host, args)
      const source = text('sourceUrl')
      const patch = given({
        id: text('id'),
        sourceUrl: source === undefined ? undefined : sourceOf(source),
        desiredVersion: text('desiredVersion'),
      })
      if (Object.keys(patch).length === 0 && pairs.length === 0) {
        const config = settings.config ?? {}
        const lines = Object.entries(config).map(([key, value]) => `${key}=${plain(value)}\n`)
        return { json: config, text: lines.join('') || `Nothing is set for ${id}.\n` }
      }
      const config = Object.entries({ ...settings.config, ...changes }).filter(
        ([key, value]) => value !== '' || !(key in changes),
      )
      await host.call(z.unknown(), API, 'configure', id, {
        ...patch,
        ...(pairs.length > 0 && { config: Object.fromEntries(config) }),
      })
      const answer = await shown(host, await service(host, [patch.id ?? id]))
      const hint = pairs.length > 0 ? `Changed. A running app gets it with: restart ${patch.id ?? id}\n` : 'Changed.\n'
      return { ...answer, text: hint }
    },
  },
  start: {
    synopsis: '<id>',
    summary: 'Starts an app and waits until it is ready.',
    options: {},
    takes: [1, 1],
    run: (call) => done(call, 'start', 'Started'),
  },
  stop: {
    synopsis: '<id>',
    summary: 'Stops an app; it stays stopped until it is started.',
    options: {},
    takes: [1, 1],
    run: (call) => done(call, 'stop', 'Stopped'),
  },
  restart: {
    synopsis: '<id>',
    summary: 'Stops an app and starts it again.',
    options: {},
    takes: [1, 1],
    run: (call) => done(call, 'restart', 'Restarted'),
  },
}

function service(host: HostConnection, [id = '']: string[]): Promise<Service> {
  return host.call(serviceSchema, API, 'get', id)
}

async function shown(host: HostConnection, found: Service): Promise<Answer> {
  const { status, key, settings } = found
  const lines: [string, string][] = [
    ['ID', settings.id],
    ['Title', settings.manifest?.title ?? settings.manifest?.name ?? settings.id],
    ['Status', status],
    ['Address', host.appAddress(settings.id)],
    ['Service key', key],
    ['Owner', settings.owningUserKey === 'system' ? 'everyone' : settings.owningUserKey],
    ['Source', settings.sourceUrl],
    ['Version', settings.package.installedVersion ?? '-'],
    ['Desired version', settings.desiredVersion ?? 'latest'],
  ]
  return { json: found, text: lines.map(([name, value]) => `${`${name}:`.padEnd(17)}${plain(value)}\n`).join('') }
}

async function done({ host, args }: CommandCall, method: string, word: string): Promise<Answer> {
  const [id = ''] = args
  await host.call(z.unknown(), API, method, id)
  return { json: { id }, text: `${word} ${id}.\n` }
}

/** As the API has it: a folder may be written as a path, also one from here on. */
function sourceOf(text: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(text)) return text
  const folder = resolve(text)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return pathToFileURL(folder).href
  throw new UsageError(`There is no folder ${folder}. A package of npm is written npm:${text}.`)
}

function entries(pairs: string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UsageError(`"${pair}" is not key=value.`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

/** Without what was not given. */
function given(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}

function printable(line: string): string {
  return `${plain(line.trimEnd())}\n`
}
