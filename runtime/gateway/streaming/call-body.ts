import { PassThrough, type Readable } from 'node:stream'
import { AppError } from '../../contract/errors.ts'
import { type RpcId, rpcRequestSchema } from '../../contract/jsonrpc.ts'
import { LIMITS } from '../../contract/limits.ts'
import { ObjectScanner, ScanError } from './object-scanner.ts'

/** The listener answers it as HTTP 413, like every body that is too long. */
export class CallTooLargeError extends AppError {
  constructor() {
    super('TOO_LARGE', `A call has at most ${LIMITS.rpcBodyBytes / 1024 / 1024} MB.`)
  }
}

/** A call's body: all of it; or its method, and a body for the provider that is still coming. */
export type CallBody = { whole: Buffer } | BegunCall

export interface BegunCall {
  method: string
  /** As the provider gets it: written anew around the parameters, which are passed on byte for byte. */
  forProvider: Readable
  /** Reads on to the end, whatever becomes of `forProvider`. PARSE_ERROR, BAD_REQUEST, TOO_LARGE; never unhandled. */
  finished: Promise<FinishedCall>
}

export interface FinishedCall {
  id: RpcId
  /** The id as JSON, as the caller wrote it; latin1. */
  idText: string
  notification: boolean
}

const headSchema = rpcRequestSchema.pick({ jsonrpc: true, method: true })
const idSchema = rpcRequestSchema.pick({ id: true })

/**
 * Takes a call's body: whole up to LIMITS.rpcWholeBytes, and always where `whole` is asked for; a longer one is begun as
 * soon as its method is known, which the clients write before the parameters. Where they stand first, the whole has to be
 * known before anybody can be called. TOO_LARGE above LIMITS.rpcBodyBytes.
 * @param options hold: told of each piece of a long body that stays in memory; may throw
 */
export async function readCallBody(
  body: Readable,
  { whole, hold }: { whole: boolean; hold(bytes: number): void },
): Promise<CallBody> {
  const iterator: AsyncIterator<Buffer> = body[Symbol.asyncIterator]()
  const pieces: Buffer[] = []
  let size = 0
  let looked = whole
  let held = 0
  for (;;) {
    const { value, done } = await next(iterator)
    if (done === true) return { whole: Buffer.concat(pieces, size) }
    pieces.push(value)
    size += value.length
    if (size > LIMITS.rpcBodyBytes) throw new CallTooLargeError()
    if (size <= LIMITS.rpcWholeBytes) continue
    if (!looked) {
      looked = true
      const begun = begin(pieces, size, iterator)
      if (begun !== null) return begun
    }
    // Short ones are bounded by how many calls there may be at a time.
    hold(held === 0 ? size : value.length)
    held = size
  }
}

function begin(pieces: Buffer[], size: number, iterator: AsyncIterator<Buffer>): BegunCall | null {
  let passed: Buffer[] = []
  const scanner = new ObjectScanner({
    pass: 'params',
    keep: ['jsonrpc', 'method', 'id'],
    sink: (piece) => passed.push(piece),
  })
  try {
    for (const piece of pieces) scanner.write(piece)
  } catch (error) {
    // Said of the whole, in the words for it.
    if (error instanceof ScanError) return null
    throw error
  }
  const head = headSchema.safeParse(Object.fromEntries(scanner.members))
  const [first] = passed
  if (!scanner.passing || !head.success || first === undefined || !'[{'.includes(String.fromCharCode(first[0] ?? 0))) {
    return null
  }
  const out = new PassThrough()
  // Told by `finished`; and whoever sends it hears of it, too.
  out.on('error', () => {})
  const write = async (piece: Buffer | string) => {
    if (out.destroyed || out.write(piece)) return
    await roomOrEnd(out)
  }
  const flush = async () => {
    const now = passed
    passed = []
    for (const piece of now) await write(piece)
  }
  const read = async () => {
    try {
      await write(`{"jsonrpc":"2.0","method":${JSON.stringify(head.data.method)},"params":`)
      await flush()
      for (let { value, done } = await next(iterator); done !== true; { value, done } = await next(iterator)) {
        size += value.length
        if (size > LIMITS.rpcBodyBytes) throw new CallTooLargeError()
        scanner.write(value)
        await flush()
      }
      scanner.end()
      const id = idSchema.safeParse(Object.fromEntries(scanner.members))
      if (!id.success) throw new AppError('BAD_REQUEST', 'The body is not a JSON-RPC 2.0 request.')
      const notification = id.data.id === undefined
      const idText = scanner.texts.get('id') ?? 'null'
      if (!out.destroyed) out.end(notification ? '}' : `,"id":${idText}}`, 'latin1')
      return { id: id.data.id ?? null, idText, notification }
    } catch (error) {
      // Cut off before its end: the provider must not take what it has for the whole.
      out.destroy(new Error('The call is not whole.'))
      if (error instanceof ScanError) throw new AppError('PARSE_ERROR', `The body is not valid JSON. ${error.message}`)
      throw error
    }
  }
  const finished = read()
  finished.catch(() => {})
  return { method: head.data.method, forProvider: out, finished }
}

/** Until more can be written, or nobody wants it any more. */
function roomOrEnd(out: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      out.off('drain', done).off('close', done)
      resolve()
    }
    out.on('drain', done).on('close', done)
  })
}

function next(iterator: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
  return iterator.next().catch((cause: unknown) => {
    throw new AppError('CANCELLED', 'The caller left before the call was whole.', undefined, { cause })
  })
}
