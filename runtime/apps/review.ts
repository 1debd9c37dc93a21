import { LIMITS } from '../contract/limits.ts'
import type { InstallReview } from '../contract/models.ts'
import { isReservedAppId } from '../contract/schemas.ts'
import type { DependencyPlan } from './dependencies.ts'
import type { AppPackage } from './manifest.ts'
import { installScripts } from './scripts.ts'
import type { Fetched } from './sources/source.ts'

/** What a person is shown before anything is installed. */
export function describeReview(
  reviewId: string,
  pkg: AppPackage,
  fetched: Fetched,
  context: {
    plan: DependencyPlan
    build: [event: string, command: string][]
    taken(id: string): boolean
    hasModules: boolean
  },
): InstallReview {
  const { plan, build } = context
  return {
    reviewId,
    sourceUrl: fetched.sourceUrl,
    sourceType: fetched.sourceType,
    packageName: pkg.meta.name,
    title: pkg.title,
    description: pkg.description,
    version: fetched.version ?? pkg.version,
    author: pkg.manifest.author ?? pkg.meta.author,
    license: pkg.manifest.license ?? pkg.meta.license,
    exports: pkg.manifest.exports ?? [],
    // A folder is run as it is: its scripts are its developer's to run.
    scripts: fetched.copied
      ? { ...Object.fromEntries([...installScripts(pkg.scripts), ...build]), ...plan.scripts }
      : {},
    dependencies: fetched.copied ? plan.count : Object.keys(pkg.dependencies).length,
    suggestedId: suggestId(pkg, fetched, context.taken),
    warnings: warnings(pkg, fetched, context.hasModules),
  }
}

function warnings(pkg: AppPackage, fetched: Fetched, hasModules: boolean): string[] {
  const found: string[] = [...(fetched.warnings ?? [])]
  if (!fetched.copied && fetched.sourceType !== 'upstream') {
    found.push(
      'It runs from its folder: moving or deleting the folder breaks the app, and changes in it take effect at its next start.',
    )
    if (Object.keys(pkg.dependencies).length > 0 && !hasModules) {
      found.push('Its dependencies are not installed. Run "npm install" in its folder first.')
    }
  }
  if (pkg.mainIsMissing) {
    found.push(
      `Its start file ${pkg.meta.main} is made by its scripts. Allow them to run; without them it cannot be installed.`,
    )
  }
  if (fetched.version !== null && pkg.version !== null && fetched.version !== pkg.version) {
    found.push(`It was published as version ${fetched.version}, but calls itself ${pkg.version}.`)
  }
  return found
}

/** A free ID made of the app's name. */
export function suggestId(
  pkg: AppPackage,
  fetched: Pick<Fetched, 'sourceType' | 'sourceUrl'>,
  taken: (id: string) => boolean,
): string {
  const name =
    fetched.sourceType === 'example' ? fetched.sourceUrl.slice('example:'.length) : (pkg.meta.name ?? pkg.title)
  const slug = name
    .replace(/^@[^/]*\//, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, LIMITS.appIdLength - 4)
    .replace(/-+$/, '')
  const base = slug === '' || isReservedAppId(slug) ? (slug === '' ? 'app' : `${slug}-app`) : slug
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`
    if (!taken(id)) return id
  }
}
