import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { execa } from 'execa'
import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { maskText } from '../core/mask.ts'
import { systemEnvironment } from './process/environment.ts'
import { killGroup } from './process/kill.ts'
import { killMarked, MARKERS } from './process/sweeper.ts'
import { writeNodeShim, writeNpmShim } from './shims.ts'
import type { NodeRuntime } from './types.ts'

const EVENTS = ['preinstall', 'install', 'postinstall'] as const

/** A package with the scripts that npm would run when it is installed, in their order. */
export interface ScriptedPackage {
  folder: string
  name: string
  version: string
  scripts: [event: string, command: string][]
  /** The app does without it, if its scripts fail. */
  optional: boolean
}

const packageJsonSchema = z.object({
  name: z.string().default(''),
  version: z.string().default(''),
  scripts: z.record(z.string(), z.unknown()).catch({}).default({}),
})

/** Empty when the package has no such scripts. https://docs.npmjs.com/cli/using-npm/scripts#npm-install */
export async function scriptsOf(folder: string, optional: boolean): Promise<ScriptedPackage[]> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}')
  const { name, version, scripts } = packageJsonSchema.parse(JSON.parse(text.replace(/^\uFEFF/, '')))
  const found = installScripts(scripts)
  if (found.length === 0 && (await exists(join(folder, 'binding.gyp')))) found.push(['install', 'node-gyp rebuild'])
  return found.length === 0 ? [] : [{ folder, name, version, scripts: found, optional }]
}

export function installScripts(scripts: Record<string, unknown>): [event: string, command: string][] {
  return EVENTS.flatMap((event): [string, string][] => {
    const command = scripts[event]
    return typeof command === 'string' && command.trim() !== '' ? [[event, command]] : []
  })
}

/**
 * What makes a package of a repository runnable: `build`, as `npm run build` would; without one `prepare`, which npm
 * runs for packages from git. What is published in a registry has been built by its author.
 * https://docs.npmjs.com/cli/using-npm/scripts
 */
export function buildScripts(scripts: Record<string, string>): [event: string, command: string][] {
  const event = scripts.build?.trim() ? 'build' : 'prepare'
  if (!scripts[event]?.trim()) return []
  return [`pre${event}`, event, `post${event}`].flatMap((name): [string, string][] => {
    const command = scripts[name]
    return command?.trim() ? [[name, command]] : []
  })
}

export interface ScriptContext {
  node: NodeRuntime
  /** The installation's folder in staging; what runs is recognised by it, and the app lies below it. */
  staging: string
  signal: AbortSignal
  progress(message: string): void
}

/**
 * Runs scripts that the person has agreed to, one after the other, with the environment of an app and not the host's.
 * A laptop has no Node: a folder on PATH has a `node` that is the host's own, and an `npm` that can run scripts.
 * Throws SOURCE_INVALID when one fails.
 */
export async function runScripts(packages: ScriptedPackage[], context: ScriptContext): Promise<void> {
  const shims = join(context.staging, 'bin')
  await writeNodeShim(shims, context.node)
  await writeNpmShim(shims)
  for (const pkg of packages) {
    for (const [event, command] of pkg.scripts) {
      context.signal.throwIfAborted()
      context.progress(`Running ${event} of ${pkg.name}`)
      await runScript(pkg, event, command, shims, context)
    }
  }
}

async function runScript(
  pkg: ScriptedPackage,
  event: string,
  command: string,
  shims: string,
  { node, staging, signal }: ScriptContext,
): Promise<void> {
  const windows = process.platform === 'win32'
  const system = systemEnvironment()
  // Into a file: a pipe would be held open by whatever the script leaves running.
  const output = await open(join(staging, 'script.log'), 'w+')
  const log = output.createWriteStream({ autoClose: false })
  try {
    const child = execa(windows ? 'cmd' : 'sh', [...(windows ? ['/d', '/s', '/c'] : ['-c']), command], {
      cwd: pkg.folder,
      extendEnv: false,
      env: {
        ...system,
        PATH: [...binFolders(pkg.folder, staging), shims, system.PATH].join(delimiter),
        [MARKERS.script]: staging,
        HOME: join(staging, 'home'),
        INIT_CWD: join(staging, 'package'),
        npm_lifecycle_event: event,
        npm_lifecycle_script: command,
        npm_package_name: pkg.name,
        npm_package_version: pkg.version,
        npm_node_execpath: node.execPath,
      },
      detached: !windows,
      windowsHide: true,
      stdin: 'ignore',
      stdout: log,
      stderr: log,
      reject: false,
    })
    const end = () => child.pid !== undefined && void killGroup(child.pid)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    const { exitCode } = await child
    signal.removeEventListener('abort', end)
    // An installation leaves nothing running.
    if (child.pid !== undefined) await killGroup(child.pid)
    await killMarked((entry) => entry === `${MARKERS.script}=${staging}`)
    signal.throwIfAborted()
    if (exitCode === 0 || pkg.optional) return
    throw new AppError(
      'SOURCE_INVALID',
      `The script ${event} of ${pkg.name} failed, so nothing was installed. Try without scripts, or ask its author.`,
      { lastLines: await lastLines(output) },
    )
  } finally {
    await output.close()
  }
}

async function lastLines(file: FileHandle): Promise<string[]> {
  const { size } = await file.stat()
  const buffer = Buffer.alloc(Math.min(size, 8192))
  await file.read(buffer, 0, buffer.length, size - buffer.length)
  return maskText(buffer.toString('utf8').trim()).split('\n').slice(-10)
}

/** node_modules/.bin of the package and of all that it lies in, nearest first, as npm does. */
function binFolders(folder: string, top: string): string[] {
  const found: string[] = []
  for (let at = folder; at.length > top.length; at = dirname(at)) found.push(join(at, 'node_modules', '.bin'))
  return found
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
