import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, toErrorData } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { UpdateCheck, UpdateResult } from '../contract/models.ts'
import { newKey } from '../core/ids.ts'
import type { AppRecord } from '../storage/apps-table.ts'
import { appTitle } from './app-title.ts'
import { checkChange } from './configure.ts'
import { cancelled, fetchFailed } from './fetch-error.ts'
import { packagesOf, remove, removeOtherVersions } from './folders.ts'
import type { IconCache } from './icon.ts'
import { Installation, type InstallationDeps, type PlacedPackage } from './installation.ts'
import type { AppLogs } from './logs/app-logs.ts'
import { kindOfSource } from './sources/parse-source.ts'
import type { FetchContext } from './sources/source.ts'
import type { Supervisor } from './supervisor.ts'
import type { ActorKey, AppsDeps, ConfigureInput, ReviewInput, ScriptConsent } from './types.ts'
import { checkForUpdate, sourceKind } from './version-check.ts'

export interface UpdaterDeps extends InstallationDeps, Pick<AppsDeps, 'logger'> {
  supervisor: Supervisor
  logs: AppLogs
  icons: IconCache
}

/** What a switch writes beside the package itself, and how the audit log calls it. */
interface Switch {
  action: 'app.update' | 'app.configure'
  patch: Partial<AppRecord>
  details: Record<string, unknown>
}

/**
 * Updates of installed apps. The new version is put beside the old one, started, and when it is ready one transaction
 * makes it the app's; until then the row names the old version, so that a failure, a cancelled host or `kill -9` leads
 * back to it. What is left over in packages is removed here, or at the host's next start.
 */
export class Updater {
  readonly #deps: UpdaterDeps
  /** One at a time for each app. */
  readonly #running = new Map<string, { abort: AbortController; done: Promise<unknown> }>()

  constructor(deps: UpdaterDeps) {
    this.#deps = deps
  }

  /** Throws SOURCE_UNREACHABLE, SOURCE_INVALID, NOT_FOUND. */
  check(key: string): Promise<UpdateCheck> {
    const record = this.#deps.registry.need(key)
    return this.#bounded(new AbortController(), (context) => checkForUpdate(record, context))
  }

  /**
   * Switches to the newest version in the wanted range; does nothing when the app has it. Throws APP_START_FAILED (the
   * old version is back), CONFLICT, SCRIPTS_UNDECIDED, and what fetching throws.
   */
  update(actor: ActorKey, key: string, allowScripts: ScriptConsent): Promise<UpdateResult> {
    return this.#exclusive(key, async (context) => {
      const record = this.#deps.registry.need(key)
      const { installedVersion: oldVersion, sourceUrl, desiredVersion } = record
      const { hasUpdate } = await checkForUpdate(record, context)
      if (!hasUpdate) return { installedVersion: oldVersion, oldVersion }
      const source = { source: sourceUrl, kind: sourceKind(record), ...(desiredVersion !== null && { desiredVersion }) }
      const placed = await this.#switch(actor, record, { ...source, allowScripts }, context, (found) => ({
        action: 'app.update',
        patch: onlyPackage(found),
        details: { from: oldVersion, to: found.installedVersion },
      }))
      return { installedVersion: placed.installedVersion, oldVersion }
    })
  }

  /** Takes the app from another address from now on, together with the other changes, or changes nothing at all. */
  moveTo(actor: ActorKey, key: string, sourceUrl: string, change: ConfigureInput): Promise<void> {
    return this.#exclusive(key, async (context) => {
      const { registry } = this.#deps
      const record = registry.need(key)
      const { desiredVersion, ...rest } = change
      // Refused before anything is fetched.
      checkChange(this.#deps, record, rest)
      const source = {
        source: sourceUrl,
        kind: kindOfSource(sourceUrl),
        ...(desiredVersion !== undefined && { desiredVersion }),
      }
      // No scripts: nobody was shown what the other source would run (A43).
      await this.#switch(actor, record, { ...source, allowScripts: false }, context, (found) => {
        const { patch, details } = checkChange(this.#deps, registry.need(key), rest)
        const from = { sourceUrl: record.sourceUrl, version: record.installedVersion }
        const to = { sourceUrl: found.sourceUrl, version: found.installedVersion }
        return { action: 'app.configure', patch: { ...patch, ...found }, details: { ...details, source: { from, to } } }
      })
    })
  }

  /** Ends what is under way. The supervisor is to be disposed at the same time: it ends a start that is tried out. */
  async dispose(): Promise<void> {
    const running = [...this.#running.values()]
    for (const { abort } of running) abort.abort(cancelled())
    await Promise.allSettled(running.map(({ done }) => done))
  }

  async #switch(
    actor: ActorKey,
    before: AppRecord,
    {
      allowScripts,
      ...source
    }: Pick<ReviewInput, 'source' | 'kind' | 'desiredVersion'> & { allowScripts: ScriptConsent },
    context: FetchContext,
    plan: (placed: PlacedPackage) => Switch,
  ): Promise<PlacedPackage> {
    const { registry, supervisor, audit, icons } = this.#deps
    const { key } = before
    const { signal } = context
    const say = (text: string) => this.#deps.logs.write(key, 'host', [text])
    const installation = new Installation(this.#deps, {
      signal,
      say: () => {},
      step: async (_step, _message, work) => {
        signal.throwIfAborted()
        return work()
      },
    })
    let placed: PlacedPackage
    try {
      const { scripts } = await installation.review({ ...source, reviewId: newKey(this.#deps.random), actor })
      await installation.complete(decided(allowScripts, scripts, before))
      signal.throwIfAborted()
      placed = await installation.place(key)
    } finally {
      await remove(installation.staging)
    }
    try {
      const { action, patch, details } = plan(placed)
      say(`Trying version ${placed.installedVersion ?? 'without a number'}.`)
      await supervisor.tryChange(key, patch, () =>
        registry.commit(key, (table) => {
          table.update(key, patch)
          audit.record({ action, actor, subject: key, details })
        }),
      )
    } catch (error) {
      await this.#rolledBack(actor, before, placed, error)
      throw registry.get(key) === null ? error : kept(error, before, placed)
    }
    const after = registry.get(key)
    // Uninstalled in this very moment: its folders are the uninstallation's to remove.
    if (after === null) return placed
    await icons.load(after)
    await removeOtherVersions(this.#deps.paths, after).catch((error) => {
      // It lies there until the next start of the host.
      this.#deps.logger.warn('the old version of an app could not be removed', { key, error })
    })
    return placed
  }

  async #rolledBack(actor: ActorKey, before: AppRecord, placed: PlacedPackage, error: unknown): Promise<void> {
    const { registry, audit, paths, logger, logs } = this.#deps
    const { key } = before
    const gone = registry.get(key) === null
    if (gone) await remove(packagesOf(paths, key))
    else if (placed.packageFolder !== before.packageFolder && placed.sourceType !== 'file')
      await remove(placed.packageFolder)
    if (gone) return
    const { message } = toErrorData(error)
    logs.write(key, 'host', [`The update failed; ${before.installedVersion ?? 'the version before'} is kept.`])
    try {
      registry.commit(key, () =>
        audit.record({
          action: 'app.update',
          actor,
          subject: key,
          outcome: 'failed',
          details: { from: before.installedVersion, to: placed.installedVersion, reason: message },
        }),
      )
    } catch (failure) {
      // On a full disk the reason of the failed update is still what the caller must hear.
      logger.error('a failed update could not be recorded', { key, error: failure })
    }
  }

  async #exclusive<T>(key: string, run: (context: FetchContext) => Promise<T>): Promise<T> {
    const record = this.#deps.registry.need(key)
    if (this.#running.has(key)) {
      throw new AppError('CONFLICT', `${appTitle(record)} is being updated already. Wait until that is done.`)
    }
    const abort = new AbortController()
    const done = this.#bounded(abort, run).finally(() => this.#running.delete(key))
    this.#running.set(key, { abort, done })
    return done
  }

  /** With a staging folder of its own, and an end to it. */
  async #bounded<T>(abort: AbortController, run: (context: FetchContext) => Promise<T>): Promise<T> {
    const { paths, random, clock, logger, examplesFolder, npmRegistry } = this.#deps
    const staging = join(paths.staging, newKey(random))
    const timer = clock.after(LIMITS.installTimeout, () =>
      abort.abort(new AppError('SOURCE_UNREACHABLE', 'Fetching the app took too long. Try again later.')),
    )
    try {
      await mkdir(staging, { mode: 0o700 })
      const context = { staging, signal: abort.signal, progress: () => {}, examplesFolder }
      return await run({ ...context, npmRegistry })
    } catch (error) {
      const shown = abort.signal.aborted ? fetchFailed(abort.signal.reason) : fetchFailed(error)
      if (shown.code === 'INTERNAL') logger.error('an update failed', { error })
      throw shown
    } finally {
      timer.dispose()
      await remove(staging).catch((error) => logger.warn('a staging folder could not be removed', { error }))
    }
  }
}

/** What is wrong with a version that was only tried is nothing that a person has to repair: the one before is back. */
function kept(error: unknown, before: AppRecord, placed: PlacedPackage): unknown {
  if (!(error instanceof AppError) || error.code !== 'APP_START_FAILED') return error
  const [tried, back] = [placed.installedVersion ?? 'The new version', before.installedVersion ?? 'the one before']
  const message = `${tried} did not start, so ${back} is kept. The log says why.`
  return new AppError(error.code, message, error.details, { cause: error })
}

/** Scripts of an update run only when a person has seen them and agreed (A43). */
function decided(consent: ScriptConsent, scripts: Record<string, string>, app: AppRecord): boolean {
  if (consent !== 'ask') return consent
  if (Object.keys(scripts).length === 0) return false
  const message = `The new version of ${appTitle(app)} wants to run scripts. Decide whether it may.`
  throw new AppError('SCRIPTS_UNDECIDED', message, { scripts })
}

/** An update leaves alone what a person has chosen: the address, and the range of versions. */
function onlyPackage({ installedVersion, packageFolder, manifest, packageMeta }: PlacedPackage): Partial<AppRecord> {
  return { installedVersion, packageFolder, manifest, packageMeta }
}
