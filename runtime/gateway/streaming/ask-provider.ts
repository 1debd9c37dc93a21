import { Readable } from 'node:stream'
import type { AppClient } from '../../apps/client/app-client.ts'
import { answerError } from '../../apps/client/client-errors.ts'
import type { AppRequest } from '../../apps/client/types.ts'
import { AppError } from '../../contract/errors.ts'
import type { RpcId } from '../../contract/jsonrpc.ts'
import { LIMITS } from '../../contract/limits.ts'
import { ObjectScanner } from './object-scanner.ts'

/** A provider's answer: all of it; or a result that is still coming, as its bytes, which errors if it is cut off. */
export type ProviderAnswer = { status: number; body: Buffer } | { result: Readable }

/**
 * Asks a provider. An answer up to LIMITS.rpcWholeBytes is taken whole; a longer one is handed on while it comes, once
 * it is known to be a JSON-RPC result. Rejects as AppClient.request; APP_BAD_ANSWER above LIMITS.rpcBodyBytes.
 * @param options hold: told of each piece of a long answer that stays in memory; may throw
 */
export function askProvider(
  client: AppClient,
  appKey: string,
  request: AppRequest,
  { signal, hold }: { signal: AbortSignal; hold(bytes: number): void },
): Promise<ProviderAnswer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled())
    let status = 0
    let size = 0
    let pieces: Buffer[] = []
    let looked = false
    let held = 0
    let open: { out: Readable; scanner: ObjectScanner } | null = null
    const fail = (error: AppError) => {
      signal.removeEventListener('abort', onAbort)
      if (open === null) reject(error)
      else open.out.destroy(error)
    }
    const stop = (error: AppError) => {
      call.abort()
      fail(error)
    }
    const onAbort = () => stop(cancelled())

    /** True when there is room for more. */
    const feed = (at: NonNullable<typeof open>, piece: Buffer): boolean => {
      at.scanner.write(piece)
      return at.out.readableLength < at.out.readableHighWaterMark
    }
    const begin = (): typeof open => {
      const out = new Readable({
        read: () => call.resume(),
        destroy(error, done) {
          signal.removeEventListener('abort', onAbort)
          call.abort()
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
        for (const piece of pieces) scanner.write(piece)
      } catch {
        // Read as a whole it gets the words for it.
        return null
      }
      const known = scanner.passing && scanner.members.get('jsonrpc') === '2.0' && !scanner.members.has('error')
      return known && status >= 200 && status <= 299 ? { out, scanner } : null
    }

    const call = client.dispatch(appKey, request, {
      head(answered) {
        status = answered
      },
      data(piece) {
        size += piece.length
        if (size > LIMITS.rpcBodyBytes) {
          stop(new AppError('APP_BAD_ANSWER', `The app answered with more than ${LIMITS.rpcBodyBytes} bytes.`))
          return true
        }
        if (open !== null) {
          try {
            return feed(open, piece)
          } catch {
            stop(new AppError('APP_BAD_ANSWER', 'The app answered with something that is not JSON-RPC.'))
            return true
          }
        }
        pieces.push(piece)
        if (size <= LIMITS.rpcWholeBytes) return true
        if (!looked) {
          looked = true
          open = begin()
          if (open !== null) {
            pieces = []
            resolve({ result: open.out })
            return false
          }
        }
        try {
          hold(held === 0 ? size : piece.length)
          held = size
        } catch (error) {
          stop(answerError(error))
        }
        return true
      },
      end() {
        signal.removeEventListener('abort', onAbort)
        if (open === null) return resolve({ status, body: Buffer.concat(pieces, size) })
        try {
          open.scanner.end()
          if (open.scanner.members.has('error')) throw new Error('It has a result and an error.')
          open.out.push(null)
        } catch {
          open.out.destroy(new AppError('APP_BAD_ANSWER', 'The app answered with something that is not JSON-RPC.'))
        }
      },
      error: fail,
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** The answer to the caller around a result that is still coming. */
export function resultStream(id: RpcId, result: Readable): Readable {
  async function* whole() {
    yield Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`)
    yield* result
    yield Buffer.from('}')
  }
  return Readable.from(whole(), { objectMode: false })
}

function cancelled(): AppError {
  return new AppError('CANCELLED', 'The call was cancelled.')
}
