import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { appIdSchema, configSchema, sourceUrlSchema } from '../contract/schemas.ts'
import { atomicWrite } from './atomic-write.ts'

export const DEFAULT_PORT = 8420
export const DEFAULT_DOMAIN = 'localhost'

const appSource = {
  sourceUrl: sourceUrlSchema,
  desiredVersion: z.string().max(256).optional(),
  config: configSchema.optional(),
  /** Whoever writes this file agrees to the scripts of what it names (A43). */
  allowScripts: z.boolean().optional(),
}

const perWindow = z.number().int().min(1).max(1_000_000_000).optional()
const rate = z.strictObject({ signedIn: perWindow, others: perWindow })

/** `config.json`. Unknown keys are kept: a newer host, or the original Atek, may have written them. */
const configFileSchema = z.looseObject({
  domain: z
    .string()
    .max(100)
    .regex(/^[a-z0-9.-]+$/)
    .optional(),
  port: z.number().int().min(0).max(65_535).optional(),
  /** Bearer tokens that act as `system` (PROTOCOL). At least 128 bits, or a guess could be lucky. */
  systemAuthTokens: z
    .array(z.string().regex(/^[0-9a-fA-F]{32,256}$/))
    .max(100)
    .optional(),
  /** Requests in 10 s, by class of endpoint, instead of the host's own numbers (C26). */
  rateLimits: z.strictObject({ app: rate, gateway: rate, page: rate, token: rate }).partial().optional(),
  /** Installed for everyone when the host starts, unless there is an app with this ID. */
  coreServices: z
    .array(z.looseObject({ id: appIdSchema, ...appSource }))
    .max(100)
    .optional(),
  /** Installed for each new user, as their main app; a source alone may be written as a text. */
  defaultMainService: z.union([sourceUrlSchema, z.looseObject(appSource)]).optional(),
  /** False: requests are counted, and nothing of them is kept. */
  recordTraffic: z.boolean().optional(),
})
export type ConfigFile = z.infer<typeof configFileSchema>

/**
 * Reads config.json; a missing file is an empty configuration. One that does not parse is CONFIG_DAMAGED with file
 * and line, and stays as it is: overwriting it would lose what the person had written.
 */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new AppError(
      'CONFIG_DAMAGED',
      `The configuration ${file} cannot be read. Check who may read it.`,
      undefined,
      {
        cause: error,
      },
    )
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    const line = lineOfSyntaxError(text, error)
    throw new AppError(
      'CONFIG_DAMAGED',
      `The configuration ${file} is not valid JSON (line ${line}). Correct it, or move the file away to start with the defaults.`,
      { file, line },
    )
  }
  const parsed = configFileSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const key = parsed.error.issues[0]?.path.join('.') || '(the whole file)'
  const line = lineOfKey(text, key.split('.')[0] ?? '')
  throw new AppError(
    'CONFIG_DAMAGED',
    `In the configuration ${file} (line ${line}), "${key}" has a wrong value. Correct it, or remove it to use the default.`,
    { file, line, key },
  )
}

/** Changes some keys of config.json and keeps the rest; atomically, and never over a file that does not parse. */
export async function updateConfigFile(file: string, patch: Partial<ConfigFile>): Promise<ConfigFile> {
  const next = { ...(await readConfigFile(file)), ...patch }
  await atomicWrite(file, `${JSON.stringify(next, null, 2)}\n`)
  return next
}

function lineOfSyntaxError(text: string, error: unknown): number {
  const message = error instanceof Error ? error.message : ''
  const position = /at position (\d+)/.exec(message)?.[1]
  // V8 names no position when the text ends too early: then it is the last line.
  const end = position === undefined ? text.length : Number(position)
  return text.slice(0, end).split('\n').length
}

function lineOfKey(text: string, key: string): number {
  const index = text.indexOf(JSON.stringify(key))
  return index < 0 ? 1 : text.slice(0, index).split('\n').length
}
