import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Arborist from '@npmcli/arborist'
import semver from 'semver'
import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { errorCodes, explainFetchError } from './fetch-error.ts'
import type { AppPackage } from './manifest.ts'
import { type ScriptedPackage, scriptsOf } from './scripts.ts'
import { npmOptions } from './sources/npm.ts'
import type { FetchContext } from './sources/source.ts'
import { fetchCounted, UnfoldedBytes } from './sources/tarball-size.ts'

/** What an app needs beside its own files. */
export interface DependencyPlan {
  count: number
  /** Lifecycle scripts that they would run: package -> what it runs. */
  scripts: Record<string, string>
  /** Fetches them into node_modules; returns those that have scripts, dependencies before those that need them. */
  install(): Promise<ScriptedPackage[]>
  /** Removes again what was only needed for building. */
  prune(): Promise<void>
}

export const NO_DEPENDENCIES: DependencyPlan = { count: 0, scripts: {}, install: async () => [], prune: async () => {} }

/**
 * Finds out what would be fetched, before the person agrees to it; nothing but names and versions is asked for yet.
 * Scripts are never run here. Throws SOURCE_INVALID where a dependency is not from the registry (A43).
 * @param options forBuild: with what only its build needs
 */
export async function planDependencies(
  pkg: AppPackage,
  context: FetchContext,
  options: { forBuild: boolean },
): Promise<DependencyPlan> {
  const needed = options.forBuild ? { ...pkg.dependencies, ...pkg.devDependencies } : pkg.dependencies
  const names = Object.keys({ ...pkg.optionalDependencies, ...needed })
  if (names.length === 0) return NO_DEPENDENCIES
  if (await areBundled(pkg.folder, needed)) return { ...NO_DEPENDENCIES, count: names.length }

  context.progress('Looking up what the app depends on')
  const restore = options.forBuild ? async () => {} : await withoutDevDependencies(pkg.folder)
  try {
    // Loaded when it is needed: it alone takes a sixth of a second, which every start of the host would wait for.
    const { default: Loaded } = await import('@npmcli/arborist')
    const treeOptions = {
      ...npmOptions(context),
      path: pkg.folder,
      workspacesEnabled: false,
      audit: false,
      progress: false,
    }
    const arborist = new Loaded(treeOptions)
    const tree = await arborist.buildIdealTree()
    const nodes = [...tree.inventory.values()].filter((node) => !node.isRoot)
    if (nodes.length > LIMITS.packageFiles) throw new AppError('TOO_LARGE', 'The app depends on too many packages.')
    return {
      count: nodes.length,
      scripts: Object.assign({}, ...nodes.filter(hasScripts).map((node) => describeScripts(node))),
      install: async () => {
        const omit = options.forBuild ? [] : DEV_ONLY
        await countFirst(nodes, npmOptions(context)).catch((error: unknown) => {
          throw explain(error)
        })
        const actual = await arborist.reify({ save: false, omit }).catch((error: unknown) => {
          throw explain(error)
        })
        await restore()
        const installed = [...actual.inventory.values()].filter((node) => !node.isRoot)
        // The deeper a package lies, the more depend on it.
        installed.sort((a, b) => b.location.length - a.location.length)
        return (await Promise.all(installed.map((node) => scriptsOf(node.path, node.optional)))).flat()
      },
      prune: async () => {
        if (options.forBuild) await new Loaded(treeOptions).reify({ save: false, omit: DEV_ONLY })
      },
    }
  } catch (error) {
    throw explain(error)
  }
}

const DEV_ONLY: ['dev'] = ['dev']

/** How many packages are fetched at a time. */
const FETCHES = 8

/** Gets the packages into npm's cache, counted; from there arborist then takes the very same bytes (A42). */
async function countFirst(nodes: readonly TreeNode[], options: ReturnType<typeof npmOptions>): Promise<void> {
  const bytes = new UnfoldedBytes()
  const waiting = nodes.filter((node) => !node.isLink && !node.inBundle && node.resolved?.startsWith('http'))
  const worker = async () => {
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      const promised = { ...options, resolved: node.resolved ?? undefined, integrity: node.integrity ?? undefined }
      node.integrity = await fetchCounted(`${node.packageName}@${node.version}`, promised, bytes).catch((error) => {
        // What is not for this computer, or not there, arborist leaves out by itself.
        if (node.optional && !(error instanceof AppError)) return node.integrity
        throw error
      })
    }
  }
  await Promise.all(Array.from({ length: FETCHES }, worker))
}

/** Whether everything is there already, as in packages that bring their dependencies along. */
async function areBundled(folder: string, dependencies: Record<string, string>): Promise<boolean> {
  for (const [name, range] of Object.entries(dependencies)) {
    // A name is a path here: it must be one that npm would use as a folder.
    if (!/^(@[\w.~-]+\/)?[\w.~-]+$/.test(name) || name.includes('..')) return false
    const text = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8').catch(() => null)
    if (text === null) return false
    const parsed = z.object({ version: z.string() }).safeParse(parse(text))
    if (!parsed.success || !semver.satisfies(parsed.data.version, range)) return false
  }
  return true
}

/**
 * Arborist would ask the registry for what only the app's author needs, too. The file is as it was again once the
 * dependencies are in place; the package lies in staging until then.
 */
async function withoutDevDependencies(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'package.json')
  const text = await readFile(file, 'utf8')
  const content = parse(text.replace(/^\uFEFF/, ''))
  if (typeof content !== 'object' || content === null || !('devDependencies' in content)) return async () => {}
  const { devDependencies: _, ...rest } = content
  await writeFile(file, JSON.stringify(rest, null, 2))
  return () => writeFile(file, text)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

type TreeNode = Arborist.Node

function hasScripts(node: TreeNode): boolean {
  return 'hasInstallScript' in node && node.hasInstallScript === true
}

function describeScripts(node: TreeNode): Record<string, string> {
  // The registry says that there are scripts, and not which, until the package is fetched.
  return { [`${node.name}@${node.version}`]: 'its own installation script' }
}

function explain(error: unknown): unknown {
  const codes = errorCodes(error)
  const name = error instanceof Error && 'package' in error ? String(error.package) : null
  if ([...codes].some((code) => code.startsWith('EALLOW'))) {
    return new AppError(
      'SOURCE_INVALID',
      `The app depends on ${name ?? 'a package'}, which is not from the npm registry. Atek installs from there only.`,
    )
  }
  if (['EUNSUPPORTEDPROTOCOL', 'EINVALIDPACKAGENAME', 'EINVALIDTAGNAME'].some((code) => codes.has(code))) {
    return new AppError(
      'SOURCE_INVALID',
      'The app names a dependency that is not from the npm registry. Ask its author.',
    )
  }
  if (codes.has('E404') || codes.has('ETARGET')) {
    return new AppError(
      'SOURCE_INVALID',
      'The app depends on a package that the npm registry does not have. Ask its author.',
    )
  }
  if (codes.has('ERESOLVE')) {
    return new AppError(
      'SOURCE_INVALID',
      'The packages that the app depends on contradict one another. Ask its author.',
    )
  }
  if (codes.has('EINTEGRITY')) {
    return new AppError(
      'SOURCE_INVALID',
      'A package that the app depends on is damaged or was changed. Try again later.',
    )
  }
  return explainFetchError(error, 'The npm registry') ?? error
}
