import { request } from 'node:http'
import { LIMITS } from '../../contract/limits.ts'
import { type Clock, delay } from '../../core/clock.ts'

/** What an app that was not ready in time did: it tells the person what to look for. */
export type NotReady = 'not-listening' | 'not-answering'

/**
 * Asks `HEAD /` on the socket until it is answered, with any status (PROTOCOL). Resolves null when ready, else what
 * was missing after `ms`. Rejects with the signal's reason.
 */
export async function waitUntilReady(
  socketPath: string,
  ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<NotReady | null> {
  const timeUp = new AbortController()
  const timer = clock.after(ms, () => timeUp.abort())
  const either = AbortSignal.any([signal, timeUp.signal])
  let seen: NotReady = 'not-listening'
  try {
    for (;;) {
      const answer = await askOnce(socketPath, either)
      signal.throwIfAborted()
      if (answer === 'answered') return null
      if (answer === 'connected') seen = 'not-answering'
      if (timeUp.signal.aborted) return seen
      await delay(clock, LIMITS.appReadyPoll, either).catch(() => {})
      signal.throwIfAborted()
    }
  } finally {
    timer.dispose()
  }
}

function askOnce(socketPath: string, signal: AbortSignal): Promise<'answered' | 'connected' | 'refused'> {
  return new Promise((resolve) => {
    let connected = false
    const ask = request({
      socketPath,
      method: 'HEAD',
      path: '/',
      agent: false,
      signal,
      // C21: not even the host's own question reaches an app without both headers.
      headers: { host: 'localhost', 'atek-auth-user': 'system', 'atek-auth-service': 'system' },
    })
    ask.on('socket', (socket) =>
      socket.on('connect', () => {
        connected = true
      }),
    )
    ask.on('response', (response) => {
      response.resume()
      ask.destroy()
      resolve('answered')
    })
    ask.on('error', () => resolve(connected ? 'connected' : 'refused'))
    ask.end()
  })
}
