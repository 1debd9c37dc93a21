import { readFileSync } from 'node:fs'
import http from 'node:http'
import { userName } from './host.js'
import { send, sendPage } from './html.js'
import { page } from './page.js'
import { join } from './room.js'
import { accept } from './websocket.js'

const files = {
  '/style.css': ['text/css', readFileSync(new URL('style.css', import.meta.url))],
  '/script.js': ['text/javascript', readFileSync(new URL('script.js', import.meta.url))],
  '/icon.svg': ['image/svg+xml', readFileSync(new URL('icon.svg', import.meta.url))],
}

const server = http.createServer(async (request, response) => {
  const file = files[request.url]
  if (file) return send(response, 200, ...file)
  const user = request.headers['atek-auth-user']
  if (!user) return send(response, 401, 'text/plain', 'No user')
  sendPage(response, page(await userName(user)))
})

// The host has checked the session and the Origin before this is reached, and says who it is, as with any request.
server.on('upgrade', async (request, socket, head) => {
  socket.on('error', () => socket.destroy())
  const user = request.headers['atek-auth-user']
  if (!user || request.url !== '/socket') {
    return socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  }
  const name = (await userName(user)) ?? 'Somebody'
  if (socket.destroyed) return
  const connection = accept(request, socket, head)
  if (connection) join(connection, user, name)
})

server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
