import { readFileSync } from 'node:fs'
import http from 'node:http'
import { userName } from './host.js'
import { send, sendPage } from './html.js'
import { page } from './page.js'

const files = {
  '/style.css': ['text/css', readFileSync(new URL('style.css', import.meta.url))],
  '/icon.svg': ['image/svg+xml', readFileSync(new URL('icon.svg', import.meta.url))],
}

const server = http.createServer(async (request, response) => {
  const file = files[request.url]
  if (file) return send(response, 200, ...file)
  const user = request.headers['atek-auth-user']
  // Only the host sets this header, and it never leaves it out for a person: without it, it was asked by nobody.
  if (!user) return send(response, 401, 'text/plain', 'No user')
  sendPage(response, page({ name: await userName(user), request, env: process.env }))
})

server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
