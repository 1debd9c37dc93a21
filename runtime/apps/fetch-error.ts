import { AppError } from '../contract/errors.ts'

const DISK = new Set(['ENOSPC', 'EDQUOT'])
const NETWORK = new Set([
  ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EPIPE'],
  ...[
    'ERR_SOCKET_TIMEOUT',
    'FETCH_ERROR',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
  ],
  ...['UND_ERR_SOCKET', 'EIDLETIMEOUT', 'ERESPONSETIMEOUT', 'ETRANSFERTIMEOUT', 'ECONNECTIONTIMEOUT'],
])

/** Codes of an error, its causes and its parts: libraries wrap what the system said. */
export function errorCodes(error: unknown, depth = 0): Set<string> {
  const codes = new Set<string>()
  if (!(error instanceof Error) || depth > 5) return codes
  if ('code' in error && typeof error.code === 'string') codes.add(error.code)
  const parts = error instanceof AggregateError ? error.errors : []
  for (const inner of [error.cause, ...parts]) for (const code of errorCodes(inner, depth + 1)) codes.add(code)
  return codes
}

const hasAny = (codes: Set<string>, wanted: Set<string>) => [...codes].some((code) => wanted.has(code))

/** An error of fetching or writing as a sentence for the person; null when it is none of the known ones. */
export function explainFetchError(error: unknown, where: string): AppError | null {
  if (error instanceof AppError) return error
  const codes = errorCodes(error)
  const as = (code: 'DISK_FULL' | 'SOURCE_UNREACHABLE' | 'SOURCE_INVALID', message: string) =>
    new AppError(code, message, undefined, { cause: error })
  if (hasAny(codes, DISK)) return as('DISK_FULL', 'The disk is full. Nothing was installed. Make room and try again.')
  if (hasAny(codes, NETWORK) || [...codes].some((code) => code.startsWith('ERR_TLS') || code.startsWith('CERT_'))) {
    return as('SOURCE_UNREACHABLE', `${where} does not answer. Check the address and your connection, then try again.`)
  }
  return null
}

/** As explainFetchError, with INTERNAL for the rest: its text goes to the log only (C51). */
export function fetchFailed(error: unknown): AppError {
  return (
    explainFetchError(error, 'The source') ??
    new AppError('INTERNAL', 'The app could not be installed. The log has the details.', undefined, { cause: error })
  )
}

export function cancelled(): AppError {
  return new AppError('CANCELLED', 'The installation was cancelled. Nothing was installed.')
}
