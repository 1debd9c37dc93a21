import { AppError } from '../../contract/errors.ts'

/** What undici and node:http throw, as errors that a person may read. The cause is kept for the log and the record. */
export function answerError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const code = codeOf(error)
  const options = { cause: error }
  if (TIMEOUTS.has(code)) return new AppError('APP_TIMEOUT', 'The app did not answer in time.', undefined, options)
  // undici's parser errors do not always have a code.
  const unparsed = error instanceof Error && error.name === 'HTTPParserError'
  if (unparsed || code.startsWith('HPE_') || BAD_ANSWERS.has(code)) {
    return new AppError('APP_BAD_ANSWER', 'The app gave an answer that is not valid HTTP.', undefined, options)
  }
  if (BAD_REQUESTS.has(code)) {
    return new AppError('BAD_REQUEST', 'The request cannot be passed on as it is.', undefined, options)
  }
  // A connection that the app closed while we waited (UND_ERR_SOCKET), and one that was never there.
  return new AppError('APP_UNREACHABLE', UNREACHABLE.get(code) ?? 'The app cannot be reached.', undefined, options)
}

const UNTRUSTED =
  'Its certificate is not trusted by this computer. Have this computer trust the authority that issued it.'

/** Mostly of apps that live elsewhere (C23). */
const UNREACHABLE = new Map([
  ['ECONNREFUSED', 'Nothing answers at its address.'],
  ['ENOTFOUND', 'Its name is not known: there is no such address, or no network.'],
  ['EAI_AGAIN', 'Its name could not be looked up. Check the network.'],
  ['EHOSTUNREACH', 'There is no way to its address. Check the network.'],
  ['ENETUNREACH', 'There is no way to its address. Check the network.'],
  ['CERT_HAS_EXPIRED', 'Its certificate has expired.'],
  ['CERT_NOT_YET_VALID', 'Its certificate is not valid yet. Check the clock of this computer.'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'Its certificate was made for another name.'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', `It signed its certificate itself. ${UNTRUSTED}`],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNTRUSTED],
  ['CERT_UNTRUSTED', UNTRUSTED],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'It does not speak TLS. Its address may begin with http:// and not https://.'],
  ['EPROTO', 'It does not speak TLS as this computer does. Its address may begin with http:// and not https://.'],
])

const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'])
const BAD_ANSWERS = new Set([
  // Of our own client (BadAnswer).
  'APP_ANSWER',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
])
const BAD_REQUESTS = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'])

/** Exact words for the record: an error's code and text, of the cause where there is one. */
export function errorWords(error: AppError): string {
  const cause = error.cause
  if (!(cause instanceof Error)) return error.message
  const code = codeOf(cause)
  return code === '' ? `${error.message} (${cause.message})` : `${error.message} (${code}: ${cause.message})`
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}
