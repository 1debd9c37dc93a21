/** WebSocket echo: each socket sends a message as soon as the one before has come back. */
import { WebSocket } from 'ws'

/**
 * @param {{ target: import('./contestants/types.ts').Target, cookie: string, sockets: number, bytes: number }} load
 * @param {number} seconds
 * @returns {Promise<import('./wrk.mjs').Figures>}
 */
export async function runWebSockets({ target, cookie, sockets, bytes }, seconds) {
  const message = Buffer.alloc(bytes, 'x')
  /** @type {number[]} */
  const times = []
  let errors = 0
  let over = false
  const open = await Promise.all(
    Array.from({ length: sockets }, () => {
      const headers = { Cookie: cookie, Host: target.host, Origin: `http://${target.host}` }
      const ws = new WebSocket(`ws://127.0.0.1:${target.port}/ws`, { headers, perMessageDeflate: false })
      return new Promise((done, fail) => ws.on('open', () => done(ws)).on('error', fail))
    }),
  )
  const from = performance.now()
  for (const ws of open) {
    let sent = performance.now()
    ws.on('message', () => {
      if (over) return
      const now = performance.now()
      times.push(now - sent)
      sent = now
      ws.send(message)
    })
    ws.on('error', () => errors++)
    ws.send(message)
  }
  await new Promise((done) => setTimeout(done, seconds * 1000))
  over = true
  const took = (performance.now() - from) / 1000
  for (const ws of open) ws.terminate()
  times.sort((a, b) => a - b)
  const at = (/** @type {number} */ part) => times[Math.floor(part * (times.length - 1))] ?? Number.NaN
  return { requests: times.length, perSecond: times.length / took, p50: at(0.5), p99: at(0.99), errors }
}
