import { realpath, stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { AppError } from '../../contract/errors.ts'
import type { Fetched } from './source.ts'

/** A folder of this computer is run where it is: changes in it are seen at the app's next start. */
export async function openFolder(folder: string): Promise<Fetched> {
  const real = await realpath(folder).catch(() => null)
  if (real === null || !(await stat(real)).isDirectory()) {
    throw new AppError('SOURCE_INVALID', `There is no folder ${folder}. Check the path.`)
  }
  return {
    folder: real,
    sourceUrl: pathToFileURL(real).href,
    sourceType: 'file',
    desiredVersion: null,
    version: null,
    copied: false,
  }
}
