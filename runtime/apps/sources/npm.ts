import { join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { errorCodes, explainFetchError } from '../fetch-error.ts'
import type { FetchContext, Fetched } from './source.ts'
import { fetchCounted, UnfoldedBytes } from './tarball-size.ts'

/** Options for pacote and arborist alike: one registry, nothing of the person's npm settings, no other transports. */
export function npmOptions(context: Pick<FetchContext, 'staging' | 'signal' | 'npmRegistry'>) {
  return {
    // Left out, npm's own default is asked; nothing of the person's npm settings is read.
    ...(context.npmRegistry !== undefined && { registry: context.npmRegistry }),
    // Goes with the staging folder, so that an installation leaves nothing behind.
    cache: join(context.staging, 'npm-cache'),
    signal: context.signal,
    timeout: LIMITS.sourceTimeout,
    fetchRetries: 1,
    // A43: packages of these kinds bring their own programs and scripts, in dependencies of dependencies too.
    allowGit: 'none',
    allowFile: 'none',
    allowDirectory: 'none',
    allowRemote: 'none',
    ignoreScripts: true,
  }
}

/** The version that the registry names for a range or tag; throws SOURCE_INVALID, SOURCE_UNREACHABLE. */
export async function latestNpm(name: string, range: string | null, context: FetchContext): Promise<string> {
  try {
    const { default: pacote } = await import('pacote')
    return (await pacote.manifest(`${name}@${range ?? 'latest'}`, npmOptions(context))).version
  } catch (error) {
    throw explain(error, name, range)
  }
}

/** Takes a package from the npm registry, checked against the registry's own integrity value. */
export async function fetchNpm(name: string, range: string | null, context: FetchContext): Promise<Fetched> {
  const folder = join(context.staging, 'package')
  const options = npmOptions(context)
  context.progress(`Asking the npm registry for ${name}`)
  try {
    // Loaded when it is needed, not at every start of the host.
    const { default: pacote } = await import('pacote')
    const manifest = await pacote.manifest(`${name}@${range ?? 'latest'}`, options)
    context.signal.throwIfAborted()
    context.progress(`Getting ${name} ${manifest.version}`)
    const spec = `${name}@${manifest.version}`
    const promised = { ...options, integrity: manifest._integrity, resolved: manifest._resolved }
    const integrity = await fetchCounted(spec, promised, new UnfoldedBytes())
    await pacote.extract(spec, folder, { ...promised, integrity })
    return {
      folder,
      sourceUrl: npmSource(name, range),
      sourceType: 'npm',
      desiredVersion: range,
      version: manifest.version,
      copied: true,
    }
  } catch (error) {
    throw explain(error, name, range)
  }
}

/** An npm package's address as it is kept: with what is wanted of it. */
export function npmSource(name: string, range: string | null): string {
  return range === null ? `npm:${name}` : `npm:${name}@${range}`
}

function explain(error: unknown, name: string, range: string | null): unknown {
  const codes = errorCodes(error)
  const invalid = (message: string) => new AppError('SOURCE_INVALID', message)
  if (codes.has('E404')) return invalid(`There is no npm package named ${name}. Check its name.`)
  if (codes.has('ETARGET') || codes.has('ENOVERSIONS')) {
    return invalid(`The npm package ${name} has no version ${range ?? ''}. Choose another one.`)
  }
  if (codes.has('EINTEGRITY')) {
    return invalid(`What the registry sent for ${name} is damaged or was changed. Try again later.`)
  }
  return explainFetchError(error, 'The npm registry') ?? error
}
