import { Readable } from 'node:stream'
import type { AppClient } from '../../apps/client/app-client.ts'
import { answerError } from '../../apps/client/client-errors.ts'
import type { AnswerHandler, AppCall, AppRequest } from '../../apps/client/types.ts'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import type { CallerLeft } from '../../core/caller-left.ts'
import { ObjectScanner } from './object-scanner.ts'

/**
 * A provider's answer: all of it, its bytes as latin1; or a result that is still coming, as its bytes, which errors if it
 * is cut off.
 */
export type ProviderAnswer = { status: number; body: string } | { result: Readable }

/**
 * Asks a provider. An answer up to LIMITS.rpcWholeBytes is taken whole; a longer one is handed on while it comes, once
 * it is known to be a JSON-RPC result. Rejects as AppClient.request; APP_BAD_ANSWER above LIMITS.rpcBodyBytes.
 * @param of held: told of each piece of a long answer that stays in memory; may throw
 */
export function askProvider(
  client: Pick<AppClient, 'dispatch'>,
  appKey: string,
  request: AppRequest,
  of: { left: CallerLeft; held: { add(bytes: number): void } },
): Promise<ProviderAnswer> {
  if (of.left.already) return Promise.reject(cancelled())
  return new Promise((resolve, reject) => {
    const answer = new Answer(of, resolve, reject)
    answer.call = client.dispatch(appKey, request, answer)
    of.left.listen(() => answer.stop(cancelled()))
  })
}

/** The answer while it comes. */
class Answer implements AnswerHandler {
  call: AppCall | null = null
  readonly #of: { left: CallerLeft; held: { add(bytes: number): void } }
  readonly #resolve: (answer: ProviderAnswer) => void
  readonly #reject: (error: AppError) => void
  #status = 0
  #size = 0
  #pieces: Buffer[] = []
  #looked = false
  #held = 0
  #open: { out: Readable; scanner: ObjectScanner } | null = null

  constructor(
    of: { left: CallerLeft; held: { add(bytes: number): void } },
    resolve: (answer: ProviderAnswer) => void,
    reject: (error: AppError) => void,
  ) {
    this.#of = of
    this.#resolve = resolve
    this.#reject = reject
  }

  whole(status: number, _statusText: string, _headers: string[], body: string): void {
    this.#of.left.listen(null)
    this.#resolve({ status, body })
  }

  head(status: number): void {
    this.#status = status
  }

  data(piece: Buffer): boolean {
    this.#size += piece.length
    if (this.#size > LIMITS.rpcBodyBytes) {
      this.stop(new AppError('APP_BAD_ANSWER', `The app answered with more than ${LIMITS.rpcBodyBytes} bytes.`))
      return true
    }
    if (this.#open !== null) {
      const { out, scanner } = this.#open
      try {
        scanner.write(piece)
      } catch {
        this.stop(notJsonRpc())
        return true
      }
      return out.readableLength < out.readableHighWaterMark
    }
    this.#pieces.push(piece)
    if (this.#size <= LIMITS.rpcWholeBytes) return true
    if (!this.#looked) {
      this.#looked = true
      this.#open = this.#begin()
      if (this.#open !== null) {
        this.#pieces = []
        this.#resolve({ result: this.#open.out })
        return false
      }
    }
    try {
      this.#of.held.add(this.#held === 0 ? this.#size : piece.length)
      this.#held = this.#size
    } catch (error) {
      this.stop(answerError(error))
    }
    return true
  }

  end(): void {
    this.#of.left.listen(null)
    if (this.#open === null) {
      const body = Buffer.concat(this.#pieces, this.#size).toString('latin1')
      this.#resolve({ status: this.#status, body })
      return
    }
    const { out, scanner } = this.#open
    try {
      scanner.end()
      if (scanner.members.has('error')) throw new Error('It has a result and an error.')
      out.push(null)
    } catch {
      out.destroy(notJsonRpc())
    }
  }

  error(error: AppError): void {
    this.#of.left.listen(null)
    if (this.#open === null) this.#reject(error)
    else this.#open.out.destroy(error)
  }

  stop(error: AppError): void {
    this.call?.abort()
    this.error(error)
  }

  #begin(): { out: Readable; scanner: ObjectScanner } | null {
    const out = new Readable({
      read: () => this.call?.resume(),
      destroy: (error, done) => {
        this.#of.left.listen(null)
        this.call?.abort()
        done(error)
      },
    })
    // Whoever reads it hears of an error all the same. An app may break off before anybody does, while the call itself is
    // still coming: unheard, the error would end the host (A45).
    out.on('error', () => {})
    const scanner = new ObjectScanner({
      pass: 'result',
      keep: ['jsonrpc', 'error'],
      sink: (piece) => void out.push(piece),
    })
    try {
      for (const piece of this.#pieces) scanner.write(piece)
    } catch {
      // Read as a whole it gets the words for it.
      return null
    }
    const known = scanner.passing && scanner.members.get('jsonrpc') === '2.0' && !scanner.members.has('error')
    return known && this.#status >= 200 && this.#status <= 299 ? { out, scanner } : null
  }
}

/**
 * The answer to the caller around a result that is still coming.
 * @param idText the id as JSON, latin1
 */
export function resultStream(idText: string, result: Readable): Readable {
  async function* whole() {
    yield Buffer.from(`{"jsonrpc":"2.0","id":${idText},"result":`, 'latin1')
    yield* result
    yield Buffer.from('}')
  }
  return Readable.from(whole(), { objectMode: false })
}

function notJsonRpc(): AppError {
  return new AppError('APP_BAD_ANSWER', 'The app answered with something that is not JSON-RPC.')
}

function cancelled(): AppError {
  return new AppError('CANCELLED', 'The call was cancelled.')
}
