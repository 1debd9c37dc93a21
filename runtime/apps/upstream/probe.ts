import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { LIMITS } from '../../contract/limits.ts'
import { answerError } from '../client/client-errors.ts'
import { systemAuthorities } from './authorities.ts'

/**
 * Whether something listens at an origin, and for https with a certificate that this computer trusts. A connection
 * only, no request: the app's own log stays as it is.
 * @returns null, or the reason as a sentence
 */
export function probe(
  origin: string,
  options: { authorities: readonly string[] | undefined; signal?: AbortSignal },
): Promise<string | null> {
  const url = new URL(origin)
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  return new Promise((resolve) => {
    const done = (reason: string | null) => {
      socket.destroy()
      resolve(reason)
    }
    const { authorities = systemAuthorities() } = options
    const socket = secure
      ? connectTls({ host, port, servername: /^[\d.]+$|:/.test(host) ? '' : host, ca: [...authorities] }, () =>
          done(null),
        )
      : connect({ host, port }, () => done(null))
    socket.setTimeout(LIMITS.upstreamConnectTimeout, () => done('It does not answer in time.'))
    socket.on('error', (error) => done(answerError(error).message))
    options.signal?.addEventListener('abort', () => done(null), { once: true })
  })
}
