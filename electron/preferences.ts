import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { atomicWrite } from '../runtime/index.ts'
import { THEMES } from './ipc/contract.ts'

const schema = z.object({
  theme: z.enum(THEMES).default('system'),
  /** Whether the person has been told that closing the window leaves the host running. */
  toldAboutTray: z.boolean().default(false),
  lastUsername: z.string().max(256).nullable().default(null),
  window: z
    .object({
      x: z.number().int().optional(),
      y: z.number().int().optional(),
      width: z.number().int().min(100).max(20_000),
      height: z.number().int().min(100).max(20_000),
      maximized: z.boolean().default(false),
    })
    .nullable()
    .default(null),
})
export type PreferenceValues = z.infer<typeof schema>

/** What the shell remembers of this computer's user: how it looks, not what it does. A damaged file means defaults. */
export class PreferencesFile {
  readonly #file: string
  #values: PreferenceValues
  #writing: Promise<void> = Promise.resolve()

  private constructor(file: string, values: PreferenceValues) {
    this.#file = file
    this.#values = values
  }

  static async open(file: string): Promise<PreferencesFile> {
    let json: unknown = {}
    try {
      json = JSON.parse(await readFile(file, 'utf8'))
    } catch {
      // Missing or damaged; nothing in it is worth stopping for.
    }
    const parsed = schema.safeParse(json)
    return new PreferencesFile(file, parsed.success ? parsed.data : schema.parse({}))
  }

  get values(): PreferenceValues {
    return this.#values
  }

  /** One write after the other, so that the last one wins. */
  set(patch: Partial<PreferenceValues>): Promise<void> {
    this.#values = { ...this.#values, ...patch }
    const text = JSON.stringify(this.#values, null, 2)
    this.#writing = this.#writing.catch(() => {}).then(() => atomicWrite(this.#file, text))
    return this.#writing
  }
}
