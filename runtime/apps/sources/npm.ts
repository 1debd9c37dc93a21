import { join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { errorCodes, explainFetchError } from '../fetch-error.ts'
import type { FetchContext, Fetched } from './source.ts'

/** Options for pacote and arborist alike: one registry, nothing of the person's npm settings, no other transports. */
export function npmOptions(context: Pick<FetchContext, 'staging' | 'signal' | 'npmRegistry'>) {
  return {
    registry: context.npmRegistry,
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
    await pacote.extract(`${name}@${manifest.version}`, folder, { ...options, integrity: manifest._integrity })
    return {
      folder,
      sourceUrl: range === null ? `npm:${name}` : `npm:${name}@${range}`,
      sourceType: 'npm',
      desiredVersion: range,
      version: manifest.version,
      copied: true,
    }
  } catch (error) {
    const codes = errorCodes(error)
    if (codes.has('E404')) {
      throw new AppError('SOURCE_INVALID', `There is no npm package named ${name}. Check its name.`)
    }
    if (codes.has('ETARGET') || codes.has('ENOVERSIONS')) {
      throw new AppError('SOURCE_INVALID', `The npm package ${name} has no version ${range ?? ''}. Choose another one.`)
    }
    if (codes.has('EINTEGRITY')) {
      throw new AppError(
        'SOURCE_INVALID',
        `What the registry sent for ${name} is damaged or was changed. Try again later.`,
      )
    }
    throw explainFetchError(error, 'The npm registry') ?? error
  }
}
