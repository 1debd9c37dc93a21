import { createHash } from 'node:crypto'
import { createGunzip } from 'node:zlib'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { tooLarge } from './git-http.ts'
import type { npmOptions } from './npm.ts'

type Options = ReturnType<typeof npmOptions> & { integrity?: string | undefined; resolved?: string | undefined }

/** What the packages of one installation may still unfold to. */
export class UnfoldedBytes {
  #left: number = LIMITS.packageBytes

  /** Throws TOO_LARGE. */
  take(bytes: number): void {
    this.#left -= bytes
    if (this.#left < 0) throw tooLarge()
  }
}

/**
 * Fetches a package into npm's cache and counts what it unfolds to, without writing any of that: ten megabytes may hold
 * ten gigabytes, and once they are being written it is too late (A42). Throws TOO_LARGE as soon as it is too much.
 * @returns the integrity value of what was counted; whoever unpacks insists on it, and gets the same bytes
 */
export async function fetchCounted(spec: string, options: Options, bytes: UnfoldedBytes): Promise<string> {
  const { default: pacote } = await import('pacote')
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  try {
    return await pacote.tarball.stream(
      spec,
      async (tarball) => {
        const hash = createHash('sha512')
        const gunzip = createGunzip()
        // Also after the loop below has left it.
        gunzip.on('error', () => {})
        tarball.on('error', (error: Error) => gunzip.destroy(error))
        tarball.on('data', (chunk: Buffer) => hash.update(chunk))
        tarball.pipe(gunzip)
        for await (const chunk of gunzip) bytes.take((chunk as Buffer).length)
        return `sha512-${hash.digest('base64')}`
      },
      { ...options, signal },
    )
  } catch (error) {
    // The rest of it is not fetched either.
    stop.abort()
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!code.startsWith('Z_')) throw error
    throw new AppError('SOURCE_INVALID', 'A package from the npm registry is damaged. Try again later.')
  }
}
