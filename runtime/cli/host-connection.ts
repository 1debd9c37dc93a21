import { request } from 'node:http'
import { z } from 'zod'
import { AppError, ERRORS, type ErrorCode } from '../contract/errors.ts'
import { type HostFile, readHostFile } from '../core/host-file.ts'
import { hostPaths } from '../core/host-paths.ts'
import { isConfigFolderLocked } from '../storage/lock.ts'

const answerSchema = z.object({
  jsonrpc: z.literal('2.0'),
  result: z.unknown().optional(),
  error: z.object({ message: z.string(), data: z.object({ code: z.string() }).optional().catch(undefined) }).optional(),
})

/** A running host, called through its gateway as `system`. */
export class HostConnection {
  readonly #host: HostFile

  private constructor(host: HostFile) {
    this.#host = host
  }

  /** NOT_FOUND when no host runs on this folder, or one that is not ready yet; FORBIDDEN for another account. */
  static async open(configFolder: string): Promise<HostConnection> {
    const paths = hostPaths(configFolder)
    // Another account learns here that it may not, and not further down that no host runs.
    await readHostFile(paths.hostFile)
    // The file alone proves nothing: a killed host leaves it, and its port may be another program's by now, which must
    // not be handed a password. Who holds the lock has removed what was left before, so the file is that host's own.
    if (!isConfigFolderLocked(paths.lock)) {
      throw new AppError(
        'NOT_FOUND',
        `No host is running on ${paths.config}. Start it with "run", or name its folder with --configDir.`,
      )
    }
    const host = await readHostFile(paths.hostFile)
    if (host === null) {
      throw new AppError(
        'NOT_FOUND',
        `The host on ${paths.config} is just starting or stopping. Try again in a moment.`,
      )
    }
    return new HostConnection(host)
  }

  get address(): string {
    return `http://atek.${this.#host.domain}:${this.#host.port}`
  }

  appAddress(id: string): string {
    return `http://${id}.${this.#host.domain}:${this.#host.port}`
  }

  /** Throws the host's own error. `schema` is what the answer must look like. */
  async call<S extends z.ZodType>(schema: S, api: string, method: string, ...params: unknown[]): Promise<z.output<S>> {
    const { status, body } = await this.#post(
      `/_atek/gateway?api=${encodeURIComponent(api)}`,
      JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    )
    // What listens there does not know the token, so it is not the host that wrote the file: that one has just ended.
    if (status === 401) throw new AppError('NOT_SIGNED_IN', 'The host was started anew meanwhile. Try again.')
    const answer = answerSchema.safeParse(body)
    if (!answer.success) throw new AppError('INTERNAL', `The host answered with status ${status}. Its log may say why.`)
    if (answer.data.error !== undefined) {
      const { message, data } = answer.data.error
      throw new AppError(data !== undefined && isErrorCode(data.code) ? data.code : 'INTERNAL', message)
    }
    const result = schema.safeParse(answer.data.result)
    if (result.success) return result.data
    throw new AppError('INTERNAL', `The host's answer to ${method} is not of this version. Use the host's own cli.js.`)
  }

  #post(path: string, text: string): Promise<{ status: number; body: unknown }> {
    const { port, domain, token } = this.#host
    return new Promise((resolve, reject) => {
      const failed = (cause: unknown) =>
        reject(new AppError('NOT_FOUND', 'The host ended before it answered. Start it again.', undefined, { cause }))
      const call = request(
        {
          // The address and not the name: what a domain resolves to is somebody else's to say.
          host: '127.0.0.1',
          port,
          path,
          method: 'POST',
          headers: {
            Host: `${domain}:${port}`,
            Authorization: `Bearer ${token}`,
            'Content-Type': 'application/json',
            'Content-Length': Buffer.byteLength(text),
          },
        },
        (answer) => {
          const pieces: Buffer[] = []
          answer.on('data', (piece: Buffer) => pieces.push(piece))
          answer.on('error', failed)
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, body: parse(Buffer.concat(pieces).toString()) }),
          )
        },
      )
      call.on('error', failed)
      call.end(text)
    })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}
