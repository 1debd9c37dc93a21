import type { Recorder } from '../traffic/recorder.ts'

export interface TrafficLoad {
  perSecond: number
  seconds: number
}

/**
 * Puts made-up requests through a real recorder at a steady rate, as the listener does: begun, told who calls, passed
 * on, answered, ended. Resolves with how many there were and how long the thread was held up at most, in milliseconds.
 *
 * It stands for itself and imports nothing: tests of the desktop send its text to Electron's main process.
 */
export async function driveTraffic(
  recorder: Recorder,
  { perSecond, seconds }: TrafficLoad,
): Promise<{ made: number; longestPause: number }> {
  const users = ['alice', 'bob', 'carol', 'dave'].map((username, at) => ({
    userKey: String(at + 1).repeat(32),
    username,
    serviceKey: null,
    serviceId: null,
  }))
  const apps = ['notes', 'tasks', 'photos', 'mail', 'files', 'chat', 'wiki'].map((id, at) => ({
    id,
    key: 'abcdef0'.charAt(at).repeat(32),
  }))
  const methods = ['GET', 'GET', 'GET', 'POST', 'PUT']
  const headers = [
    ['Host', 'notes.localhost:8420', 'User-Agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0'],
    ['Accept', 'text/html,*/*;q=0.8', 'Accept-Language', 'en-GB,en;q=0.9', 'Accept-Encoding', 'gzip, deflate, br'],
    ['Cookie', 'theme=dark; seen=1', 'Referer', 'http://notes.localhost:8420/', 'Connection', 'keep-alive'],
  ].flat()
  const answer = [
    'Content-Type',
    'application/json; charset=utf-8',
    'Content-Length',
    '1024',
    'Cache-Control',
    'no-store',
  ]
  const total = Math.round(perSecond * seconds)
  const began = performance.now()
  let made = 0
  let longestPause = 0
  let last = began
  while (made < total) {
    const now = performance.now()
    longestPause = Math.max(longestPause, now - last)
    const due = Math.min(total, Math.floor(((now - began) / 1000) * perSecond))
    for (; made < due; made++) {
      const app = apps[made % apps.length] ?? { id: '', key: '' }
      const exchange = recorder.begin({
        kind: 'http',
        appKey: app.key,
        appId: app.id,
        method: methods[made % methods.length] ?? 'GET',
        path: `/api/items/${made % 9973}?page=${made % 13}`,
        requestHeaders: headers,
      })
      const user = users[made % users.length]
      if (user !== undefined) exchange.caller(user)
      exchange.forwarded()
      exchange.head(made % 500 === 0 ? 500 : made % 50 === 0 ? 404 : 200, answer)
      exchange.bytes(0, 1024)
      exchange.end()
    }
    last = performance.now()
    await new Promise((turn) => setTimeout(turn, 1))
  }
  return { made, longestPause }
}
