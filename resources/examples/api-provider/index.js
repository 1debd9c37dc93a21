import { readFileSync } from 'node:fs'
import http from 'node:http'
import { API, handle } from './api.js'
import { userName } from './host.js'
import { send, sendPage } from './html.js'
import { page } from './page.js'

const MOST_BYTES = 100_000
const MOST_CALLS = 50

const files = {
  '/style.css': ['text/css', readFileSync(new URL('style.css', import.meta.url))],
  '/icon.svg': ['image/svg+xml', readFileSync(new URL('icon.svg', import.meta.url))],
}

/** The latest calls first, for the page; in memory only. */
const calls = []

async function readJson(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= MOST_BYTES) chunks.push(chunk)
  }
  if (size > MOST_BYTES) return null
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return null
  }
}

async function answerCall(request, response, user) {
  // Browsers of people reach this path, too. What they call is the same API, as themselves and not as an app.
  const service = request.headers['atek-auth-service']
  const rpc = await readJson(request)
  const answer = handle(rpc, { user, service })
  calls.unshift({ at: Date.now(), user, service, rpc, answer })
  calls.length = Math.min(calls.length, MOST_CALLS)
  send(response, 200, 'application/json', JSON.stringify(answer))
}

async function answer(request, response) {
  const file = files[request.url]
  if (file) return send(response, 200, ...file)
  const user = request.headers['atek-auth-user']
  if (!user) return send(response, 401, 'text/plain', 'No user')
  if (request.method === 'POST' && request.url === '/api') return answerCall(request, response, user)

  // A person sees the calls that were made for her, by her apps or by those that are everybody's.
  const own = calls.filter((call) => call.user === user || call.user === 'system')
  sendPage(response, page({ name: await userName(user), user, calls: own, api: API }))
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error)
    if (!response.headersSent) send(response, 500, 'text/plain', 'Something went wrong. The log has the details.')
    else response.destroy()
  })
})

server.listen(process.env.ATEK_ASSIGNED_SOCKET_FILE)
