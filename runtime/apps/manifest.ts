import { open, stat } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { type Manifest, manifestSchema } from '../contract/manifest.ts'
import { containedPath, OPEN_WITHOUT_WAITING } from '../core/contained-path.ts'
import type { PackageMeta } from '../storage/apps-table.ts'
import { buildScripts } from './scripts.ts'

/** npm writes the author as text or as an object. https://docs.npmjs.com/cli/configuring-npm/package-json */
const person = z.union([z.string(), z.looseObject({ name: z.string().optional() })])
const stringMap = z.record(z.string(), z.string())

/**
 * What we read of package.json. Descriptive fields of the wrong type are left out, as npm does; what is run or
 * fetched must be right.
 */
const packageJsonSchema = z.looseObject({
  name: z.string().max(214).optional().catch(undefined),
  version: z.string().max(256).optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  author: person.optional().catch(undefined),
  license: z.string().optional().catch(undefined),
  main: z.string().max(1024).optional(),
  scripts: stringMap.optional().catch(undefined),
  dependencies: stringMap.optional(),
  optionalDependencies: stringMap.optional(),
  // Needed for a build only; what is broken here need not keep the app from being installed without one.
  devDependencies: stringMap.optional().catch(undefined),
})
type PackageJson = z.infer<typeof packageJsonSchema>

/** A package as it lies in a folder: both its files, read and checked. */
export interface AppPackage {
  folder: string
  manifest: Manifest
  meta: PackageMeta
  /** The start file is not there yet: a build is to make it. */
  mainIsMissing: boolean
  version: string | null
  title: string
  description: string
  scripts: Record<string, string>
  dependencies: Record<string, string>
  optionalDependencies: Record<string, string>
  devDependencies: Record<string, string>
}

/**
 * Reads `atek.json` and `package.json`. Throws SOURCE_INVALID when the folder is no app, MANIFEST_INVALID when one of
 * the files is broken, both in a sentence that names the file, and the key or place in it.
 * @param options mayLackMain: a build is still to make the start file
 */
export async function readPackage(folder: string, options: { mayLackMain?: boolean } = {}): Promise<AppPackage> {
  const manifest = (await readJson(folder, 'atek.json', manifestSchema)) ?? {}
  const pkg = await readJson(folder, 'package.json', packageJsonSchema)
  const { main, isMissing } = await findMain(folder, pkg, options.mayLackMain ?? false)
  const author = typeof pkg?.author === 'string' ? pkg.author : pkg?.author?.name
  const name = pkg?.name ?? null
  return {
    folder,
    manifest,
    meta: { name, author: author ?? null, license: pkg?.license ?? null, main },
    mainIsMissing: isMissing,
    version: pkg?.version ?? null,
    title: manifest.title ?? manifest.name ?? name ?? folder.split(/[\\/]/).at(-1) ?? 'App',
    description: manifest.description ?? pkg?.description ?? '',
    scripts: pkg?.scripts ?? {},
    dependencies: pkg?.dependencies ?? {},
    optionalDependencies: pkg?.optionalDependencies ?? {},
    devDependencies: pkg?.devDependencies ?? {},
  }
}

/** The start file's absolute path, checked again at each start: links may have changed since (C45). */
export async function resolveMain(folder: string, main: string): Promise<string> {
  return containedPath(folder, main).catch(() => {
    throw new AppError(
      'MANIFEST_INVALID',
      `"main" in package.json, ${main}, leaves the app's folder. Correct it there.`,
    )
  })
}

/** As Node does: the file itself, with .js, or index.js in the folder of that name; without a `main`, index.js. */
async function findMain(
  folder: string,
  pkg: PackageJson | null,
  mayLack: boolean,
): Promise<{ main: string; isMissing: boolean }> {
  const wanted = pkg?.main ?? 'index.js'
  for (const main of [wanted, `${wanted}.js`, `${wanted.replace(/\/+$/, '')}/index.js`]) {
    if (await isFile(await resolveMain(folder, main))) return { main, isMissing: false }
  }
  if (pkg === null) {
    throw new AppError(
      'SOURCE_INVALID',
      'There is no package.json and no index.js there, so it is no app. Choose the folder that holds one of them.',
    )
  }
  const builds = buildScripts(pkg.scripts ?? {}).length > 0
  if (mayLack && builds) return { main: wanted, isMissing: true }
  throw new AppError(
    'MANIFEST_INVALID',
    builds
      ? `The app's start file ${wanted} is missing. Its scripts make it: allow them to run.`
      : `The app's start file ${wanted} is missing. Correct "main" in package.json.`,
  )
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

/** Null when the file is not there. */
async function readJson<T extends z.ZodType>(folder: string, name: string, schema: T): Promise<z.output<T> | null> {
  const broken = (what: string) => new AppError('MANIFEST_INVALID', `${name} ${what}`)
  const path = await containedPath(folder, name).catch((error: unknown) => {
    // A link out of the package would show a file of this computer as the app's own words (C45).
    if (error instanceof AppError) throw broken("is a link that leaves the app's folder. Put the file itself there.")
    throw error
  })
  const text = await readBounded(path)
  if (text === null) return null
  if (text === 'too large') throw broken(`is larger than ${LIMITS.manifestBytes / 1024} kB. Make it smaller.`)

  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const line = position === undefined ? text.split('\n').length : text.slice(0, Number(position)).split('\n').length
    throw broken(`is not valid JSON at line ${line}. Correct it there.`)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const key = issue?.path.map(String).join('.')
  throw broken(key ? `has a wrong value for "${key}": ${issue?.message}` : 'is no JSON object. Correct it.')
}

async function readBounded(path: string): Promise<string | null> {
  const file = await open(path, OPEN_WITHOUT_WAITING).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw error
  })
  if (file === null) return null
  try {
    const found = await file.stat()
    if (!found.isFile()) return null
    return found.size > LIMITS.manifestBytes ? 'too large' : await file.readFile('utf8')
  } finally {
    await file.close()
  }
}
