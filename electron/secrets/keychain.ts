import { chmod, readFile } from 'node:fs/promises'
import { atomicWrite, type Logger } from '../../runtime/index.ts'

/** Where the panel's remembered token is kept. */
export interface SecretStore {
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
  /** False when secrets are in a file because the system has no keychain: the panel says so. */
  readonly isKeychain: boolean
}

const SERVICE = 'Atek Desktop'
/** A keychain may ask the person for its password; one that answers nothing at all is taken to be absent. */
const PROBE_TIMEOUT = 20_000

/** The system's keychain, or a file that only this user can read when there is none. */
export async function openSecretStore(fallbackFile: string, logger: Logger): Promise<SecretStore> {
  try {
    const keytar = (await import('keytar')).default
    await withTimeout(keytar.getPassword(SERVICE, 'probe'), PROBE_TIMEOUT)
    return {
      isKeychain: true,
      get: (name) => keytar.getPassword(SERVICE, name),
      set: (name, value) => keytar.setPassword(SERVICE, name, value),
      delete: async (name) => {
        await keytar.deletePassword(SERVICE, name)
      },
    }
  } catch (error) {
    logger.warn('no keychain; secrets are kept in a file that only this user can read', { error })
    return new SecretFile(fallbackFile)
  }
}

class SecretFile implements SecretStore {
  readonly isKeychain = false
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  async get(name: string): Promise<string | null> {
    return (await this.#read())[name] ?? null
  }

  async set(name: string, value: string): Promise<void> {
    await this.#write({ ...(await this.#read()), [name]: value })
  }

  async delete(name: string): Promise<void> {
    const { [name]: _gone, ...rest } = await this.#read()
    await this.#write(rest)
  }

  async #read(): Promise<Record<string, string>> {
    try {
      // Somebody may have copied the file and lost its mode on the way.
      await chmod(this.#file, 0o600)
      const json: unknown = JSON.parse(await readFile(this.#file, 'utf8'))
      if (typeof json !== 'object' || json === null) return {}
      return Object.fromEntries(Object.entries(json).filter(([, value]) => typeof value === 'string'))
    } catch {
      // Missing or damaged: the person signs in again, nothing else is lost.
      return {}
    }
  }

  async #write(secrets: Record<string, string>): Promise<void> {
    await atomicWrite(this.#file, JSON.stringify(secrets))
  }
}

function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The keychain did not answer.')), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
