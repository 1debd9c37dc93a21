import { readFile, rm } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../contract/errors.ts'
import { atomicWrite } from './atomic-write.ts'

/**
 * What a running host leaves in its config folder for the command line: where it listens, and a token of this run that
 * acts as `system`. Only its own account can read it (0600, in a folder of 0700), and that account could read the
 * database as well. The token is new at every start, so that a file which a killed host left opens nothing.
 */
const hostFileSchema = z.object({
  pid: z.number().int().positive(),
  port: z.number().int().min(1).max(65_535),
  domain: z.string().min(1).max(100),
  token: z.string().min(32).max(256),
})
export type HostFile = z.infer<typeof hostFileSchema>

export async function writeHostFile(file: string, host: HostFile): Promise<void> {
  await atomicWrite(file, `${JSON.stringify(host, null, 2)}\n`)
}

/** Missing is fine. */
export async function removeHostFile(file: string): Promise<void> {
  await rm(file, { force: true })
}

/** null when there is none. FORBIDDEN when this account may not read it, NOT_FOUND when it is no such file. */
export async function readHostFile(file: string): Promise<HostFile | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    const message = `${file} cannot be read. Use the account that the host runs under.`
    throw new AppError('FORBIDDEN', message, undefined, { cause: error })
  }
  const parsed = hostFileSchema.safeParse(parse(text))
  if (parsed.success) return parsed.data
  throw new AppError('NOT_FOUND', `${file} is damaged. Stop the host and start it again; it writes the file anew.`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
