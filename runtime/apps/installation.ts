import { mkdir, readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import semver from 'semver'
import { AppError } from '../contract/errors.ts'
import type { InstallReview, InstallStep } from '../contract/models.ts'
import { newKey } from '../core/ids.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { appTitle } from './app-title.ts'
import { checkAppId, checkConfig, checkIdentityHeaders, idTaken } from './configure.ts'
import { type DependencyPlan, NO_DEPENDENCIES, planDependencies } from './dependencies.ts'
import { packagesOf, remove } from './folders.ts'
import { type AppPackage, readPackage } from './manifest.ts'
import { checkPackage } from './package-check.ts'
import type { Registry } from './registry.ts'
import { describeReview } from './review.ts'
import { buildScripts, runScripts, scriptsOf } from './scripts.ts'
import { copyExample } from './sources/example.ts'
import { openFolder } from './sources/folder.ts'
import { fetchNpm } from './sources/npm.ts'
import { parseSource } from './sources/parse-source.ts'
import type { FetchContext, Fetched } from './sources/source.ts'
import { type HostPlace, openUpstream, upstreamPackage } from './sources/upstream.ts'
import type { AppsDeps, InstallInput, ReviewInput } from './types.ts'

export interface InstallationDeps
  extends Pick<AppsDeps, 'storage' | 'audit' | 'clock' | 'random' | 'paths' | 'node' | 'examplesFolder'> {
  npmRegistry?: string
  registry: Registry
  /** Asked for at each installation: the port may be another one than at the last start. */
  hostPlace(): HostPlace
}

/** What a package makes of an app's record. */
export type PlacedPackage = Pick<
  AppRecord,
  'sourceUrl' | 'sourceType' | 'desiredVersion' | 'installedVersion' | 'packageFolder' | 'manifest' | 'packageMeta'
>

export type Step = <T>(step: InstallStep, message: string, work: () => Promise<T>) => Promise<T>

/** What was reviewed. `build` is empty where there is nothing to build. */
interface Found {
  fetched: Fetched
  pkg: AppPackage
  plan: DependencyPlan
  build: [event: string, command: string][]
}

/**
 * One app on its way in: fetched and looked at, then, when the person agrees, put in place. Everything happens in a
 * staging folder of its own until one rename and one transaction make it an app. Steps throw; who calls removes
 * the staging folder.
 */
export class Installation {
  readonly staging: string
  readonly #deps: InstallationDeps
  readonly #step: Step
  readonly #signal: AbortSignal
  readonly #say: (message: string) => void
  #found: Found | null = null

  constructor(deps: InstallationDeps, progress: { step: Step; signal: AbortSignal; say(message: string): void }) {
    this.#deps = deps
    this.#step = progress.step
    this.#signal = progress.signal
    this.#say = progress.say
    this.staging = join(deps.paths.staging, newKey(deps.random))
  }

  async review(input: ReviewInput): Promise<InstallReview> {
    const source = parseSource(input.source, input.kind, input.desiredVersion)
    await mkdir(this.staging, { mode: 0o700 })
    const context = this.#context()
    const fetched = await this.#step('fetch', 'Getting the app', async () => {
      if (source.kind === 'upstream') return openUpstream(source.url, this.#deps.hostPlace(), this.#signal)
      if (source.kind === 'folder') return openFolder(source.folder)
      if (source.kind === 'git') {
        // Loaded when it is needed: reading git takes a tenth of a second to load, at every start of the host.
        const { fetchGit } = await import('./sources/git.ts')
        return fetchGit(source.url, source.range, context)
      }
      if (source.kind === 'npm') return fetchNpm(source.name, source.range, context)
      return copyExample(source.name, context)
    })
    const pkg = await this.#step('check', 'Looking at what it is', async () => {
      if (fetched.sourceType === 'upstream') return upstreamPackage(fetched.sourceUrl)
      if (fetched.copied) await checkPackage(fetched.folder, this.#signal)
      return readPackage(fetched.folder, { mayLackMain: fetched.sourceType === 'git' })
    })
    const build = fetched.sourceType === 'git' ? buildScripts(pkg.scripts) : []
    const plan = await this.#step('dependencies', 'Looking at what it needs', async () =>
      fetched.copied ? planDependencies(pkg, context, { forBuild: build.length > 0 }) : NO_DEPENDENCIES,
    )
    this.#signal.throwIfAborted()
    this.#found = { fetched, pkg, plan, build }
    const hasModules = await stat(join(fetched.folder, 'node_modules')).then(
      () => true,
      () => false,
    )
    const taken = (id: string) => this.#deps.registry.byId(id) !== null
    return describeReview(input.reviewId, pkg, fetched, { plan, build, taken, hasModules })
  }

  /** Throws BAD_INPUT, ID_TAKEN: nothing is done yet, the person corrects it and goes on. */
  check(input: InstallInput): void {
    checkAppId(input.id)
    checkConfig(input.config ?? {})
    checkIdentityHeaders(input.identityHeaders ?? [])
    if (this.#deps.registry.byId(input.id) !== null) throw idTaken(input.id)
  }

  async install(input: InstallInput): Promise<AppRecord> {
    await this.complete(input.allowScripts)
    return this.#step('register', 'Putting it in place', () => this.#register(input))
  }

  /** Gets what the reviewed package needs; scripts run only when the person has agreed to them (A43). */
  async complete(allowScripts: boolean): Promise<void> {
    const { fetched, pkg, plan, build } = this.#reviewed()
    if (!fetched.copied) return
    await this.#step('dependencies', 'Getting what it needs', async () => {
      if (!allowScripts) {
        // What only the build needs is not fetched where nothing is built.
        const needed = build.length > 0 ? await planDependencies(pkg, this.#context(), { forBuild: false }) : plan
        await needed.install()
        return
      }
      const scripted = await plan.install()
      const own = await scriptsOf(fetched.folder, false)
      const { name, version } =
        pkg.meta.name === null ? { name: 'the app', version: '' } : { name: pkg.meta.name, version: pkg.version ?? '' }
      const building = { folder: fetched.folder, name, version, scripts: build, optional: false }
      await runScripts([...scripted, ...own, building], { ...this.#context(), node: this.#deps.node })
      await plan.prune()
    })
    await this.#step('check', 'Checking what was fetched', () => checkPackage(fetched.folder, this.#signal))
  }

  /**
   * Moves the package to its place below packages/<key>, beside what is there already, and says what is to be written
   * about it. Until that is written, the next start of the host removes it again.
   */
  async place(key: string): Promise<PlacedPackage> {
    const { fetched, pkg: first } = this.#reviewed()
    // Read again: dependencies and scripts came after the first look.
    const pkg = fetched.sourceType === 'upstream' ? first : await readPackage(fetched.folder)
    const version = fetched.version ?? pkg.version
    return {
      sourceUrl: fetched.sourceUrl,
      sourceType: fetched.sourceType,
      desiredVersion: fetched.desiredVersion,
      installedVersion: version,
      packageFolder: fetched.copied ? await this.#moveIn(key, version) : fetched.folder,
      manifest: pkg.manifest,
      packageMeta: pkg.meta,
    }
  }

  async #register(input: InstallInput): Promise<AppRecord> {
    const { storage, registry, random, paths, clock, audit } = this.#deps
    const { fetched } = this.#reviewed()
    const key = newKey(random)
    const placed = await this.place(key)
    const record: AppRecord = {
      key,
      id: input.id,
      owner: input.owner,
      ...placed,
      config: checkConfig(input.config ?? {}),
      autostart: placed.manifest.autostart ?? 'on-request',
      enabled: true,
      installedAt: clock.now(),
      identityHeaders: checkIdentityHeaders(input.identityHeaders ?? []),
      externalOrigins: [],
    }
    try {
      this.#signal.throwIfAborted()
      registry.commit(key, (table) => {
        // Asked again here: fetching takes its time, and an account that was deleted meanwhile would leave behind an
        // app that runs and is nobody's.
        if (input.owner !== 'system' && storage.users.get(input.owner) === null) {
          throw new AppError('NOT_FOUND', 'The owner that you chose does not exist any more. Choose another one.')
        }
        table.insert(record)
        audit.record({
          action: 'app.install',
          actor: input.actor,
          subject: key,
          details: {
            id: input.id,
            title: appTitle(record),
            owner: input.owner,
            sourceUrl: placed.sourceUrl,
            version: placed.installedVersion,
            scriptsRan: fetched.copied && input.allowScripts,
            ...(record.identityHeaders.length > 0 && { identityHeaders: record.identityHeaders }),
          },
        })
      })
    } catch (error) {
      await remove(packagesOf(paths, key))
      throw error
    }
    return record
  }

  /** One rename on one disk: the package is there as a whole, or not at all. */
  async #moveIn(key: string, version: string | null): Promise<string> {
    const folder = packagesOf(this.#deps.paths, key)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // A version comes from outside and becomes the name of a folder: only what semver has checked (C45).
    const name = semver.valid(version) ?? '0.0.0'
    // Another source may call itself the same version as the one that runs.
    const taken = (await readdir(folder)).includes(name)
    const target = join(folder, taken ? `${name}-${newKey(this.#deps.random).slice(0, 8)}` : name)
    await rename(this.#reviewed().fetched.folder, target)
    return target
  }

  #reviewed(): Found {
    if (this.#found === null) throw new Error('An installation is reviewed before it is installed.')
    return this.#found
  }

  #context(): FetchContext {
    return {
      staging: this.staging,
      signal: this.#signal,
      progress: this.#say,
      examplesFolder: this.#deps.examplesFolder,
      npmRegistry: this.#deps.npmRegistry,
    }
  }
}
