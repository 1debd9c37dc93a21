/** Unpacks archives from the network. An entry that would be written outside the target folder ends the whole thing. */
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SetupError } from './report.mjs'

const S_IFMT = 0o170000
const S_IFREG = 0o100000
const S_IFDIR = 0o040000

/**
 * The place of an entry in the folder.
 * @param {string} folder
 * @param {string} name
 */
export function placeOf(folder, name) {
  const path = normalize(name)
  // C45: absolute paths, drive letters, `..` and backslashes are refused, never repaired.
  if (
    name.includes('\\') ||
    name.includes('\0') ||
    /^[a-z]:/i.test(name) ||
    isAbsolute(path) ||
    path.split(sep)[0] === '..'
  ) {
    throw new SetupError(
      `The archive has an entry that leaves its folder (${JSON.stringify(name)}); it was not unpacked.`,
    )
  }
  return join(folder, path)
}

/**
 * Unpacks a zip file, one entry after the other.
 * @param {string} file
 * @param {string} folder
 * @param {(name: string) => string | null} rename The name to write an entry under, or null to leave it out.
 */
export async function unzip(file, folder, rename) {
  const { openPromise } = await import('yauzl')
  const zip = await openPromise(file, { strictFileNames: true, lazyEntries: true, autoClose: false })
  try {
    for await (const entry of zip.eachEntry()) await unzipEntry(zip, entry, folder, rename)
  } finally {
    zip.close()
  }
}

/**
 * @param {import('yauzl').ZipFile} zip
 * @param {import('yauzl').Entry} entry
 * @param {string} folder
 * @param {(name: string) => string | null} rename
 */
async function unzipEntry(zip, entry, folder, rename) {
  placeOf(folder, entry.fileName)
  const name = rename(entry.fileName)
  if (name === null) return
  const place = placeOf(folder, name)
  const kind = (entry.externalFileAttributes >>> 16) & S_IFMT
  if (entry.fileName.endsWith('/') || kind === S_IFDIR) {
    await mkdir(place, { recursive: true })
    return
  }
  // A link in an archive can point out of the folder; nothing that we unpack needs one.
  if (kind !== 0 && kind !== S_IFREG) {
    throw new SetupError(`The archive has a link or a device (${entry.fileName}); it was not unpacked.`)
  }
  await mkdir(dirname(place), { recursive: true })
  // 'wx': a second entry of the same name is an error, not an overwrite.
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(place, { flags: 'wx' }))
}
