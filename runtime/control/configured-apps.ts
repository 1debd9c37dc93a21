import type { Apps } from '../apps/apps.ts'
import { AppError } from '../contract/errors.ts'
import type { ConfigFile } from '../core/config-file.ts'
import type { Disposable } from '../core/disposable.ts'
import type { Logger } from '../core/logger.ts'
import type { Identity } from '../identity/identity.ts'

export interface ConfiguredAppsDeps {
  apps: Pick<Apps, 'byId' | 'install'>
  identity: Pick<Identity, 'users' | 'usersChanged' | 'userSettings'>
  logger: Logger
  file: Pick<ConfigFile, 'coreServices' | 'defaultMainService'>
}

/**
 * Installs what config.json asks for: `coreServices`, for everyone, when the host starts; `defaultMainService`, for each
 * new user, as their main app. The host does not wait for it, and what cannot be installed is said in the log and tried
 * again at the next start (of a core service), so that a host without a network still starts.
 */
export class ConfiguredApps implements Disposable {
  readonly #deps: ConfiguredAppsDeps
  readonly #known: Set<string>
  readonly #listening: Disposable
  #stopped = false
  /** One after another: two installations at once could be given the same free app ID. */
  #last: Promise<void> = Promise.resolve()

  constructor(deps: ConfiguredAppsDeps) {
    this.#deps = deps
    const { identity, file } = deps
    this.#known = new Set(identity.users.list().map((user) => user.key))
    this.#listening = identity.usersChanged.on(() => {
      if (file.defaultMainService !== undefined) this.#findNewUsers(file.defaultMainService)
    })
    for (const service of file.coreServices ?? []) this.#queue(`core service ${service.id}`, () => this.#core(service))
  }

  /** Resolves when nothing is left to be installed. */
  settled(): Promise<void> {
    return this.#last
  }

  dispose(): void {
    this.#stopped = true
    this.#listening.dispose()
  }

  async #core(service: NonNullable<ConfigFile['coreServices']>[number]): Promise<void> {
    const there = this.#deps.apps.byId(service.id)
    if (there === null) {
      await this.#deps.apps.install({ actor: 'system', owner: 'system', id: service.id, ...sourceOf(service) })
    } else if (there.owner !== 'system') {
      throw new AppError('ID_TAKEN', `A user's app has the ID "${service.id}". Give one of the two another ID.`)
    }
  }

  #findNewUsers(service: Source): void {
    for (const { key } of this.#deps.identity.users.list()) {
      if (this.#known.has(key)) continue
      this.#known.add(key)
      this.#queue('default main service', () => this.#main(key, service))
    }
  }

  async #main(userKey: string, service: Source): Promise<void> {
    const { apps, identity } = this.#deps
    const app = await apps.install({ actor: 'system', owner: userKey, ...sourceOf(service) })
    // Meanwhile the person may have chosen one.
    if (identity.userSettings.mainApp(userKey) === null) {
      identity.userSettings.setMainApp('system', userKey, app.key)
    }
  }

  #queue(what: string, install: () => Promise<void>): void {
    this.#last = this.#last.then(async () => {
      if (this.#stopped) return
      try {
        await install()
      } catch (error) {
        // What the end of the host has cut short is no failure.
        if (this.#stopped) return
        const reason = error instanceof AppError ? { reason: error.message } : { error }
        this.#deps.logger.warn(`The ${what} of config.json could not be installed.`, reason)
      }
    })
  }
}

/** A source as config.json may have it: its address alone, or with what belongs to it. */
type Source = NonNullable<ConfigFile['defaultMainService']>

function sourceOf(source: Source) {
  if (typeof source === 'string') return { sourceUrl: source, allowScripts: false }
  const { sourceUrl, desiredVersion, config, allowScripts = false } = source
  return {
    sourceUrl,
    allowScripts,
    ...(desiredVersion !== undefined && { desiredVersion }),
    ...(config !== undefined && { config }),
  }
}
