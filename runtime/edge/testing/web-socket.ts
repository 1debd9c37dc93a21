import { WebSocket } from 'ws'

export interface OpenedWebSocket {
  socket: WebSocket
  ask(text: string): Promise<string>
  closed: Promise<{ code: number; reason: string }>
}

/** Opens a WebSocket through the host, or rejects with the HTTP status that it was refused with. */
export function openWebSocket(
  port: number,
  path: string,
  headers: Record<string, string | string[]>,
  name: string,
): Promise<OpenedWebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { Host: `${name}:${port}`, ...headers } })
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
  )
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      reject(response.statusCode)
    })
    socket.on('error', reject)
    socket.on('open', () => {
      const ask = (text: string) =>
        new Promise<string>((answer) => {
          socket.once('message', (data) => answer(String(data)))
          socket.send(text)
        })
      resolve({ socket, ask, closed })
    })
  })
}
