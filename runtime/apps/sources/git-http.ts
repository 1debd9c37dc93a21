import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git'
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici'
import { AppError } from '../../contract/errors.ts'
import { LIMITS } from '../../contract/limits.ts'
import { isGitAddress } from './parse-source.ts'

const REDIRECTS = 5

/**
 * HTTP for isomorphic-git: ends with the signal, is bounded in time and bytes, and follows redirects only to
 * addresses that the person could have typed. A server on the internet cannot lead to one on this computer.
 */
export function gitHttp(signal: AbortSignal): HttpClient & { close(): Promise<void> } {
  let left: number = LIMITS.packageBytes
  const timeouts = { headersTimeout: LIMITS.sourceTimeout, bodyTimeout: LIMITS.sourceTimeout }
  const direct = new Agent(timeouts)
  const proxied = new EnvHttpProxyAgent(timeouts)

  async function* counted(body: AsyncIterable<Uint8Array>): AsyncIterableIterator<Uint8Array> {
    for await (const chunk of body) {
      left -= chunk.length
      if (left < 0) throw tooLarge()
      yield chunk
    }
  }

  const ask = async (
    address: string,
    call: GitHttpRequest,
    body: Buffer | null,
    hops: number,
  ): Promise<GitHttpResponse> => {
    const url = new URL(address)
    if (!isGitAddress(url)) {
      throw new AppError(
        'SOURCE_INVALID',
        'The git address leads to another one that is not https. Use that one, if you trust it.',
      )
    }
    const local = url.protocol === 'http:'
    const response = await request(url, {
      method: (call.method ?? 'GET') as Dispatcher.HttpMethod,
      headers: { ...call.headers, 'user-agent': 'git/2.40 (atek-desktop)' },
      body,
      signal,
      dispatcher: local ? direct : proxied,
    })
    const location = response.headers.location
    if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
      await response.body.dump()
      const next = new URL(location, url)
      if (hops === 0) throw new AppError('SOURCE_INVALID', 'The git address is redirected in a circle. Check it.')
      if (next.protocol === 'http:' && !local) {
        throw new AppError(
          'SOURCE_INVALID',
          'The git address leads to one on this computer, which a server may not do.',
        )
      }
      return ask(next.href, call, body, hops - 1)
    }
    return {
      url: url.href,
      method: call.method ?? 'GET',
      headers: flat(response.headers),
      body: counted(response.body),
      statusCode: response.statusCode,
      statusMessage: String(response.statusCode),
    }
  }

  return {
    async request(call) {
      const chunks: Uint8Array[] = []
      if (call.body !== undefined) for await (const chunk of call.body) chunks.push(chunk)
      return ask(call.url, call, chunks.length === 0 ? null : Buffer.concat(chunks), REDIRECTS)
    },
    async close() {
      await Promise.all([direct.destroy(), proxied.destroy()])
    },
  }
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return result
}

export function tooLarge(): AppError {
  return new AppError(
    'TOO_LARGE',
    `The app is larger than ${LIMITS.packageBytes / 1024 ** 3} GB, which Atek does not install.`,
  )
}
