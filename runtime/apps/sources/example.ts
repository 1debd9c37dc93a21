import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { FetchContext, Fetched } from './source.ts'

/** Copies a bundled example: what ships may lie where it cannot be written to. */
export async function copyExample(name: string, context: FetchContext): Promise<Fetched> {
  const from = join(context.examplesFolder, name)
  const there = await stat(from).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!there) throw new AppError('SOURCE_INVALID', `There is no example "${name}". Choose one from the list.`)
  const folder = join(context.staging, 'package')
  context.progress('Copying the example')
  await copyTree(from, folder, context.signal)
  return {
    folder,
    sourceUrl: `example:${name}`,
    sourceType: 'example',
    desiredVersion: null,
    version: null,
    copied: true,
  }
}

/** Files and folders only; links are not followed and not copied. */
async function copyTree(from: string, to: string, signal: AbortSignal): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    signal.throwIfAborted()
    if (entry.isDirectory()) await copyTree(join(from, entry.name), join(to, entry.name), signal)
    else if (entry.isFile()) await copyFile(join(from, entry.name), join(to, entry.name))
  }
}
